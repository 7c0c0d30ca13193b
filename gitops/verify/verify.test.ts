import { type Changes, deployment, goodZone, secret } from '../../testing/fake-deployment/deployment';
import { findingOf, problemAt, verified } from '../../testing/fake-deployment/verified';
import { Secret } from '../seal/secret';
import { speedOf } from './health';
import type { StepName } from './step';
import { verify, verifyAll } from './verify';

const json = { 'content-type': 'application/json' };
const fails = { success: false, duration: 1, output: { error: { kind: 'TOOL_RUNTIME_RETRY', message: 'boom' } } };

test('passes a healthy server at every step', async () => {
  const report = await verified();
  const passed = report.results.filter(({ finding }) => finding.state === 'passed').map(({ step }) => step.name);
  expect(passed.join(' ')).toBe('resolve cname public tls health closed token tools mcp mcp-2026 invoke speed');
  expect(report).toMatchObject({ isGood: true, attempts: 1, results: { length: passed.length } });
  expect(findingOf(report, 'tls')).toMatchObject({ detail: '90 days left, by Test Authority' });
  expect(findingOf(report, 'invoke')).toMatchObject({
    detail: expect.stringMatching(/^Echo \d+ ms; not invoked: Add is not marked read-only$/),
  });
});

test.each<[string, StepName, string, Changes, RegExp]>([
  [
    'a certificate for another name',
    'tls',
    'TLS-INVALID',
    { certificate: { names: ['a.example.com'] } },
    /other names/,
  ],
  ['an expired certificate', 'tls', 'TLS-INVALID', { certificate: { daysLeft: -2 } }, /expired/],
  ['an unknown authority', 'tls', 'TLS-INVALID', { certificate: { isUnknown: true } }, /for "fake.example.com"/],
  [
    'a port where nothing listens',
    'tls',
    'UNREACHABLE',
    { world: { connectTo: { address: '127.0.0.1', port: 1 } } },
    /nothing listens/,
  ],
  [
    'a worker without a secret',
    'health',
    'HEALTH',
    { worker: { instead: { '/worker/health': { status: 404, body: '{"detail":"Not Found"}' } } } },
    /answered 404; the worker runs without a worker secret/,
  ],
  ['a missing rule', 'health', 'HEALTH', { worker: { instead: { '*': { status: 404 } } } }, /no rule for this host/],
  ['no ready pod', 'health', 'HEALTH', { worker: { instead: { '*': { status: 503 } } } }, /has no ready pod behind it/],
  [
    'a tool count that is a number',
    'health',
    'HEALTH',
    {
      worker: { instead: { '/worker/health': { status: 200, headers: json, body: '{"status":"ok","tool_count":2}' } } },
    },
    /not what a worker sends/,
  ],
  ['an open worker', 'closed', 'TOOLS-OPEN', { worker: { isOpen: true } }, /^Anyone can list and call/],
  ['another secret', 'token', 'TOKEN-REFUSED', { worker: { secret: 'another' } }, /Signature verification failed/],
  [
    'a secret that ends in a newline',
    'token',
    'TOKEN-REFUSED',
    { target: { secret: new Secret(Buffer.from(`${secret}\n`)) } },
    /ends in a newline/,
  ],
  [
    'a secret that ends in a Windows newline',
    'token',
    'TOKEN-REFUSED',
    { target: { secret: new Secret(Buffer.from(`${secret}\r\n`)) } },
    /ends in CR LF/,
  ],
  [
    'an old secret that still works',
    'old-token',
    'TOKEN-REFUSED',
    { target: { oldSecret: new Secret(Buffer.from(secret)) } },
    /still works \(200\)/,
  ],
  [
    'a missing tool',
    'tools',
    'TOOLS-DIFFER',
    { target: { expectedTools: ['echo', 'Fake.Add', 'Whoami'] } },
    /: missing: Whoami$/,
  ],
  ['an unexpected tool', 'tools', 'TOOLS-DIFFER', { target: { expectedTools: ['Echo'] } }, /not expected: Fake\.Add$/],
  [
    'a wrong tool count',
    'tools',
    'TOOLS-DIFFER',
    {
      worker: {
        instead: { '/worker/health': { status: 200, headers: json, body: '{"status":"ok","tool_count":"3"}' } },
      },
    },
    /health counts 3, the catalogue has 2/,
  ],
  ['an unsupported handshake', 'mcp', 'MCP', { worker: { eras: ['modern'] } }, /error -32600, no such revision/],
  ['an old revision only', 'mcp-2026', 'MCP', { worker: { eras: ['handshake'] } }, /error -32600, no such revision/],
  ['different tools at /mcp', 'mcp', 'TOOLS-DIFFER', { worker: { mcpTools: [{ name: 'Echo' }] } }, /missing: Fake_Add/],
  [
    'a host that /mcp does not allow',
    'mcp',
    'MCP',
    { worker: { instead: { '/mcp': { status: 403, headers: json, body: '{}' } } } },
    /does not allow this host/,
  ],
  [
    'a failing example',
    'invoke',
    'TOOL-FAILS',
    { worker: { tools: [{ name: 'Echo', isReadOnly: true, examples: [{ message: 'hi' }], answer: fails }] } },
    /fails on its first example: boom/,
  ],
])('reports %s at the step "%s" as %s', async (_what, step, code, changes, message) => {
  const report = await verified(changes);
  expect(problemAt(report, step)).toEqual({
    code,
    message: expect.stringMatching(message),
    hasFix: true,
    isGood: false,
  });
});

