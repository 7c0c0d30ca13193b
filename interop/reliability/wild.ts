import { Agent, request } from 'node:http';
import fc from 'fast-check';
import { type Exchange, exchange } from '../../testing/exchanges/exchange';
import { residentMiB } from '../../testing/processes/process-memory';
import { secret, type WorkerProcess } from '../../testing/processes/worker-process';
import { fuzzBytes, sendBytes } from '../../testing/worker/fuzz-bytes';
import { admittedOf, fuzzExchanges } from '../../testing/worker/fuzz-exchanges';
import { contract } from '../../worker/contract';
import { fail } from './fail';

/** How much the process may hold on to over the run, in MiB; a leak of 1 KiB a request would be twice that. */
const growthMiB = 25;

/** The share of all requests that must come all the way in on each way, or only the doors were tried. */
const admittedShare = 0.02;

/**
 * Sends random and mutated requests, two thirds of them well-formed HTTP and one third bytes.
 * @throws Problem for a 5xx, a crash, a process that grows, or requests that hardly ever came in
 */
export async function wild({ url, operationsUrl, pid }: WorkerProcess, count: number): Promise<string> {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const seed = Date.now() % 2 ** 31;
  process.stdout.write(`  wild: exchanges of seed ${seed}, bytes of seed ${seed + 1}\n`);
  const exchanges = fc.sample(fuzzExchanges(secret), { numRuns: 2000, seed });
  const bytes = fc.sample(fuzzBytes(secret), { numRuns: 2000, seed: seed + 1 });
  const statuses = new Map<string, number>();
  let sent = 0;
  let warm: number | undefined;

  async function sender(lane: number): Promise<void> {
    while (sent < count) {
      sent += 1;
      const index = sent;
      const seen =
        index % 3 === 0
          ? await sendBytes(url, changedBytes(bytes, index), addressOf(lane))
          : [await statusOf(agent, url, addressOf(lane), changedExchange(exchanges, index))];
      for (const line of seen) statuses.set(line, (statuses.get(line) ?? 0) + 1);
      const bad = seen.find((line) => /^HTTP\/1\.1 5|^5/.test(line));
      if (bad !== undefined) fail(`request ${index} was answered with ${bad}`);
      if (warm === undefined && sent > count / 10) warm = residentMiB(pid);
    }
  }
  await Promise.all(Array.from({ length: 16 }, (_, lane) => sender(lane)));
  agent.destroy();
  const { status } = await exchange(url, { method: 'GET', path: contract.paths.health, headers: {} });
  if (status !== 200) fail('the worker is no longer well');
  const unseen = ['200', '400', '401'].filter((wanted) => !statuses.has(wanted));
  if (unseen.length > 0) fail(`nothing was answered with ${unseen.join(', ')}`);
  const metrics = await exchange(operationsUrl, { method: 'GET', path: '/metrics', headers: {} });
  const admitted = Object.entries(admittedOf(metrics.body.toString()));
  const rare = admitted.filter(([, times]) => times < count * admittedShare);
  if (rare.length > 0) fail(`too few came in: ${rare.map(([way, times]) => `${times} × ${way}`).join(', ')}`);
  const growth = residentMiB(pid) - (warm ?? 0);
  if (growth > growthMiB) fail(`the process grew by ${growth.toFixed(0)} MiB`);
  const kinds = [...statuses]
    .sort((a, b) => b[1] - a[1])
    .map(([line, times]) => `${times} × ${line.replace('HTTP/1.1 ', '').trim()}`);
  const ways = admitted.map(([way, times]) => `${times} × ${way}`).join(', ');
  return `${sent} requests, ${growth.toFixed(0)} MiB more; came in: ${ways}; ${kinds.slice(0, 9).join(', ')}`;
}

/** Each lane is a client of its own: `/mcp` allows one client address only so many requests a minute. */
function addressOf(lane: number): string {
  return `127.0.0.${2 + lane}`;
}

/**
 * Making each request by the generators would take longer than sending it, so samples are varied once more: every second
 * one goes as it is, for in a sound one headers and body belong together.
 */
function changedExchange(samples: readonly Exchange[], index: number): Exchange {
  const sample = samples[index % samples.length];
  const round = Math.floor(index / samples.length);
  const other = samples[(index * 7 + round) % samples.length];
  if (sample === undefined || other === undefined) throw new Error('There are no samples');
  if ((index + round) % 2 === 0) return sample;
  return {
    ...sample,
    headers: { ...other.headers, ...sample.headers },
    body: (index + round) % 4 === 1 ? other.body : sample.body,
  };
}

function changedBytes(samples: readonly Buffer[], index: number): Buffer {
  const copy = Buffer.from(samples[index % samples.length] ?? Buffer.alloc(0));
  if (copy.length > 0) copy[(index * 31) % copy.length] = index % 256;
  return copy;
}

function statusOf(
  agent: Agent,
  url: string,
  localAddress: string,
  { method, path, headers, body }: Exchange,
): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const length = body === undefined ? {} : { 'content-length': body.length };
    const outgoing = request(
      { agent, hostname, port, localAddress, method, path, headers: { ...headers, ...length }, timeout: 5000 },
      (incoming) => {
        incoming.resume();
        incoming.on('close', () => resolve(String(incoming.statusCode)));
      },
    );
    outgoing.on('timeout', () => outgoing.destroy());
    // A connection that ends in the middle is no answer; whether the worker still lives is looked at in the end.
    outgoing.on('error', () => resolve('none'));
    outgoing.end(body);
  });
}
