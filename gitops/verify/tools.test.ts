import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { serverList } from '../../model/servers';
import type { Server } from '../../model/spec';
import { recordedServer, recordedToolkit, recordedTools } from '../../testing/exchanges/recorded';
import { bundledWorker, realWorker } from '../../testing/fake-deployment/real-worker';
import { findingOf, problemAt } from '../../testing/fake-deployment/verified';
import { testPlatform as platform, testServer } from '../../testing/fixtures';
import { workerWith } from '../../testing/processes/our-worker';
import { startServer } from '../../testing/processes/server';
import { readFixtureResources } from '../../testing/worker/fixtures/resources';
import { defineResource, defineTool, z } from '../../worker/catalog/define-tool';
import { loadCatalog } from '../../worker/catalog/load';
import { portableExamples, published } from '../../worker/catalog/published';
import { toolkitNameOf } from '../../worker/contract';
import { allowlistFrom } from '../engine/allowlist';
import { Secret } from '../seal/secret';
import type { ToolSources } from '../tools/published';
import { nodeWorld } from './node-world';
import { targetOf } from './target';
import { type Report, verify } from './verify';

const secret = 'a-secret-of-the-tools';
const disabled = `${toolkitNameOf(recordedToolkit.name)}.Whoami`;
const folder = mkdtempSync(join(tmpdir(), 'tools-'));
const world = nodeWorld({ resolvers: ['system'], timeoutMs: 600_000 });
let workers: { close(): Promise<void>; readonly url: string }[];

beforeAll(async () => {
  const bundle = await bundledWorker(folder);
  const { url, kill: close } = await startServer(workerWith('resources', { ARCADE_WORKER_SECRET: secret }));
  const others = [{}, { ARCADE_DISABLED_TOOLS: disabled }].map((env) => realWorker(bundle, secret, env));
  workers = [...(await Promise.all(others)), { url, close }];
});

afterAll(async () => {
  world.close();
  await Promise.all(workers.map((worker) => worker.close()));
  rmSync(folder, { recursive: true });
});

/** Declares the server of the real worker with these tools in its folder. */
function builtFrom(tools: readonly string[], fields: object = {}, name = basename(recordedServer)): Server {
  const { version, description } = recordedToolkit;
  const entry = { team: 'infra', image: '1.0.1', version, description, ...fields };
  const [server] = serverList([{ name, entry, tools }], [platform]).servers;
  if (server === undefined) throw new Error('the server is not valid');
  return server;
}

/** The tools as its sources declare them: the recorded ones, except those that a test changes. */
function sourcesOf({ toolkit, env }: Server, changed: Readonly<Record<string, unknown>> = {}): ToolSources | undefined {
  if (toolkit === undefined) return undefined;
  const definitions = toolkit.tools.map((name) => [name, changed[name] ?? recordedTools.get(name) ?? echo] as const);
  const disabledTools = env.ARCADE_DISABLED_TOOLS?.split(',') ?? [];
  const catalog = loadCatalog(toolkit, new Map(definitions), { disabledTools });
  const written = { ...published(catalog), examples: portableExamples(catalog) };
  return JSON.parse(JSON.stringify(written));
}

/** The recorded echo tool, with the changes of a test. */
const echoing = (fields: Partial<Parameters<typeof defineTool>[0]> = {}) =>
  defineTool({
    description: 'Send the given text back unchanged.',
    input: z.strictObject({ message: z.string().describe('The text to send back.') }),
    output: z.string(),
    examples: [{ input: { message: 'hello' }, output: 'hello' }],
    run: () => '',
    ...fields,
  });
const echo = echoing();

/** Verifies a real worker. */
async function found(
  server: Server,
  expectedTools?: readonly string[],
  worker = workers[0],
  sources = sourcesOf(server),
): Promise<Report> {
  const target = targetOf(server, {
    url: worker?.url,
    secret: new Secret(Buffer.from(secret)),
    allowlist: allowlistFrom(['127.0.0.0/8']),
    invoke: ['all'],
    sources,
    expectedTools,
  });
  return verify(target, world);
}

const three = ['add', 'echo', 'whoami'];

