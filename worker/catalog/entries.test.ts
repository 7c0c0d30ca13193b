import { recordedToolkit } from '../../testing/exchanges/recorded';
import listed from '../../testing/exchanges/vectors/mcp/list-fixtures.json';
import catalogued from '../../testing/exchanges/vectors/worker/tools-fixtures.json';
import { toolOf } from '../../testing/worker/both-routes';
import { readFixtureTools } from '../../testing/worker/fixtures';
import { isObject } from '../json';
import { defineTool, z } from './define-tool';
import { loadCatalog } from './load';

const catalog = loadCatalog(recordedToolkit, readFixtureTools());

test("the catalogue equals the Python server's, including the order of fields", () => {
  expect(catalog.tools.length).toBeGreaterThan(30);
  expect(JSON.parse(catalog.engineJson)).toEqual(catalogued.response.body);
  expect(catalog.engineJson).toBe(JSON.stringify(catalogued.response.body));
});

test("the MCP tool list equals the Python server's", () => {
  expect(catalog.mcpTools.map(({ mcp }) => mcp)).toEqual(listed.response.body.result.tools);
});

test('MCP clients get the rules of a schema, the engine gets only the type', () => {
  const rules = defineTool({
    description: 'Rules.',
    input: z.strictObject({
      name: z.string().min(1).max(3).describe('A name.'),
      count: z.int().min(2).describe('A count.'),
      kinds: z
        .array(z.enum(['a', 'b']))
        .max(2)
        .describe('Kinds.'),
    }),
    output: z.strictObject({ kind: z.enum(['a']).nullable() }),
    examples: [{ input: { name: 'x', count: 2, kinds: [] }, output: { kind: null } }],
    run: () => ({ kind: null }),
  });
  const [tool] = loadCatalog(recordedToolkit, new Map([['rules', rules]])).tools;
  expect(tool?.mcp.inputSchema.properties).toEqual({
    name: { type: 'string', minLength: 1, maxLength: 3, description: 'A name.' },
    count: { type: 'integer', minimum: 2, description: 'A count.' },
    kinds: { type: 'array', items: { type: 'string', enum: ['a', 'b'] }, maxItems: 2, description: 'Kinds.' },
  });
  expect(tool?.mcp.outputSchema?.properties).toEqual({ kind: { type: ['string', 'null'], enum: ['a', null] } });
  expect(tool?.engine.input.parameters[2]?.value_schema).toMatchObject({ inner_val_type: 'string', enum: ['a', 'b'] });
  expect(tool?.readInputs({ name: 'long', count: '2', kinds: ['a', 'c'] })).toMatchObject({ ok: false });
  expect(tool?.readInputs({ name: 'long', count: '1', kinds: [] })).toMatchObject({
    ok: false,
    issues: { listed: [{ path: 'name' }, { path: 'count' }] },
  });
  expect(tool?.readInputs({ name: 'x', count: '2', kinds: [] })).toEqual({
    ok: true,
    value: { name: 'x', count: 2, kinds: [] },
  });
});

test('a nullable parameter may be omitted, a nullable member of an object may not', () => {
  const person = z.strictObject({ name: z.string().nullable() });
  const asked = defineTool({
    description: 'Ask.',
    input: z.strictObject({
      nickname: z.string().nullable().describe('A nickname.'),
      person: person.describe('A person.'),
    }),
    output: z.string(),
    examples: [{ input: { nickname: null, person: { name: null } }, output: 'x' }],
    requires: { secrets: [] },
    run: () => 'x',
  });
  const [tool] = loadCatalog(recordedToolkit, new Map([['asked', asked]])).tools;
  expect(tool?.engine.input.parameters.map(({ name, required }) => [name, required])).toEqual([
    ['nickname', false],
    ['person', true],
  ]);
  expect(tool?.mcp.inputSchema.required).toEqual(['person']);
  expect(tool?.readInputs({ person: { name: 'A' } })).toEqual({
    ok: true,
    value: { nickname: null, person: { name: 'A' } },
  });
  expect(tool?.readInputs({ person: {} })).toMatchObject({ ok: false });
  expect(tool?.needsCredentials).toBe(false);
});

test('publishes a default only if it is constant and valid', () => {
  let count = 0;
  const entry = entryOf({
    limit: z.int().default(10),
    kinds: z.array(z.string()).default([]),
    order: z.enum(['up', 'down']).default('up'),
    nested: z.strictObject({ deep: z.boolean().default(false) }),
    trimmed: z.string().trim().default(' a '),
    broken: z.email().default(''),
    thrown: z.string().default(() => {
      throw new Error('x');
    }),
    counted: z.int().default(() => (count += 1)),
    now: z.string().default(() => new Date().toISOString()),
    nothing: z.string().nullable().default(null),
  });
  const { properties } = entry.mcp.inputSchema;
  const withDefault = Object.entries(isObject(properties) ? properties : {}).filter(
    ([, schema]) => 'default' in Object(schema),
  );
  expect(withDefault.map(([name]) => name)).toEqual(['limit', 'kinds', 'order']);
  expect(properties).toMatchObject({
    limit: { default: 10 },
    kinds: { default: [] },
    order: { default: 'up' },
    nested: { properties: { deep: { default: false } } },
  });
  // The engine's catalogue cannot express a default (arcade-mcp-server 1.26.0).
  expect(JSON.stringify(entry.engine)).not.toContain('"default"');
});

