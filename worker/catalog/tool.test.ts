import { recordedToolkit } from '../../testing/exchanges/recorded';
import { type Behavior, defineTool, type Requirements, type ServiceDomain, z } from './define-tool';
import { loadCatalog } from './load';

/** What the rows change of a tool that is right. */
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
    'operations that change something, and the word that it only reads',
    { behavior: { readOnly: true, operations: ['read', 'create', 'update'] } },
    'read only contradicts the operations create, update',
  ],
  [
    'the operation delete, and the word that nothing is lost',
    { behavior: { destructive: false, operations: ['delete'] } },
    'the operation delete contradicts "not destructive"',
  ],
  [
    'a service domain, and the word that it reaches no further than this server',
    { behavior: { openWorld: false }, serviceDomains: ['email'] },
    'a service domain contradicts a closed world',
  ],
  [
    'a wish for the client_id of no authorization',
    { requires: { metadata: ['client_id'] } },
    'the metadata client_id needs an authorization',
  ],
])('a tool with %s is refused in words', (_what, changes, error) => {
  expect(() => load(changes)).toThrow(new Error(`Cannot load the tools:\n  wait: ${error}`));
});

test.each<[what: string, changes: Changes]>([
  ['the operation read, and the word that it only reads', { behavior: { readOnly: true, operations: ['read'] } }],
  [
    'the operation update, and the word that nothing is lost',
    { behavior: { destructive: false, operations: ['update'] } },
  ],
  [
    'the operation delete, and the word that something is lost',
    { behavior: { destructive: true, operations: ['delete'] } },
  ],
  ['a service domain in an open world', { behavior: { openWorld: true }, serviceDomains: ['email'] }],
  ['a closed world', { behavior: { openWorld: false }, serviceDomains: [] }],
  [
    'the client_id of an authorization',
    { requires: { metadata: ['client_id'], authorization: { provider: 'google' } } },
  ],
  ['metadata that any caller has', { requires: { metadata: ['coordinator_url'] } }],
])('a tool with %s is taken', (_what, changes) => {
  expect(load(changes).tools.map(({ wireName }) => wireName)).toEqual(['Wait']);
});

test('a provider and a service domain that the table of an engine does not have are taken, with a sentence each', () => {
  const requires = { authorization: { provider: 'gitlab' } };
  const { unknownWords, tools } = load({ requires, serviceDomains: ['email', 'gardening'] });
  expect(tools).toHaveLength(1);
  expect(unknownWords).toEqual([
    expect.stringMatching(/^wait: the provider "gitlab" is not known to arcade-mcp-server 1\.\d+\.\d+$/),
    expect.stringMatching(/^wait: the service domain "gardening" is not known to /),
  ]);
  expect(load({ requires: { authorization: { provider: 'calendly' } } }).unknownWords).toEqual([]);
});
