import { connect } from 'node:net';
import { contract } from '../../worker/contract';
import { token } from './load';

/** The number of clients with a slow head, and of clients with a slow body. */
const each = 100;

/** Opens connections that send head or body one byte a second. Resolves with the response of each. */
export function slowClients(url: string): Promise<readonly string[]> {
  const start = `POST ${contract.paths.invoke} HTTP/1.1\r\nHost: x\r\n`;
  const slowHead = `${start}X-Slow: `;
  const slowBody = `${start}Authorization: Bearer ${token()}\r\nContent-Length: 9999\r\n\r\n{`;
  return Promise.all([slowHead, slowBody].flatMap((text) => Array.from({ length: each }, () => trickle(url, text))));
}

/** Sends `start`, then one byte a second. Resolves with the response when the server closes the connection. */
function trickle(url: string, start: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(Number(port), hostname, () => socket.write(start));
    const timer = setInterval(() => socket.write('x'), 1000);
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    // A write may fail because the server has just closed the connection.
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(timer);
      resolve(text);
    });
  });
}
