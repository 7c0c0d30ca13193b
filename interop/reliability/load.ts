import { Agent, request } from 'node:http';
import { recordedName } from '../../testing/exchanges/recorded';
import { mint } from '../../testing/exchanges/token';
import { contract } from '../../worker/contract';

/** The worker secret of this suite. */
export const secret = 'a-secret-of-the-reliability-suite';

/** A token that an engine would send. */
export const token = () => mint({ secret, alg: 'HS256', claims: { aud: 'worker', ver: '1' } });

/** How a load went. */
export interface LoadReport {
  readonly calls: number;
  readonly failed: number;
  /** What went wrong, at most ten of them in words. */
  readonly failures: readonly string[];
}

/**
 * Calls Echo over kept connections, as an engine does, each time with a text of its own that has to come back. No retries.
 * @param isDone asked before every call
 * @param headers what else each request carries. @default - nothing
 */
export async function load(
  url: string,
  connections: number,
  isDone: (calls: number) => boolean,
  headers: () => Readonly<Record<string, string>> = () => ({}),
): Promise<LoadReport> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const authorization = `Bearer ${token()}`;
  const failures: string[] = [];
  let calls = 0;
  let failed = 0;
  async function caller(): Promise<void> {
    while (!isDone(calls)) {
      calls += 1;
      const text = `text ${calls}`;
      const found = await echo(agent, url, { authorization, ...headers() }, text).catch(
        (error: Error) => error.message,
      );
      if (found === text) continue;
      failed += 1;
      if (failures.length < 10) failures.push(found);
    }
  }
  await Promise.all(Array.from({ length: connections }, caller));
  agent.destroy();
  return { calls, failed, failures };
}

function echo(agent: Agent, url: string, further: Readonly<Record<string, string>>, message: string): Promise<string> {
  const body = JSON.stringify({ tool: { name: 'Echo', toolkit: recordedName }, inputs: { message } });
  const { hostname, port } = new URL(url);
  const headers = { ...further, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const options = { agent, hostname, port, path: contract.paths.invoke, method: 'POST', headers };
  return new Promise((resolve, reject) => {
    const outgoing = request(options, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const answer = Buffer.concat(chunks).toString();
        resolve(incoming.statusCode === 200 ? JSON.parse(answer).output.value : `${incoming.statusCode} ${answer}`);
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
