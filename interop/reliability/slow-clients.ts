import { connect, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { mint } from '../../testing/exchanges/token';
import { invokePath, secret, type WorkerProcess } from '../../testing/processes/worker-process';
import { load } from './engine';
import { fail } from './fail';

const each = 100;
/** A minute for head and body, and Node looks at its clocks every half a minute (Node 20 to 24). */
const longestMs = 100_000;

/**
 * Opens connections whose heads and bodies come one byte a second, and calls meanwhile.
 * @throws Problem when one of them is served, or kept longer than the limits say, or a call fails
 */
export async function slowClients({ url }: WorkerProcess): Promise<string> {
  const token = mint({ secret, alg: 'HS256', claims: { aud: 'worker', ver: '1' } });
  const slowHead = `POST ${invokePath} HTTP/1.1\r\nHost: x\r\nX-Slow: `;
  const slowBody = `POST ${invokePath} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Length: 9999\r\n\r\n{`;
  const started = performance.now();
  const ends = [slowHead, slowBody].flatMap((start) => Array.from({ length: each }, () => trickle(url, start)));
  const { calls, failed, failures } = await load(url, 4, (count) => count >= 3000);
  if (failed > 0) fail(`${failed} of ${calls} calls failed meanwhile: ${failures.join('; ')}`);
  const answers = await Promise.race([Promise.all(ends), setTimeout(longestMs, undefined, { ref: false })]);
  if (answers === undefined) fail(`connections are open after ${longestMs} ms`);
  // No answer at all is what a worker that drops everybody gives.
  const wrong = answers.find((answer) => !answer.startsWith('HTTP/1.1 408 '));
  if (wrong !== undefined) fail(`a slow client was answered with "${wrong}"`);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  return `${ends.length} slow clients cut off after at most ${seconds} s, ${calls} calls meanwhile`;
}

/** Sends a beginning and then one byte a second. Resolves with the answer when the server ends it. */
function trickle(url: string, start: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let text = '';
    const socket: Socket = connect(Number(port), hostname, () => socket.write(start));
    const timer = setInterval(() => socket.write('x'), 1000);
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    // Writing into a connection that the server has just ended.
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(timer);
      resolve(text);
    });
  });
}
