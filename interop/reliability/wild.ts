import { Agent, request } from 'node:http';
import fc from 'fast-check';
import { Problem } from '../../servers/problem';
import { contract } from '../../worker/contract';
import { sendBytes, wildBytes, wildExchanges } from '../../worker/testing/wild-requests';
import { type Exchange, exchange } from '../../worker/vectors/exchange';
import { residentMiB } from '../worker/process-memory';
import { secret, type WorkerProcess } from './worker-process';

/** How much the process may hold on to over the run, in MiB; a leak of 1 KiB a request would be twice that. */
const growthMiB = 25;

/**
 * Sends random and mutated requests, two thirds of them well-formed HTTP and one third bytes.
 * @throws Problem for a 5xx, a crash, or a process that grows
 */
export async function wild({ url, pid }: WorkerProcess, count: number): Promise<string> {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const exchanges = fc.sample(wildExchanges(secret), { numRuns: 2000, seed: Date.now() % 2 ** 31 });
  const bytes = fc.sample(wildBytes(secret), { numRuns: 2000 });
  const statuses = new Map<string, number>();
  let sent = 0;
  let warm: number | undefined;

  async function sender(lane: number): Promise<void> {
    while (sent < count) {
      sent += 1;
      const index = sent;
      const seen =
        index % 3 === 0
          ? await sendBytes(url, changedBytes(bytes, index), `127.0.0.${2 + lane}`)
          : [await statusOf(agent, url, changedExchange(exchanges, index))];
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
  const growth = residentMiB(pid) - (warm ?? 0);
  if (growth > growthMiB) fail(`the process grew by ${growth.toFixed(0)} MiB`);
  const kinds = [...statuses]
    .sort((a, b) => b[1] - a[1])
    .map(([line, times]) => `${times} × ${line.replace('HTTP/1.1 ', '').trim()}`);
  return `${sent} requests, ${growth.toFixed(0)} MiB more; ${kinds.slice(0, 9).join(', ')}`;
}

/** Making each request by the generators would take longer than sending it, so samples are varied once more. */
function changedExchange(samples: readonly Exchange[], index: number): Exchange {
  const sample = samples[index % samples.length];
  const other = samples[(index * 7 + Math.floor(index / samples.length)) % samples.length];
  if (sample === undefined || other === undefined) throw new Error('There are no samples');
  return {
    ...sample,
    headers: { ...other.headers, ...sample.headers },
    body: index % 2 === 0 ? other.body : sample.body,
  };
}

function changedBytes(samples: readonly Buffer[], index: number): Buffer {
  const copy = Buffer.from(samples[index % samples.length] ?? Buffer.alloc(0));
  if (copy.length > 0) copy[(index * 31) % copy.length] = index % 256;
  return copy;
}

function statusOf(agent: Agent, url: string, { method, path, headers, body }: Exchange): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const length = body === undefined ? {} : { 'content-length': body.length };
    const outgoing = request(
      { agent, hostname, port, method, path, headers: { ...headers, ...length }, timeout: 5000 },
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

function fail(what: string): never {
  throw new Problem('INTEROP-FAILED', `Cannot call it reliable: ${what}`, { fix: 'run this part by itself' });
}
