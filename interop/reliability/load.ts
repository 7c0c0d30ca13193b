import { Agent, request } from 'node:http';
import { recordedName } from '../../testing/exchanges/recorded';
import { mint } from '../../testing/exchanges/token';
import { contract } from '../../worker/contract';

/** The worker secret of this suite. */
export const secret = 'a-secret-of-the-reliability-suite';

/** A token as an engine sends it. */
export const token = () => mint({ secret, alg: 'HS256', claims: { aud: 'worker', ver: '1' } });

/** The outcome of a load run. */
export interface LoadReport {
  readonly calls: number;
  readonly failed: number;
  /** Descriptions of the first ten failures. */
  readonly failures: readonly string[];
}

/**
 * Calls Echo over keep-alive connections, as an engine does, each time with a unique text that must be returned. No retries.
 * @param isDone checked before every call
 * @param headers additional request headers. @default - none
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

function echo(agent: Agent, url: string, extra: Readonly<Record<string, string>>, message: string): Promise<string> {
  const body = JSON.stringify({ tool: { name: 'Echo', toolkit: recordedName }, inputs: { message } });
  const { hostname, port } = new URL(url);
  const headers = { ...extra, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
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
