import { defineTool, z } from '../../worker/catalog/define-tool';
import { loadCatalog } from '../../worker/catalog/load';
import { published } from '../../worker/catalog/published';
import { Published } from './published';
import { toolChanges } from './tool-changes';

type Definition = Parameters<typeof defineTool>[0];

const base: Definition = {
  description: 'Tell the weather.',
  input: z.strictObject({ city: z.string().describe('Where.') }),
  output: z.strictObject({ celsius: z.number() }),
  examples: [{ input: { city: 'Oslo' }, output: { celsius: 1 } }],
  run: () => ({ celsius: 1 }),
};

/** Publishes tools as the worker does, by their names in the source. */
function toolsOf(tools: Readonly<Record<string, Partial<Definition>>>, description = 'Weather.'): Published {
  const definitions = Object.entries(tools).map(
    ([name, fields]) => [name, defineTool({ ...base, ...fields })] as const,
  );
  const catalog = loadCatalog({ name: 'weather', version: '1.0.0', description }, new Map(definitions));
  // A round trip through JSON, as in dist/.
  return Published.parse(JSON.parse(JSON.stringify(published(catalog))));
}

/** Each change as `level tool path`. */
function found(before: Partial<Definition>, after: Partial<Definition>): readonly string[] {
  const changes = toolChanges(toolsOf({ forecast: before }), toolsOf({ forecast: after }));
  expect(new Set(changes.map(({ tool }) => tool))).toEqual(new Set(changes.length > 0 ? ['Forecast'] : []));
  return changes.map(({ path, level }) => [level, path].filter(Boolean).join(' '));
}

const input = (members: z.ZodRawShape) => ({
  input: z.strictObject({ city: z.string().describe('Where.'), ...members }),
});
const days = (schema: z.ZodType) => input({ days: schema.describe('How many.') });
const output = (schema: z.ZodType) => ({ output: schema });
const member = (schema: z.ZodType) => output(z.strictObject({ celsius: z.number(), more: schema }));
const google = (scopes?: readonly string[]) => ({
  requires: { authorization: { provider: 'google', ...(scopes && { scopes }) } as const },
});
const level = z.enum(['low', 'high']);
const levels = z.enum(['low', 'high', 'top']);

// Each change from left to right breaks callers, and from right to left is an addition.
test.each<[string, Partial<Definition>, Partial<Definition>, string]>([
  ['a parameter is required', days(z.int().default(1)), days(z.int()), 'input.days'],
  ['a parameter takes fewer values', days(levels), days(level), 'input.days'],
  ['a parameter takes a shorter list', days(z.array(z.int())), days(z.array(z.int()).max(3)), 'input.days'],
  ['items of a parameter', days(z.array(levels)), days(z.array(level)), 'input.days[]'],
  [
    'a member of a parameter',
    days(z.strictObject({ a: z.number() })),
    days(z.strictObject({ a: z.int() })),
    'input.days.a',
  ],
  ['a parameter may no longer be null', days(z.int().nullable()), days(z.int()), 'input.days'],
  ['a result has more values', member(level), member(levels), 'output.more'],
  ['items of a result', output(z.array(level)), output(z.array(levels)), 'output.result[]'],
  ['a result may be missing in part', member(level), member(level.optional()), 'output.more'],
  ['a result may be null', output(z.int()), output(z.int().nullable()), 'output.result'],
  ['a secret', {}, { requires: { secrets: ['KEY'] } }, 'secrets'],
  ['one more secret', { requires: { secrets: ['KEY'] } }, { requires: { secrets: ['KEY', 'OTHER'] } }, 'secrets'],
  ['a scope', google(['read']), google(['read', 'write']), 'scopes'],
  ['an authorization', {}, google(), 'authorization'],
  ['metadata', {}, { requires: { metadata: ['coordinator_url'] } }, 'metadata'],
  ['no longer read-only', { behavior: { readOnly: true } }, {}, 'behavior.read_only'],
  [
    'now destructive',
    { behavior: { destructive: false } },
    { behavior: { destructive: true } },
    'behavior.destructive',
  ],
  ['no longer idempotent', { behavior: { idempotent: true } }, { behavior: {} }, 'behavior.idempotent'],
  ['now open-world', { behavior: { openWorld: false } }, { behavior: {} }, 'behavior.open_world'],
])('%s: breaking, and the opposite is an addition', (_what, before, after, path) => {
  expect(found(before, after)).toContain(`breaking ${path}`);
  const back = found(after, before);
  expect(back).toContain(`addition ${path}`);
  expect(back.join()).not.toContain('breaking');
});