test('passes a worker with the tools and the version of its folder', async () => {
  const report = await found(builtFrom(three));
  expect(findingOf(report, 'tools')).toMatchObject({ state: 'passed', detail: 'Echo, Add, Whoami' });
  expect(report.isGood).toBe(true);
});

test.each<[string, () => Server, RegExp]>([
  ['a missing tool', () => builtFrom([...three, 'retry_later']), /: missing: \w+\.RetryLater$/],
  ['an extra tool', () => builtFrom(['add', 'echo']), /: not expected: \w+\.Whoami$/],
  ['another version', () => builtFrom(three, { version: '1.1.0' }), /: version 1\.0\.0 instead of 1\.1\.0$/],
  [
    "another server's tools of the same names",
    () => builtFrom(['add'], {}, 'weather'),
    /: missing: Weather\.Add; not expected: \w+\.Echo, /,
  ],
])('reports %s, and calls no tool', async (_what, server, message) => {
  const report = await found(server());
  expect(problemAt(report, 'tools')).toEqual({
    code: 'TOOLS-DIFFER',
    message: expect.stringMatching(message),
    hasFix: true,
    isGood: false,
  });
  expect(findingOf(report, 'invoke')).toMatchObject({ state: 'skipped' });
});

test('calls the examples of the folder with the user they name, and compares the outcomes', async () => {
  const server = builtFrom(three);
  const report = await found(server);
  const { examples } = sourcesOf(server) ?? { examples: [] };
  expect(examples.map(({ tool }) => tool)).toEqual(expect.arrayContaining(['Add', 'Echo', 'Whoami']));
  const { detail } = findingOf(report, 'invoke') as { detail: string };
  expect(detail.match(/\w+ \d+ ms|as its example/g)).toHaveLength(Math.min(examples.length, 8));
});

