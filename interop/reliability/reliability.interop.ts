import { openSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { exchange } from '../../testing/exchanges/exchange';
import { freePort } from '../../testing/free-port';
import { endpointsHeader, startLoadBalancer } from '../../testing/processes/nginx';
import { recordedWorker, type WorkerParts, worker, workerWith } from '../../testing/processes/our-worker';
import { residentMiB } from '../../testing/processes/process-usage';
import { type RunningServer, startServer } from '../../testing/processes/server';
import { admittedOf } from '../../testing/worker/fuzz-exchanges';
import { contract } from '../../worker/contract';
import { seen } from '../seen';
import { fuzz } from './fuzz';
import { load, secret } from './load';
import { slowClients } from './slow-clients';

const running: RunningServer[] = [];
let file: string;

beforeAll(async () => {
  file = await recordedWorker();
});
afterAll(() => Promise.all(running.map((server) => server.kill())));

async function start(parts: Partial<WorkerParts> = {}, port?: number): Promise<RunningServer> {
  // A small heap is collected often, so remaining growth is a leak.
  const switches = ['--max-old-space-size=64'];
  const environment = { ARCADE_WORKER_SECRET: secret, ...parts.environment };
  const server = await startServer(worker({ stdout: 'ignore', ...parts, file, switches, environment }), port);
  running.push(server);
  return server;
}

test('restart: none of 20 000 calls fails while two workers behind nginx are replaced', async () => {
  const ports = [await freePort(), await freePort()] as const;
  const drains = { environment: { WORKER_DRAIN_SECONDS: '3' } };
  const workers = [await start(drains, ports[0]), await start(drains, ports[1])];
  const proxy = await startLoadBalancer(ports);
  let isRestarted = false;
  let endpoints = 'both';
  const isDone = (calls: number) => isRestarted && calls >= 20_000;
  const calling = load(proxy.url, 16, isDone, () => ({ [endpointsHeader]: endpoints }));
  try {
    for (const [index, port] of ports.entries()) {
      const stopped = workers[index]?.stop();
      // Endpoints are updated some time after the signal; until then the worker receives new calls.
      await pause(1000);
      endpoints = index === 0 ? 'second' : 'first';
      expect(await stopped).toBe(0);
      await start(drains, port);
      endpoints = 'both';
      await pause(500);
    }
  } finally {
    isRestarted = true;
    const { calls, failed, failures } = await calling;
    await proxy.stop();
    expect({ failed, failures }).toEqual({ failed: 0, failures: [] });
    seen(`${calls} calls`);
  }
});

/** A worker with resources from the fixtures, which the image lacks, with similar Node flags. */
async function startWithResources(environment: Readonly<Record<string, string>>): Promise<RunningServer> {
  const { command, ...recipe } = workerWith('resources', { ARCADE_WORKER_SECRET: secret, ...environment });
  const [node = '', ...rest] = command;
  const switches = ['--max-old-space-size=64', '--max-semi-space-size=4'];
  const server = await startServer({ ...recipe, command: [node, ...switches, ...rest], stdout: 'ignore' });
  running.push(server);
  return server;
}

test.each([
  {
    count: 50_000,
    what: 'the worker of the image',
    startWith: (environment: object) => start({ environment: { ...environment } }),
  },
  { count: 20_000, what: 'a worker with resources', startWith: startWithResources },
])(
  'fuzz: $count random and mutated requests to $what cause no 5xx, crash or memory growth',
  async ({ count, startWith }) => {
    const operations = await freePort();
    const server = await startWith({ WORKER_OPERATIONS_PORT: String(operations) });
    const { statuses, growthMiB } = await fuzz(server, count);
    const ask = (port: number, path: string) =>
      exchange(`http://127.0.0.1:${port}`, { method: 'GET', path, headers: {} });
    expect(await ask(Number(new URL(server.url).port), contract.paths.health)).toMatchObject({ status: 200 });
    expect([...statuses.keys()]).toEqual(expect.arrayContaining(['200', '400', '401']));
    const { readings, ...others } = admittedOf((await ask(operations, '/metrics')).body.toString());
    const admitted = Object.entries(startWith === startWithResources ? { readings, ...others } : others);
    // With fewer, the requests would have tested little beyond authentication.
    expect(admitted.filter(([, times]) => times < count * 0.015)).toEqual([]);
    // A leak of 2 KiB per request would exceed this.
    expect(growthMiB).toBeLessThan(25);
    // The fixture worker has no graceful shutdown: the signal kills it.
    expect(await server.stop()).toBe(startWith === startWithResources ? null : 0);
    const summary = (counts: Iterable<readonly [string, number]>) =>
      [...counts]
        .sort(([, a], [, b]) => b - a)
        .slice(0, 9)
        .map(([what, times]) => `${times} × ${what}`)
        .join(', ');
    seen(`grew by ${growthMiB.toFixed(0)} MiB; accepted: ${summary(admitted)}; statuses: ${summary(statuses)}`);
  },
);

test('slow: ends slow heads and bodies with 408, and serves other clients meanwhile', async () => {
  const server = await start();
  const slow = slowClients(server.url);
  expect(await load(server.url, 4, (count) => count >= 3000)).toMatchObject({ failed: 0, failures: [] });
  // Head and body have one minute, and Node checks timeouts every 30 seconds (Node 20 to 24).
  const answers = await Promise.race([slow, pause(100_000, ['still open'], { ref: false })]);
  expect(answers).toHaveLength(200);
  // An empty answer would mean that the worker just dropped the connection.
  expect(answers.filter((answer) => !answer.startsWith('HTTP/1.1 408 '))).toEqual([]);
  expect(await server.stop()).toBe(0);
});

test('disk: serves calls while writes to standard output fail, without buffering the log', async () => {
  // Every write to /dev/full fails with ENOSPC.
  const server = await start({ stdout: openSync('/dev/full', 'w') });
  const before = await load(server.url, 8, (calls) => calls >= 1000);
  const memory = residentMiB(server.pid);
  const after = await load(server.url, 8, (calls) => calls >= 20_000);
  expect([before.failures, after.failures]).toEqual([[], []]);
  const growth = residentMiB(server.pid) - memory;
  expect(growth).toBeLessThan(64);
  expect(await server.stop()).toBe(0);
  seen(`grew by ${growth.toFixed(0)} MiB`);
});
