import { join } from 'node:path';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { root } from '../../cli/root';
import { recordedName } from '../../testing/exchanges/recorded';
import { nodeProgram } from '../../testing/processes/node-program';
import { ourWorker, workerWith } from '../../testing/processes/our-worker';
import { endingOf, outputTail } from '../../testing/processes/program';
import { type Recipe, type RunningServer, startServer } from '../../testing/processes/server';
import { recordedRepository } from '../../testing/repository-copy';
import { seen } from '../seen';
import { conformanceRuns } from './conformance';
import { otherClients, storyOf } from './other-clients';
import { mcpPeers, type Peers } from './peers';
import { asked, connected, listAndEcho, overHttp, overStdio } from './sdk-1';
import { signedIn, withFrontDoor } from './sign-in';
import { stdioLines } from './stdio-lines';

const everythingServer: Recipe = {
  name: 'the server that has everything',
  command: [process.execPath, join(root, 'cli/run.mjs'), 'interop/mcp/everything/everything.main.ts'],
  environment: (port) => ({ PORT: String(port) }),
  readyPath: '/mcp',
};

let peers: Peers;
let recipe: Recipe;
let worker: RunningServer;
let withResources: RunningServer;
let everything: RunningServer;

beforeAll(async () => {
  peers = await mcpPeers();
  recipe = await ourWorker('base');
  worker = await startServer(recipe);
  withResources = await startServer(workerWith('conformance'));
  everything = await startServer(everythingServer);
});
afterAll(() => Promise.all([worker?.kill(), withResources?.kill(), everything?.kill()]));

test.each(conformanceRuns)('conformance: $name', async ({ suite, against, args }) => {
  const url =
    against === 'worker' ? `${withResources.url}/mcp` : `${everything.url}/${against === 'sessions' ? against : 'mcp'}`;
  const ending = await peers.run(peers.file(`${suite}/dist/index.js`), 'server', '--url', url, ...args);
  // The exit code alone is not enough: against nothing at all, half of the checks of 0.2 pass.
  const [totals = outputTail(ending, 25)] = /(Total|Passed): .*/.exec(ending.stdout) ?? [];
  expect({ code: ending.code, totals }).toEqual({ code: 0, totals: expect.stringMatching(/^(Total|Passed): /) });
  // What is not scored for a revision fails in everybody's server: extensions, and scenarios that are not ready.
  const unscored = /Not scored for [\d-]+: (\d+) scenario\(s\) run, (\d+) failing/.exec(ending.stdout);
  seen(unscored ? `${totals}; not scored: ${unscored[2]} of ${unscored[1]} failing` : totals);
});

const toolNames = ['Add', 'Echo', 'Whoami'].map((name) => `${recordedName}_${name}`);

describe("the official SDK's client, version 1", () => {
  const expected = { tools: toolNames, echo: { result: 'hi' } };

  test('connects over HTTP, lists, calls and closes', async () => {
    expect(await listAndEcho(overHttp(`${worker.url}/mcp`))).toEqual(expected);
  });

  test('hears of progress', async () => {
    const heard: number[] = [];
    await connected(overHttp(`${everything.url}/mcp`), (client) =>
      client.callTool({ name: 'test_tool_with_progress' }, undefined, {
        onprogress: ({ progress }) => heard.push(progress),
      }),
    );
    expect(heard).toEqual([0, 50, 100]);
  });

  test('starts the worker itself, over stdio', async () => {
    const [command = '', ...args] = recipe.command;
    expect(await listAndEcho(new StdioClientTransport({ command, args, stderr: 'ignore' }))).toEqual(expected);
  });

  test('gets through mcp-remote, which local clients use to reach servers that speak HTTP', async () => {
    const args = [
      peers.file('mcp-remote/dist/proxy.js'),
      `${worker.url}/mcp`,
      '--allow-http',
      '--transport',
      'http-only',
    ];
    expect(await listAndEcho(new StdioClientTransport({ command: peers.node, args, stderr: 'ignore' }))).toEqual(
      expected,
    );
  });
});

/** The ways to reach the worker: over HTTP, and as a program that the client starts. */
const ways: Readonly<Record<string, () => readonly string[]>> = {
  'over HTTP': () => [`${worker.url}/mcp`],
  'over stdio': () => recipe.command,
};

