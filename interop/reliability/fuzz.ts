import { Agent, request } from 'node:http';
import fc from 'fast-check';
import type { Exchange } from '../../testing/exchanges/exchange';
import { residentMiB } from '../../testing/processes/process-usage';
import type { RunningServer } from '../../testing/processes/server';
import { fuzzBytes, sendBytes } from '../../testing/worker/fuzz-bytes';
import { fuzzExchanges } from '../../testing/worker/fuzz-exchanges';
import { seen } from '../seen';
import { secret } from './load';

/** The outcome of a fuzz run. */
export interface FuzzReport {
  /** How often each status was received. */
  readonly statuses: ReadonlyMap<string, number>;
  /** Growth of resident memory since a tenth of the requests. */
  readonly growthMiB: number;
}

/**
 * Sends random and mutated requests: two thirds well-formed HTTP, one third raw bytes.
 * @throws Error for a 5xx
 */
export async function fuzz({ url, pid }: RunningServer, count: number): Promise<FuzzReport> {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const seed = Date.now() % 2 ** 31;
  seen(`exchanges with seed ${seed}, bytes with seed ${seed + 1}`);
  const exchanges = fc.sample(fuzzExchanges(secret), { numRuns: 2000, seed });
  const bytes = fc.sample(fuzzBytes(secret), { numRuns: 2000, seed: seed + 1 });
  const statuses = new Map<string, number>();
  let sent = 0;
  let warmMiB: number | undefined;

  async function sender(lane: number): Promise<void> {
    while (sent < count) {
      sent += 1;
      const index = sent;
      const answers =
        index % 3 === 0
          ? await sendBytes(url, changedBytes(bytes, index), addressOf(lane))
          : [await statusOf(agent, url, addressOf(lane), changedExchange(exchanges, index))];
      for (const answer of answers) {
        const status = answer.replace('HTTP/1.1 ', '').trim();
        if (status.startsWith('5')) throw new Error(`request ${index} was answered with ${status}`);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
      if (warmMiB === undefined && sent > count / 10) warmMiB = residentMiB(pid);
    }
  }
  await Promise.all(Array.from({ length: 16 }, (_, lane) => sender(lane)));
  agent.destroy();
  return { statuses, growthMiB: residentMiB(pid) - (warmMiB ?? 0) };
}

/** Each lane has its own client address, because `/mcp` limits the requests per address and minute. */
function addressOf(lane: number): string {
  return `127.0.0.${2 + lane}`;
}

/**
 * Generating every request would take longer than sending it, so samples are reused and mixed. Every second one is sent
 * unchanged, because valid requests need matching headers and body.
 */
function changedExchange(samples: readonly Exchange[], index: number): Exchange {
  const sample = samples[index % samples.length];
  const round = Math.floor(index / samples.length);
  const other = samples[(index * 7 + round) % samples.length];
  if (sample === undefined || other === undefined) throw new Error('expected samples, found none');
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
    // A connection that breaks is no failure here: the test checks the worker's health at the end.
    outgoing.on('error', () => resolve('none'));
    outgoing.end(body);
  });
}
