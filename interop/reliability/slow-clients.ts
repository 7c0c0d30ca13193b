import { connect } from 'node:net';
import { contract } from '../../worker/contract';
import { token } from './load';

/** How many clients send their head slowly, and how many their body. */
const each = 100;

/** Opens connections whose heads and bodies come one byte a second. Resolves with what each was answered at its end. */
export function slowClients(url: string): Promise<readonly string[]> {
  const start = `POST ${contract.paths.invoke} HTTP/1.1\r\nHost: x\r\n`;
  const slowHead = `${start}X-Slow: `;
  const slowBody = `${start}Authorization: Bearer ${token()}\r\nContent-Length: 9999\r\n\r\n{`;
  return Promise.all([slowHead, slowBody].flatMap((text) => Array.from({ length: each }, () => trickle(url, text))));
}

/** Sends a beginning and then one byte a second. Resolves with the answer when the server ends it. */
function trickle(url: string, start: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(Number(port), hostname, () => socket.write(start));
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