test('publishes only rules that all JSON Schema validators understand alike', () => {
  const { properties } = entryOf({
    end: z.string().endsWith('.md'),
    hash: z.hash('md5'),
    script: z.string().regex(/^\p{L}+$/u),
    two: z.string().regex(/^a/).regex(/b$/),
    known: z.string().min(2).meta({ id: 'known' }),
    link: z.url(),
    day: z.iso.date(),
    share: z.number().min(0).multipleOf(0.01),
    port: z.uint32().max(65_535),
    list: z.array(z.string().min(1).describe('One of them.')).max(3),
    limits: z.record(z.string().regex(/^[a-z]+$/), z.int().min(1)),
    regions: z.partialRecord(z.enum(['eu', 'us']), z.string()),
    pay: z.discriminatedUnion('by', [
      z.strictObject({ by: z.literal('card'), number: z.string(), note: z.string().optional() }),
      z.strictObject({ by: z.literal('cash'), note: z.string() }),
    ]),
  }).mcp.inputSchema;
  const description = 'A value.';
  expect(properties).toEqual({
    end: { type: 'string', pattern: String.raw`.*\.md$`, description },
    hash: { type: 'string', pattern: '^[0-9a-fA-F]{32}$', description },
    script: { type: 'string', description },
    two: { type: 'string', pattern: '^a', description },
    known: { type: 'string', minLength: 2, description },
    link: { type: 'string', description },
    day: { type: 'string', format: 'date', description },
    share: { type: 'number', minimum: 0, description },
    port: { type: 'integer', minimum: 0, maximum: 65_535, description },
    list: {
      type: 'array',
      items: { type: 'string', minLength: 1, description: 'One of them.' },
      maxItems: 3,
      description,
    },
    limits: {
      type: 'object',
      propertyNames: { pattern: '^[a-z]+$' },
      additionalProperties: { type: 'integer', minimum: 1 },
      description,
    },
    regions: {
      type: 'object',
      properties: { eu: { type: 'string' }, us: { type: 'string' } },
      additionalProperties: false,
      description,
    },
    pay: {
      type: 'object',
      anyOf: [
        objectOf({ by: { type: 'string', enum: ['card'] }, number: text, note: text }, ['by', 'number']),
        objectOf({ by: { type: 'string', enum: ['cash'] }, note: text }, ['by', 'note']),
      ],
      description,
    },
  });
});

test("the engine's catalogue lists the members of records and variants if it can name them", () => {
  const { parameters } = entryOf({
    limits: z.record(z.string(), z.int()),
    regions: z.record(z.enum(['us', 'eu']), z.int()),
    pay: z.discriminatedUnion('by', [
      z.strictObject({ by: z.literal('card'), number: z.string(), note: z.string().nullable() }),
      z.strictObject({ by: z.literal('cash'), note: z.string() }),
    ]),
    odd: z.discriminatedUnion('by', [
      z.strictObject({ by: z.literal('text'), value: z.string() }),
      z.strictObject({ by: z.literal('number'), value: z.int() }),
    ]),
  }).engine.input;
  expect(parameters.map(({ value_schema: schema }) => schema)).toMatchObject([
    { val_type: 'json', properties: null, required_keys: null },
    { val_type: 'json', properties: { eu: { val_type: 'integer' } }, required_keys: ['eu', 'us'] },
    {
      val_type: 'json',
      properties: { by: { val_type: 'string', enum: ['card', 'cash'] }, number: {}, note: { nullable: true } },
      required_keys: ['by', 'note'],
    },
    { val_type: 'json', properties: null, required_keys: null },
  ]);
});

const text = { type: 'string' };

function objectOf(properties: object, required: readonly string[]) {
  return { type: 'object', properties, additionalProperties: false, required };
}

function entryOf(shape: Readonly<Record<string, z.ZodType>>) {
  const described = Object.entries(shape).map(([name, schema]) => [name, schema.describe('A value.')] as const);
  const input = z.strictObject(Object.fromEntries(described));
  const [tool] = loadCatalog(recordedToolkit, new Map([['entry', toolOf({ input, run: () => null })]])).tools;
  if (tool === undefined) throw new Error('no tool');
  return tool;
}
