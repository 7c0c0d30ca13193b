import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { recordedName, recordedServer } from '../testing/exchanges/recorded';
import { mint } from '../testing/exchanges/token';
import { contract } from './contract';

const secret = 'a-secret-of-this-test';
const anyPorts = { ARCADE_SERVER_TRANSPORT: 'http', ARCADE_SERVER_PORT: '0', WORKER_OPERATIONS_PORT: '0' };
let folder: string;
let bundle: string;
const running = new Set<ChildProcess>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'worker-'));
  bundle = join(folder, 'worker.cjs');
  await promisify(execFile)(process.execPath, [
    join(__dirname, 'build.mjs'),
    join(__dirname, '..', recordedServer),
    bundle,
  ]);
});
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
});
afterAll(() => rm(folder, { recursive: true }));

test('the bundle runs in another folder with the same tools', async () => {
  const { url } = await started({ ARCADE_WORKER_SECRET: secret });
  const authorization = `Bearer ${mint({ secret, alg: 'HS256', claims: { aud: 'worker', ver: '1' } })}`;
  const answer = await fetch(`${url}${contract.paths.tools}`, { headers: { authorization } });
  expect(await answer.json()).toMatchObject([{ name: 'Echo' }, { name: 'Add' }, { name: 'Whoami' }]);
});

test('an invalid environment stops the start with one message that shows no value', async () => {
  const { code, errors } = await ended({ ARCADE_WORKER_SECRET: '', ARCADE_SERVER_PORT: 'bad-port' });
  expect(code).toBe(1);
  expect(errors).toBe(
    'Cannot start the worker: the environment is invalid\n' +
      '  ARCADE_SERVER_PORT must be a whole number from 0 to 65535\n' +
      '  ARCADE_WORKER_SECRET is empty; set a value or remove it\n',
  );
});

test('a port in use stops the start with a message that names the variable', async () => {
  const { url, operationsUrl } = await started({});
  for (const [variable, taken] of [
    ['ARCADE_SERVER_PORT', new URL(url).port],
    ['WORKER_OPERATIONS_PORT', new URL(operationsUrl).port],
  ] as const) {
    const { code, errors } = await ended({ [variable]: taken });
    expect(code).toBe(1);
    expect(errors).toBe(
      `Cannot listen on 127.0.0.1 port ${taken}: the port is in use (EADDRINUSE); set ${variable} to a free port\n`,
    );
  }
});

test('logs unknown variables once, and starts without a secret for MCP clients only', async () => {
  const { url, lines } = await started({ ARCADE_MISSPELT: 'x' });
  expect((await fetch(`${url}${contract.paths.health}`)).status).toBe(404);
  expect(lines.filter((line) => line.includes('ARCADE_MISSPELT'))).toHaveLength(1);
});

test('logs suspicious settings as warnings at start and still serves', async () => {
  const { url, lines } = await started({
    ARCADE_WORKER_SECRET: `${secret}\n`,
    OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_BSP_SCHEDULE_DELAY: '1',
  });
  const warnings = () => lines.map((line) => JSON.parse(line)).filter(({ level }) => level === 'warn');
  const beginnings = ['ARCADE_WORKER_SECRET ends', 'OTEL_EXPORTER_OTLP_PROTOCOL', 'OTEL_EXPORTER_OTLP_ENDPOINT'];
  expect(warnings().map(({ message }) => message)).toEqual(beginnings.map((each) => expect.stringContaining(each)));
  const token = mint({ secret: `${secret}\n`, alg: 'HS256', claims: { aud: 'worker', ver: '1' } });
  const answer = await fetch(`${url}${contract.paths.tools}`, { headers: { authorization: `Bearer ${token}` } });
  expect(answer.status).toBe(200);
  await until(async () => warnings().some(({ message }) => message.startsWith('spans are not delivered')));
  expect(lines.join()).not.toContain(secret);
});

test('after SIGTERM the worker is unready immediately and serves while it drains, until a second signal', async () => {
  const { child, url, operationsUrl } = await started({ ARCADE_WORKER_SECRET: secret, WORKER_DRAIN_SECONDS: '600' });
  // The event loop may have lagged during the start.
  await until(async () => (await fetch(`${operationsUrl}/ready`)).status === 200);
  expect((await fetch(`${operationsUrl}/live`)).status).toBe(200);
  expect(await (await fetch(`${operationsUrl}/metrics`)).text()).toContain('nodejs_eventloop_lag_seconds');
  const exit = exitOf(child);
  child.kill('SIGTERM');
  await until(async () => (await fetch(`${operationsUrl}/ready`)).status === 503);
  const answer = await fetch(`${url}${contract.paths.health}`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('connection')).toBe('close');
  await until(async () => child.stdoutLines.some((line) => line.includes('worker stopping')));
  const line = child.stdoutLines.find((text) => text.includes('worker stopping')) ?? '';
  expect(JSON.parse(line)).toMatchObject({ signal: 'SIGTERM', drainSeconds: 600 });
  child.kill('SIGTERM');
  expect(await exit).toBe(1);
});

