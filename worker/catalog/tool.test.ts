import { recordedToolkit } from '../../testing/exchanges/recorded';
import { type Behavior, defineTool, type Requirements, type ServiceDomain, z } from './define-tool';
import { loadCatalog } from './load';

/** What a row changes in a valid tool. */
interface Changes {
  readonly description?: string;
  readonly input?: z.ZodObject;
  readonly examples?: readonly [];
  readonly behavior?: Behavior;
  readonly serviceDomains?: readonly ServiceDomain[];
  readonly requires?: Requirements;
}

function load(changes: Changes) {
  const definition = defineTool({
    description: 'Wait.',
    input: z.strictObject({ seconds: z.int().optional().describe('How long.') }),
    examples: [{ input: {}, output: {} }],
    run: () => null,
    ...changes,
  });
  return loadCatalog(recordedToolkit, new Map([['wait', definition]]));
}

test.each<[what: string, changes: Changes, error: string]>([
  ['an empty description', { description: ' \n' }, 'the description is empty'],
  ['no example', { examples: [] }, 'there is no example; a tool needs at least one'],
  [
    'a parameter without a description',
    { input: z.strictObject({ seconds: z.int() }) },
    'the parameter "seconds" has no description; add .describe(\'…\')',
  ],
  [
    'a parameter with an empty description',
    { input: z.strictObject({ seconds: z.int().describe(' ') }) },
    'the parameter "seconds" has no description; add .describe(\'…\')',
  ],
  [
    'read-only behavior and operations that change something',
    { behavior: { readOnly: true, operations: ['read', 'create', 'update'] } },
    '`readOnly` contradicts the operations create, update',
  ],
  [
    'non-destructive behavior and the operation delete',
    { behavior: { destructive: false, operations: ['delete'] } },
    'the operation delete contradicts `destructive: false`',
  ],
  [
    'closed-world behavior and a service domain',
    { behavior: { openWorld: false }, serviceDomains: ['email'] },
    'a service domain contradicts `openWorld: false`',
  ],
  [
    'the metadata client_id but no authorization',
    { requires: { metadata: ['client_id'] } },
    'the metadata client_id requires an authorization',
  ],
])('rejects a tool with %s', (_what, changes, error) => {
  expect(() => load(changes)).toThrow(new Error(`Cannot load the tools:\n  wait: ${error}`));
});

test.each<[what: string, changes: Changes]>([
  ['read-only behavior and the operation read', { behavior: { readOnly: true, operations: ['read'] } }],
  ['non-destructive behavior and the operation update', { behavior: { destructive: false, operations: ['update'] } }],
  ['destructive behavior and the operation delete', { behavior: { destructive: true, operations: ['delete'] } }],
  ['open-world behavior and a service domain', { behavior: { openWorld: true }, serviceDomains: ['email'] }],
  ['closed-world behavior', { behavior: { openWorld: false }, serviceDomains: [] }],
  [
    'the metadata client_id and an authorization',
    { requires: { metadata: ['client_id'], authorization: { provider: 'google' } } },
  ],
  ['metadata that needs no authorization', { requires: { metadata: ['coordinator_url'] } }],
])('accepts a tool with %s', (_what, changes) => {
  expect(load(changes).tools.map(({ wireName }) => wireName)).toEqual(['Wait']);
});

test('accepts an unknown provider and an unknown service domain, with a warning for each', () => {
  const requires = { authorization: { provider: 'gitlab' } };
  const { warnings, tools } = load({ requires, serviceDomains: ['email', 'gardening'] });
  expect(tools).toHaveLength(1);
  expect(warnings).toEqual([
    expect.stringMatching(/^wait: the provider "gitlab" is not known to arcade-mcp-server 1\.\d+\.\d+$/),
    expect.stringMatching(/^wait: the service domain "gardening" is not known to /),
  ]);
  expect(load({ requires: { authorization: { provider: 'calendly' } } }).warnings).toEqual([]);
});
