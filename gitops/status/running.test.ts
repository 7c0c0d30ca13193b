import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { recordedToolkit, recordedTools } from '../../testing/exchanges/recorded';
import { bundledWorker, realWorker } from '../../testing/fake-deployment/real-worker';
import { fakeWorker } from '../../testing/fake-deployment/worker';
import { testServer } from '../../testing/fixtures';
import { loadCatalog } from '../../worker/catalog/load';
import { published } from '../../worker/catalog/published';
import type { ToolSources } from '../tools/published';
import { nodeWorld } from '../verify/node-world';
import { type Asked, askAll } from './running';

const world = nodeWorld({ resolvers: ['system'], timeoutMs: 60_000 });
afterAll(() => world.close());

/** The sources of the recorded server, at a version. */
function sourcesAt(version: string): ToolSources {
  const toolkit = { ...recordedToolkit, version, tools: [...recordedTools.keys()] };
  return JSON.parse(JSON.stringify({ ...published(loadCatalog(toolkit, recordedTools)), examples: [] }));
}

async function runningOf(asked: Omit<Asked, 'server'>, server = testServer()) {
  return (await askAll([{ server, ...asked }], world)).get(server);
}

test('compares the version and the tools that a real worker shows without a secret', async () => {
  const folder = mkdtempSync(`${tmpdir()}/status-`);
  const { url, close } = await realWorker(await bundledWorker(folder), 'a-secret');
  const { version } = recordedToolkit;
  const sources = sourcesAt(version);
  expect(await runningOf({ url, sources })).toEqual({ state: 'same', version });
  expect(await runningOf({ url, sources: sourcesAt('9.0.0') })).toMatchObject({
    state: 'differs',
    version,
    problem: { code: 'TOOLS-DIFFER', message: expect.stringContaining(`version ${version} instead of 9.0.0`) },
  });
  const fewer = { ...sources, tools: sources.tools.slice(1) };
  expect(await runningOf({ url, sources: fewer })).toMatchObject({
    state: 'differs',
    problem: { message: expect.stringMatching(/lists different tools at \/mcp: not expected: /) },
  });
  // Nothing to compare for an image that is built elsewhere.
  expect(await runningOf({ url })).toEqual({ state: 'same', version });
  await close();
  expect(await runningOf({ url, sources })).toMatchObject({ state: 'down', problem: { code: 'UNREACHABLE' } });
  rmSync(folder, { recursive: true });
});

test('distinguishes servers that need a token, have no MCP, are internal, or are down', async () => {
  const wall = { status: 401, headers: { 'www-authenticate': 'Bearer resource_metadata="https://a.example.com"' } };
  const workers = await Promise.all([
    fakeWorker({ secret: 'a', instead: { '/mcp': wall } }),
    fakeWorker({ secret: 'a', instead: { '/mcp': { status: 404 } } }),
    fakeWorker({ secret: 'a', instead: { '/worker/health': { status: 503 } } }),
  ]);
  const [withOAuth = '', withoutMcp = '', failing = ''] = workers.map(({ port }) => `http://127.0.0.1:${port}`);
  const sources = sourcesAt('1.0.0');
  expect(await runningOf({ url: withOAuth, sources })).toEqual({ state: 'up' });
  expect(await runningOf({ url: withoutMcp })).toEqual({ state: 'up' });
  expect(await runningOf({ url: withoutMcp, sources })).toMatchObject({ state: 'down', problem: { code: 'MCP' } });
  expect(await runningOf({ url: failing })).toMatchObject({ state: 'down', problem: { code: 'HEALTH' } });
  expect(await runningOf({}, testServer({ exposure: 'internal' }))).toEqual({ state: 'inside' });
  await Promise.all(workers.map(({ close }) => close()));
});

test('asks fifty servers concurrently, and a silent one delays none of them', async () => {
  const held: ServerResponse[] = [];
  let silent: ServerResponse | undefined;
  // Answers no request before all have arrived, and the silent server only after all others are finished.
  const app = createServer(({ url = '', headers }, response) => {
    if (url !== '/worker/health') return response.writeHead(404).end();
    if (headers.host?.startsWith('localhost')) silent = response;
    else held.push(response);
    if (held.length === 48 && silent !== undefined) for (const each of held) answer(each);
    return response;
  });
  const answer = (response: ServerResponse) => response.end('{"status":"ok","tool_count":"1"}');
  await new Promise<void>((resolve) => void app.listen(0, '127.0.0.1', resolve));
  // A TCP listener has an AddressInfo.
  const { port } = app.address() as AddressInfo;
  const urlOf = (index: number) => {
    if (index === 0) return `http://localhost:${port}`;
    return `http://127.0.0.1:${index === 1 ? 1 : port}`;
  };
  const asked = Array.from({ length: 50 }, (_, index) => ({
    server: testServer({}, `test-server-${index}`),
    url: urlOf(index),
  }));
  const routed = nodeWorld({
    resolvers: ['127.0.0.1:1'],
    timeoutMs: 600_000,
    connectTo: { address: '127.0.0.1' },
  });
  const finished: number[] = [];
  const running = await askAll(asked, routed, (count) => {
    finished.push(count);
    if (count === 49 && silent !== undefined) answer(silent);
  });
  routed.close();
  app.closeAllConnections();
  app.close();
  expect(held).toHaveLength(48);
  expect(finished).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
  expect([...running.values()].map(({ state }) => state)).toEqual(['up', 'down', ...Array(48).fill('up')]);
  expect(running.get(asked[1]?.server ?? testServer())).toMatchObject({ problem: { code: 'UNREACHABLE' } });
});