test.each([
  ['SIGTERM', '0'],
  ['SIGINT', '600'],
] as const)('after %s with a drain of %s s the worker exits with 0 and logs it', async (signal, drain) => {
  const { child } = await started({ WORKER_DRAIN_SECONDS: drain });
  const exit = exitOf(child);
  child.kill(signal);
  expect(await exit).toBe(0);
  expect(child.stdoutLines.slice(-2).map((line) => JSON.parse(line))).toMatchObject([
    { message: 'worker stopping', signal, drainSeconds: 0 },
    { message: 'worker stopped' },
  ]);
});

test('does not wait for connections that have never sent a request', async () => {
  const { child, url } = await started({ WORKER_DRAIN_SECONDS: '0', ARCADE_UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN: '120' });
  const silent = connect(Number(new URL(url).port), '127.0.0.1');
  await once(silent, 'connect');
  // The worker has accepted the connection by the time it answers on a later one.
  await (await fetch(`${url}${contract.paths.health}`)).text();
  const exit = exitOf(child);
  child.kill('SIGTERM');
  expect(await exit).toBe(0);
});

test('logs an unhandled rejection and keeps running; shuts down gracefully after an uncaught error', async () => {
  const stray = join(folder, 'stray.cjs');
  await writeFile(
    stray,
    `process.once('SIGWINCH', () => {
      Promise.reject(new Error('a stray rejection'));
      process.once('SIGWINCH', () => { throw new Error('a stray error'); });
    });`,
  );
  const { child, operationsUrl } = await started({ NODE_OPTIONS: `--require ${stray}` });
  const errors = () => child.stdoutLines.map((line) => JSON.parse(line)).filter(({ level }) => level === 'error');
  const exit = exitOf(child);
  child.kill('SIGWINCH');
  await until(async () => errors().length > 0);
  expect((await fetch(`${operationsUrl}/live`)).status).toBe(200);
  child.kill('SIGWINCH');
  expect(await exit).toBe(1);
  expect(errors()).toMatchObject([
    { message: 'unhandled promise rejection', err: { message: 'a stray rejection' } },
    { message: 'worker stopping after an unexpected error', err: { message: 'a stray error' } },
  ]);
  expect(JSON.parse(child.stdoutLines.at(-1) ?? '')).toMatchObject({ message: 'worker stopped' });
});

test('keeps serving after standard output is closed', async () => {
  const { child, url } = await started({ ARCADE_WORKER_SECRET: secret });
  child.stdout?.destroy();
  const authorization = `Bearer ${mint({ secret, alg: 'HS256', claims: { aud: 'worker', ver: '1' } })}`;
  const body = JSON.stringify({ tool: { name: 'Echo', toolkit: recordedName }, inputs: { message: 'hi' } });
  for (let call = 0; call < 200; call += 1) {
    const answer = await fetch(`${url}${contract.paths.invoke}`, { method: 'POST', headers: { authorization }, body });
    expect(answer.status).toBe(200);
  }
});

test('exits without an error when a stdio client stops reading', async () => {
  const child = run({ ARCADE_SERVER_TRANSPORT: 'stdio' });
  let errors = '';
  child.stderr?.on('data', (chunk) => {
    errors += chunk;
  });
  child.stdout?.destroy();
  child.stdin?.write('{"jsonrpc":"2.0","id":1,"method":"ping"}\n');
  expect([await exitOf(child), errors]).toEqual([0, '']);
});

type Worker = ChildProcess & { readonly stdoutLines: readonly string[] };

function run(environment: Readonly<Record<string, string>>): Worker {
  const child = spawn(process.execPath, [bundle], { cwd: folder, env: { ...anyPorts, ...environment } });
  running.add(child);
  const stdoutLines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => stdoutLines.push(line));
  return Object.assign(child, { stdoutLines });
}

async function started(environment: Readonly<Record<string, string>>) {
  const child = run(environment);
  let ready: { url: string; operationsUrl: string } | undefined;
  await until(async () => {
    const line = child.stdoutLines.find((text) => text.includes('worker started'));
    ready = line === undefined ? undefined : JSON.parse(line);
    return ready !== undefined;
  });
  if (ready === undefined) throw new Error('The worker did not start');
  return { child, lines: child.stdoutLines, ...ready };
}

async function ended(environment: Readonly<Record<string, string>>) {
  const child = run(environment);
  let errors = '';
  child.stderr?.on('data', (chunk) => {
    errors += chunk;
  });
  return { code: await exitOf(child), errors };
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('close', resolve));
}

/** Polls every 20 ms, because another process cannot be awaited. The timeout of the test is the limit. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}
