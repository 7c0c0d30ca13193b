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
  // A heap this small is collected often, so that what grows in spite of that is held on to.
  const switches = ['--max-old-space-size=64'];
  const environment = { ARCADE_WORKER_SECRET: secret, ...parts.environment };
  const server = await startServer(worker({ stdout: 'ignore', ...parts, file, switches, environment }), port);
  running.push(server);
  return server;
}

test('restart: not one of 20 000 calls fails while two workers behind nginx are replaced', async () => {
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
      // Endpoints notice a moment after the signal, never at once; until then new calls keep coming.
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

/** With switches of Node like those of the image, which has no fixtures. */
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
  'fuzz: $count random and mutated requests to $what cause no 5xx, no crash and no growth',
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
    // Fewer, and little more than the doors would have been tried.
    expect(admitted.filter(([, times]) => times < count * 0.015)).toEqual([]);
    // A leak of 2 KiB a request would be more.
    expect(growthMiB).toBeLessThan(25);
    // What serves fixtures does not end in order: it is no product.
    expect(await server.stop()).toBe(startWith === startWithResources ? null : 0);
    const told = (counts: Iterable<readonly [string, number]>) =>
      [...counts]
        .sort(([, a], [, b]) => b - a)
        .slice(0, 9)
        .map(([what, times]) => `${times} × ${what}`)
        .join(', ');
    seen(`${growthMiB.toFixed(0)} MiB more; came in: ${told(admitted)}; answers: ${told(statuses)}`);
  },
);

test('slow: heads and bodies that trickle in are cut off with 408, and others are served meanwhile', async () => {
  const server = await start();
  const slow = slowClients(server.url);
  expect(await load(server.url, 4, (count) => count >= 3000)).toMatchObject({ failed: 0, failures: [] });
  // A minute for head and body, and Node looks at its clocks every half a minute (Node 20 to 24).
  const answers = await Promise.race([slow, pause(100_000, ['still open'], { ref: false })]);
  expect(answers).toHaveLength(200);
  // No answer at all is what a worker that drops everybody gives.
  expect(answers.filter((answer) => !answer.startsWith('HTTP/1.1 408 '))).toEqual([]);
  expect(await server.stop()).toBe(0);
});

test('disk: calls go on while standard output is full, and the lines do not pile up', async () => {
  // /dev/full refuses every write with "no space left on device".
  const server = await start({ stdout: openSync('/dev/full', 'w') });
  const before = await load(server.url, 8, (calls) => calls >= 1000);
  const memory = residentMiB(server.pid);
  const after = await load(server.url, 8, (calls) => calls >= 20_000);
  expect([before.failures, after.failures]).toEqual([[], []]);
  const growth = residentMiB(server.pid) - memory;
  expect(growth).toBeLessThan(64);
  expect(await server.stop()).toBe(0);
  seen(`${growth.toFixed(0)} MiB more`);
});
