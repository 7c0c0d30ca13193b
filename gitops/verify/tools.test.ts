import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { serverList } from '../../model/servers';
import type { Server } from '../../model/spec';
import { recordedServer, recordedToolkit } from '../../testing/exchanges/recorded';
import { bundledWorker, realWorker } from '../../testing/fake-deployment/real-worker';
import { findingOf, problemAt } from '../../testing/fake-deployment/verified';
import { testPlatform as platform, testServer } from '../../testing/fixtures';
import { toolkitNameOf } from '../../worker/contract';
import { allowlistFrom } from '../engine/allowlist';
import { Secret } from '../seal/secret';
import { nodeWorld } from './node-world';
import { targetOf } from './target';
import { type Report, verify } from './verify';

const secret = 'a-secret-of-the-tools';
const disabled = `${toolkitNameOf(recordedToolkit.name)}.Whoami`;
const folder = mkdtempSync(join(tmpdir(), 'tools-'));
const world = nodeWorld({ resolvers: ['system'], timeoutMs: 5000 });
let workers: { close(): Promise<void>; readonly url: string }[];

beforeAll(async () => {
  const bundle = await bundledWorker(folder);
  workers = await Promise.all([{}, { ARCADE_DISABLED_TOOLS: disabled }].map((env) => realWorker(bundle, secret, env)));
});

afterAll(async () => {
  world.close();
  await Promise.all(workers.map((worker) => worker.close()));
  rmSync(folder, { recursive: true });
});

/** The server whose tools the real worker has, as a folder with these tools would declare it. */
function builtFrom(tools: readonly string[], fields: object = {}, name = basename(recordedServer)): Server {
  const { version, description } = recordedToolkit;
  const entry = { team: 'infra', image: '1.0.1', version, description, ...fields };
  const [server] = serverList([{ name, entry, tools }], [platform]).servers;
  if (server === undefined) throw new Error('the server is not valid');
  return server;
}

/** What verify finds at a real worker. */
async function found(server: Server, expectedTools?: readonly string[], worker = workers[0]): Promise<Report> {
  const target = targetOf(server, {
    url: worker?.url,
    secret: new Secret(Buffer.from(secret)),
    allowlist: allowlistFrom(['127.0.0.0/8']),
    invoke: ['all'],
    expectedTools,
  });
  return verify(target, world);
}

const three = ['add', 'echo', 'whoami'];

test('a worker with the tools and the version of its folder passes', async () => {
  const report = await found(builtFrom(three));
  expect(findingOf(report, 'tools')).toMatchObject({ state: 'passed', detail: 'Echo, Add, Whoami' });
  expect(report.isGood).toBe(true);
});

test.each<[string, () => Server, RegExp]>([
  ['a tool too few', () => builtFrom([...three, 'retry_later']), /: missing: \w+\.RetryLater$/],
  ['a tool too many', () => builtFrom(['add', 'echo']), /: not expected: \w+\.Whoami$/],
  ['another version', () => builtFrom(three, { version: '1.1.0' }), /: version 1\.0\.0 instead of 1\.1\.0$/],
  [
    "another server's tools of the same names",
    () => builtFrom(['add'], {}, 'weather'),
    /: missing: Weather\.Add; not expected: \w+\.Echo, /,
  ],
])('%s is reported, and no tool is called', async (_what, server, message) => {
  const report = await found(server());
  expect(problemAt(report, 'tools')).toEqual({
    code: 'TOOLS-DIFFER',
    message: expect.stringMatching(message),
    hasFix: true,
    isGood: false,
  });
  expect(findingOf(report, 'invoke')).toMatchObject({ state: 'skipped' });
});

test('--expect overrides what the folder says', async () => {
  const raised = builtFrom([...three, 'retry_later'], { version: '1.1.0' });
  expect(await found(raised, ['echo', 'Add', 'WHOAMI'])).toMatchObject({ isGood: true });
  expect(problemAt(await found(builtFrom(three), ['echo']), 'tools')).toMatchObject({ code: 'TOOLS-DIFFER' });
});

test('a tool that the declaration disables is not expected', async () => {
  const server = builtFrom(three, { env: { ARCADE_DISABLED_TOOLS: disabled } });
  expect(await found(server, undefined, workers[1])).toMatchObject({ isGood: true });
  const other = await found(builtFrom(three), undefined, workers[1]);
  expect(problemAt(other, 'tools')).toMatchObject({ message: expect.stringMatching(/: missing: \w+\.Whoami$/) });
});

test('the tools of an image that is built elsewhere are reported as not checked, and called', async () => {
  const report = await found(testServer());
  expect(findingOf(report, 'tools')).toMatchObject({
    state: 'skipped',
    reason: 'not checked: the image is built elsewhere; compare with --expect Echo,Add,Whoami',
  });
  expect(findingOf(report, 'invoke')).toMatchObject({ state: 'passed' });
  expect(report.isGood).toBe(true);
});