test.each<[string, Parameters<typeof echoing>[0], RegExp]>([
  [
    'the type of a parameter',
    { input: z.strictObject({ message: z.int().describe('The text to send back.') }) },
    /Echo input\.parameters\[0\]\.value_schema\.val_type is "string" instead of "integer"/,
  ],
  [
    'a parameter',
    { input: z.strictObject({}), examples: [{ input: {}, output: '' }] },
    /Echo input\.parameters\[0\] is \{.* instead of nothing/,
  ],
  [
    'a description',
    { description: 'Echo.' },
    /Echo description is "Send the given text back unchanged\." instead of "Echo\."/,
  ],
  ['a requirement', { requires: { secrets: ['KEY'] } }, /Echo requirements.secrets is nothing instead of \[/],
  ['a declared behavior', { behavior: { readOnly: true } }, /Echo metadata is nothing instead of \{/],
])(
  'reports %s that differs in the running worker by tool and member, with the likely cause',
  async (_what, fields, message) => {
    const server = builtFrom(three);
    const report = await found(server, undefined, workers[0], sourcesOf(server, { echo: echoing(fields) }));
    expect(findingOf(report, 'tools')).toMatchObject({
      state: 'failed',
      problem: {
        code: 'TOOLS-DIFFER',
        message: expect.stringMatching(message),
        fix: expect.stringContaining('of the same version'),
      },
    });
  },
);

test('compares what only MCP clients see', async () => {
  const server = builtFrom(three);
  const limited = echoing({ input: z.strictObject({ message: z.string().max(5).describe('The text to send back.') }) });
  const report = await found(server, undefined, workers[0], sourcesOf(server, { echo: limited }));
  expect(findingOf(report, 'tools')).toMatchObject({ state: 'passed' });
  for (const step of ['mcp', 'mcp-2026'] as const)
    expect(problemAt(report, step)).toMatchObject({
      code: 'TOOLS-DIFFER',
      message: expect.stringMatching(/_Echo inputSchema\.properties\.message\.maxLength is nothing instead of 5$/),
    });
});

describe('the resources of a server', () => {
  const definitions = readFixtureResources();
  const sourcesWith = (changes: Readonly<Record<string, unknown>>) => {
    const catalog = loadCatalog(recordedToolkit, new Map([...definitions, ...Object.entries(changes)]));
    return JSON.parse(JSON.stringify({ ...published(catalog), examples: portableExamples(catalog) }));
  };
  const asked = async (changes: Readonly<Record<string, unknown>> = {}) =>
    found(builtFrom([...three, 'greet']), undefined, workers[2], sourcesWith(changes));

  test('pass when listed as declared', async () => {
    const report = await asked();
    for (const step of ['mcp', 'mcp-2026'] as const)
      expect(findingOf(report, step)).toMatchObject({
        state: 'passed',
        detail: expect.stringMatching(/, 4 tools, 3 resources$/),
      });
  });

  test.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    [
      'a missing one',
      { 'resources/other': defineResource({ uri: 'docs://{name}', read: () => 'x' }) },
      /lists different resources at \/mcp: resources missing: docs:\/\/\{name\}$/,
    ],
    [
      'one with another definition',
      { 'resources/logo': defineResource({ title: 'Logo', file: 'my café.png' }) },
      /: definitions of resources differ: ui:\S+ title is nothing instead of "Logo"$/,
    ],
  ])('%s is reported by its URI', async (_what, changes, message) => {
    const report = await asked(changes);
    for (const step of ['mcp', 'mcp-2026'] as const)
      expect(problemAt(report, step)).toMatchObject({ code: 'TOOLS-DIFFER', message: expect.stringMatching(message) });
  });

  test('that the folder does not have are reported', async () => {
    const report = await found(builtFrom(three), undefined, workers[2]);
    expect(problemAt(report, 'mcp').message).toMatch(/resources not expected: note:\S+, ui:\S+, ui:\S+$/);
  });
});

test.each<[string, Parameters<typeof echoing>[0], RegExp]>([
  [
    'another result',
    { examples: [{ input: { message: 'a' }, output: 'b' }] },
    /Echo .* contradicts its example 1: output is "a" instead of "b"/,
  ],
  [
    'a success',
    { examples: [{ input: { message: 'a' }, fails: 'TOOL_RUNTIME_FATAL' }] },
    /it succeeds instead of TOOL_RUNTIME_FATAL/,
  ],
  ['a failure', { examples: [{ input: { wrong: 'a' }, output: 'a' }] as never }, /Echo .* fails on its example 1: /],
])('reports an example with %s', async (_what, fields, message) => {
  const server = builtFrom(three);
  const report = await found(server, undefined, workers[0], sourcesOf(server, { echo: echoing(fields) }));
  expect(problemAt(report, 'invoke')).toMatchObject({ code: 'TOOL-FAILS', message: expect.stringMatching(message) });
});

test('names another version or another server as the cause', async () => {
  const causeOf = async (server: Server) => {
    const finding = findingOf(await found(server), 'tools');
    return finding && 'problem' in finding && finding.problem.fix;
  };
  expect(await causeOf(builtFrom(three, { version: '1.1.0' }))).toContain('an older one unless');
  expect(await causeOf(builtFrom(['add'], {}, 'weather'))).toContain('another server answers');
});

test('--expect overrides the tools of the folder', async () => {
  const raised = builtFrom([...three, 'retry_later'], { version: '1.1.0' });
  expect(await found(raised, ['echo', 'Add', 'WHOAMI'])).toMatchObject({ isGood: true });
  expect(problemAt(await found(builtFrom(three), ['echo']), 'tools')).toMatchObject({ code: 'TOOLS-DIFFER' });
});

test('does not expect a tool that the declaration disables', async () => {
  const server = builtFrom(three, { env: { ARCADE_DISABLED_TOOLS: disabled } });
  expect(await found(server, undefined, workers[1])).toMatchObject({ isGood: true });
  const other = await found(builtFrom(three), undefined, workers[1]);
  expect(problemAt(other, 'tools')).toMatchObject({ message: expect.stringMatching(/: missing: \w+\.Whoami$/) });
});

test('calls the tools of an image that is built elsewhere, and reports that the set was not checked', async () => {
  const report = await found(testServer());
  expect(findingOf(report, 'tools')).toMatchObject({
    state: 'skipped',
    reason: 'not checked: the image is built elsewhere; compare with --expect Echo,Add,Whoami',
  });
  expect(findingOf(report, 'invoke')).toMatchObject({ state: 'passed' });
  expect(report.isGood).toBe(true);
});
