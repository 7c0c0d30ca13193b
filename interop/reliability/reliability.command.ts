import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { Problem } from '../../model/problem';
import { endpointsHeader, startProxy } from '../../testing/processes/nginx-load';
import { residentMiB } from '../../testing/processes/process-memory';
import { startWorker, type WorkerProcess } from '../../testing/processes/worker-process';
import { load } from './engine';
import { fail } from './fail';
import { slowClients } from './slow-clients';
import { wild } from './wild';

void runCommand({
  usage:
    'npm run interop -- reliability [restart | wild | slow | disk]   all of them when none is named\n' +
    '  restart   a rolling restart of two workers behind a real nginx, under load: not one failed call of 20 000\n' +
    '  wild      50 000 random and mutated requests: no 5xx, no crash, no growth\n' +
    '  slow      heads and bodies that trickle in: cut off in time, and others are served meanwhile\n' +
    '  disk      a standard output that is full: calls go on',
  options: {},
  async run(_flags, names) {
    const folder = mkdtempSync(join(tmpdir(), 'reliability-'));
    try {
      const bundle = join(folder, 'worker.cjs');
      execFileSync(process.execPath, [join(root, 'worker/build.mjs'), bundle]);
      for (const name of names.length === 0 ? Object.keys(parts) : names) {
        const part = parts[name];
        if (part === undefined) throw new Problem('USAGE', `Cannot run "${name}": no such part`, { fix: 'see --help' });
        process.stdout.write(`✓ ${name}: ${await part(bundle, folder)}\n`);
      }
      return 0;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
});

const parts: Readonly<Record<string, (bundle: string, folder: string) => Promise<string>>> = {
  restart: rollingRestart,
  wild: (bundle) => withWorker(bundle, {}, (worker) => wild(worker, 50_000)),
  slow: (bundle) => withWorker(bundle, {}, slowClients),
  disk: fullDisk,
};

const [firstPort, secondPort, proxyPort] = [18_100, 18_110, 18_120] as const;
const drainSeconds = 3;
const wantedCalls = 20_000;

/** One worker after the other goes and comes back, while an engine calls. */
async function rollingRestart(bundle: string, folder: string): Promise<string> {
  const workers = new Map<number, WorkerProcess>();
  for (const port of [firstPort, secondPort]) workers.set(port, await startWorker(bundle, port, { drainSeconds }));
  const proxy = await startProxy(join(folder, 'nginx'), proxyPort, [firstPort, secondPort]);
  let isRestarted = false;
  let isGivenUp = false;
  try {
    let endpoints = 'both';
    const headers = () => ({ [endpointsHeader]: endpoints });
    const running = load(proxy.url, 16, (calls) => isGivenUp || (isRestarted && calls >= wantedCalls), headers);
    const codes: (number | null)[] = [];
    for (const port of [firstPort, secondPort]) {
      const stopped = workers.get(port)?.stop();
      // Endpoints notice a moment after the signal, never at once; until then new calls keep coming.
      await pause(1000);
      endpoints = port === firstPort ? 'second' : 'first';
      codes.push((await stopped) ?? null);
      workers.set(port, await startWorker(bundle, port, { drainSeconds }));
      endpoints = 'both';
      await pause(500);
    }
    isRestarted = true;
    const { calls, failed, failures } = await running;
    if (failed > 0) fail(`${failed} of ${calls} calls failed during a rolling restart`, failures);
    if (codes.some((code) => code !== 0)) fail('a worker did not stop in good order', codes);
    return `${calls} calls, none failed, both workers replaced`;
  } finally {
    isGivenUp = true;
    await proxy.stop();
    for (const worker of workers.values()) worker.kill();
  }
}

/** /dev/full refuses every write with "no space left on device". */
async function fullDisk(bundle: string): Promise<string> {
  const full = openSync('/dev/full', 'w');
  try {
    return await withWorker(bundle, { stdout: full }, async ({ url, pid }) => {
      const before = await load(url, 8, (calls) => calls >= 1000);
      const memory = residentMiB(pid);
      const { calls, failed, failures } = await load(url, 8, (count) => count >= 20_000);
      if (before.failed + failed > 0) fail('calls failed while the disk was full', failures);
      const growth = residentMiB(pid) - memory;
      if (growth > 64) fail('lines that cannot be written pile up', `${growth} MiB`);
      return `${calls} calls, none failed, ${growth.toFixed(0)} MiB more`;
    });
  } finally {
    closeSync(full);
  }
}

async function withWorker<T>(
  bundle: string,
  options: { readonly stdout?: number },
  use: (worker: WorkerProcess) => Promise<T>,
): Promise<T> {
  const worker = await startWorker(bundle, firstPort, options);
  try {
    const result = await use(worker);
    const code = await worker.stop();
    if (code !== 0) fail('the worker did not stop in good order', code);
    return result;
  } finally {
    worker.kill();
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
