import { recordedToolkit } from '../../testing/exchanges/recorded';
import listed from '../../testing/exchanges/vectors/mcp/list-fixtures.json';
import catalogued from '../../testing/exchanges/vectors/worker/tools-fixtures.json';
import { readFixtureTools } from '../../testing/worker/fixtures';
import { defineTool, z } from './define-tool';
import { loadCatalog } from './load';

const catalog = loadCatalog(recordedToolkit, readFixtureTools());

test('the catalogue is what the Python server sends, in the order of its members', () => {
  expect(catalog.tools.length).toBeGreaterThan(30);
  expect(JSON.parse(catalog.engineJson)).toEqual(catalogued.response.body);
  expect(catalog.engineJson).toBe(JSON.stringify(catalogued.response.body));
});

test('the MCP tools are what the Python server lists', () => {
  expect(catalog.mcpTools.map(({ mcp }) => mcp)).toEqual(listed.response.body.result.tools);
});

test('rules that zod adds reach MCP clients, and the engine gets the plain type', () => {
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

test('a parameter that may be null need not be sent, a member of an object has to be', () => {
  const person = z.strictObject({ name: z.string().nullable() });
  const asked = defineTool({
    description: 'Ask.',
    input: z.strictObject({
      nickname: z.string().nullable().describe('A nickname.'),
      person: person.describe('Somebody.'),
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
  expect(tool?.hasNeeds).toBe(false);
});