test.each<[string, Partial<Definition>, Partial<Definition>, readonly string[]]>([
  ['a new required parameter', {}, days(z.int()), ['breaking input.days']],
  ['a new optional parameter', {}, days(z.int().default(1)), ['addition input.days']],
  ['a removed parameter', days(z.int().default(1)), {}, ['breaking input.days']],
  ['another type of a parameter', days(z.int()), days(z.string()), ['breaking input.days']],
  ['a removed member of the result', member(level), {}, ['breaking output.more']],
  ['a new member of the result', {}, member(level), ['addition output.more']],
  ['another type of the result', output(z.int()), output(z.string()), ['breaking output.result']],
  ['a result where there was none', output(z.void()), {}, ['addition output']],
  ['no result where there was one', {}, output(z.void()), ['breaking output']],
  [
    'another provider',
    google(),
    { requires: { authorization: { id: 'ours' } } },
    ['breaking authorization', 'addition authorization'],
  ],
  ['a deprecation', {}, { deprecated: 'Use another.' }, ['addition']],
  ['the end of a deprecation', { deprecated: 'Use another.' }, {}, ['wording']],
  ['another description', {}, { description: 'Tell the weather of a city.' }, ['wording']],
  [
    'another description of a parameter',
    {},
    input({ city: z.string().describe('Which city.') }),
    ['wording input.city'],
  ],
  ['a detail without its own rule', {}, { extras: { owner: 'ops' } }, ['wording']],
  ['a change that callers cannot see', {}, { run: () => null, order: 3 }, []],
])('classifies %s', (_what, before, after, expected) => {
  expect(found(before, after)).toEqual(expected);
});

test('reports new, removed and renamed tools', () => {
  const changes = toolChanges(
    toolsOf({ forecast: {}, alerts: { description: 'List alerts.' } }),
    toolsOf({ outlook: {}, history: { description: 'Tell the past.' } }, 'Weather and more.'),
  );
  expect(changes.map(({ tool, what, level }) => [tool, what, level])).toEqual([
    ['Alerts', 'was removed', 'breaking'],
    ['Forecast', 'was renamed to Outlook', 'breaking'],
    ['History', 'is new', 'addition'],
    ['Outlook', 'is new', 'addition'],
    ['', 'the server has a different description', 'wording'],
  ]);
});

test('a removed or moved resource is breaking, a new one is an addition, and other contents are wording', () => {
  const published = (version: string, resources: readonly object[]) =>
    Published.parse({ ...toolsOf({}), toolkit: { name: 'Weather', version, description: 'Weather.' }, resources });
  const page = (version: string, size = 1) => ({ uri: `ui://Weather/${version}/card.html`, name: 'card', size });
  const guide = { uri: 'docs://guide', name: 'guide', mimeType: 'text/plain' };
  const levels = (before: readonly object[], after: readonly object[]) =>
    toolChanges(published('1.0.0', before), published('1.1.0', after)).map(({ tool, level }) => `${level} ${tool}`);
  expect(levels([guide, page('1.0.0')], [guide, page('1.1.0')])).toEqual([]);
  expect(levels([page('1.0.0')], [guide, page('1.1.0', 2)])).toEqual([
    'wording resource card',
    'addition resource guide',
  ]);
  expect(levels([guide], [])).toEqual(['breaking resource guide']);
  expect(levels([guide], [{ ...guide, uri: 'docs://guides' }])).toEqual(['breaking resource guide']);
  expect(levels([guide], [{ ...guide, mimeType: 'text/html' }])).toEqual(['breaking resource guide']);
});