test('only warns of a certificate that expires soon', async () => {
  const report = await verified({ certificate: { daysLeft: 5 } });
  expect(problemAt(report, 'tls')).toMatchObject({
    code: 'TLS-SOON',
    message: expect.stringContaining('5 days'),
    isGood: true,
  });
});

test('warns of slow responses', async () => {
  const { target, close } = await deployment();
  await close();
  expect(speedOf(target, [9, 12, 2001, 10, 11], 2000)).toMatchObject({
    state: 'warned',
    problem: { code: 'SLOW', message: 'fake answers slowly: median 11 ms, slowest 2001 ms of 5' },
  });
});

test('accepts a tool that rejects placeholder inputs', async () => {
  const report = await verified({ worker: { tools: [{ name: 'Find', isReadOnly: true, answer: fails }] } });
  expect(findingOf(report, 'invoke')).toMatchObject({
    detail: 'Find answers TOOL_RUNTIME_RETRY to placeholder inputs',
  });
});

test('calls a tool that is not marked read-only when the caller names it', async () => {
  const made = await deployment({ target: { invoke: ['Fake_Add'] } });
  await verify(made.target, made.world);
  await made.close();
  expect(made.worker.asked.filter((asked) => asked === 'POST /worker/tools/invoke')).toHaveLength(2);
});

test('skips only the steps that need a secret when there is none', async () => {
  const report = await verified({ target: { secret: undefined } });
  const skipped = report.results.filter(({ finding }) => finding.state === 'skipped').map(({ step }) => step.name);
  expect(skipped).toEqual(['token', 'tools', 'invoke']);
  expect(findingOf(report, 'mcp-2026')).toMatchObject({ state: 'passed' });
});

test('retries with backoff until everything passes', async () => {
  const made = await deployment({ zone: {} });
  const pauses: number[] = [];
  const world = {
    ...made.world,
    async sleep(ms: number) {
      pauses.push(ms);
      if (pauses.length === 2) made.names.setZone(goodZone);
    },
  };
  const report = await verify(made.target, world, { waitMs: 3_600_000 });
  await made.close();
  expect(pauses).toEqual([1000, 2000]);
  expect(report).toMatchObject({ isGood: true, attempts: 3 });
});

test('verifies several servers concurrently, and reports them in order', async () => {
  const made = await deployment();
  const targets = Array.from({ length: 20 }, (_, index) => ({ ...made.target, name: `fake-${index}` }));
  const started = new Set<string>();
  const startedBeforeTheFirstEnd: number[] = [];
  const reports = await verifyAll(targets, made.world, {
    onStep: ({ name }) => void started.add(name),
    onReport: () => void startedBeforeTheFirstEnd.push(started.size),
  });
  await made.close();
  expect(startedBeforeTheFirstEnd[0]).toBe(20);
  expect(reports.map(({ target, isGood }) => [target.name, isGood])).toEqual(targets.map(({ name }) => [name, true]));
});