describe('a tool that is to be confirmed', () => {
  const tool = `${recordedName}_Confirmed`;
  const questions = [`Run ${tool}?\n\nFor the conformance suite.`];
  const agreed = { questions, isError: false, result: { result: 'done' } };
  const declined = { questions, isError: true };

  test.each([
    ['over HTTP', () => overHttp(`${withResources.url}/mcp`)],
    ['over stdio', () => overStdio(workerWith('conformance', { ARCADE_SERVER_TRANSPORT: 'stdio' }))],
  ])("runs after the SDK's client, version 1, has asked its person, %s", async (_way, open) => {
    expect(await asked(open(), tool, 'accept')).toEqual(agreed);
    expect(await asked(open(), tool, 'decline')).toEqual(declined);
  });

  test("runs after the SDK's client, version 2, has asked its person, in both eras", async () => {
    const script = join(root, 'interop/mcp/sdk-2-asked.mjs');
    const folder = peers.file('@modelcontextprotocol/client');
    const ending = await peers.run(script, folder, tool, `${withResources.url}/mcp`);
    expect({ ...ending, stdout: '' }).toMatchObject({ code: 0 });
    const found = { accept: agreed, decline: declined };
    expect(JSON.parse(ending.stdout)).toEqual({
      pinned: { version: '2026-07-28', ...found },
      byDefault: { version: '2025-11-25', ...found },
    });
  });
});

describe.each(Object.entries(ways))('%s', (_way, target) => {
  test("the official SDK's client, version 2, finds out what we speak: automatic, pinned, by default", async () => {
    const script = join(root, 'interop/mcp/sdk-2.mjs');
    const folder = peers.file('@modelcontextprotocol/client');
    const ending = await peers.run(script, folder, `${recordedName}_Add`, ...target());
    expect({ ...ending, stdout: '' }).toMatchObject({ code: 0 });
    const found = { tools: toolNames, sum: { result: 5 }, failed: true, unknown: -32602 };
    expect(JSON.parse(ending.stdout)).toEqual({
      auto: { era: 'modern', version: '2026-07-28', ...found },
      pinned: { era: 'modern', version: '2026-07-28', ...found },
      byDefault: { era: 'legacy', version: '2025-11-25', ...found },
    });
  });

  test.each(otherClients)('$name', async (client) => {
    expect(await storyOf(client, recordedName, target())).toEqual({
      ...(client.version === undefined ? {} : { version: client.version }),
      tools: toolNames,
      echo: true,
      sum: { result: 5 },
      failed: true,
      unknown: -32602,
      withoutArguments: true,
    });
  });
});

describe.each(['20', '22.23.3', '24'])('over stdio on Node %s', (version) => {
  test.each(stdioLines)('$name: one message, and its text unchanged', async ({ sent, text }) => {
    const [, ...args] = recipe.command;
    const env = { PATH: process.env.PATH, LOG_LEVEL: 'error' };
    const { code, stdout } = await endingOf(await nodeProgram(version), args, { env, input: sent });
    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual([expect.any(String), '']);
    expect(JSON.parse(stdout)).toMatchObject({ id: 1, result: { structuredContent: { result: text } } });
  });
});

test('two local clients that start a server of this repository at once both get their answers', async () => {
  const script = [join(recordedRepository(), 'cli/run.mjs'), 'worker/dev/start.command.ts'];
  const env = { ...getDefaultEnvironment(), ARCADE_SERVER_TRANSPORT: 'stdio' };
  const start = () => new StdioClientTransport({ command: process.execPath, args: script, env, stderr: 'ignore' });
  const both = await Promise.all([listAndEcho(start()), listAndEcho(start())]);
  expect(both).toEqual([0, 1].map(() => ({ tools: toolNames, echo: { result: 'hi' } })));
});

test('a client signs a person in at a real authorization server, and calls as that person', async () => {
  const { issuer, resource, worker: guarded } = await withFrontDoor(recipe, peers);
  try {
    const whoami = await connected(await signedIn(resource), (client) =>
      client.callTool({ name: `${recordedName}_Whoami` }),
    );
    expect(whoami.structuredContent).toEqual({ result: 'ada' });
  } finally {
    await Promise.all([issuer.kill(), guarded.kill()]);
  }
});

describe.each(['legacy', 'modern'])("the Inspector's command line, %s", (era) => {
  const inspect = async (...args: readonly string[]) => {
    const launcher = peers.file('@modelcontextprotocol/inspector/clients/launcher/build/index.js');
    const fixed = ['--cli', `${worker.url}/mcp`, '--transport', 'http', '--protocol-era', era];
    const ending = await peers.run(launcher, ...fixed, ...args);
    expect(ending).toMatchObject({ code: 0 });
    return { stderr: ending.stderr.trim(), answer: JSON.parse(ending.stdout) };
  };

  test('lists the tools, and has nothing to complain of their schemas', async () => {
    const { stderr, answer } = await inspect('--method', 'tools/list', '--strict');
    expect(answer.tools.map(({ name }: { name: string }) => name)).toEqual(toolNames);
    expect(stderr).toBe('');
  });

  test('calls a tool', async () => {
    const call = [
      '--method',
      'tools/call',
      '--tool-name',
      `${recordedName}_Add`,
      '--tool-arg',
      'a=2',
      '--tool-arg',
      'b=3',
    ];
    const { answer } = await inspect(...call);
    expect(answer.structuredContent).toEqual({ result: 5 });
  });
});
