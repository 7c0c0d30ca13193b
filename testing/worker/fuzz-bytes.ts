import { connect } from 'node:net';
import fc from 'fast-check';
import { contract } from '../../worker/contract';
import { recordedName } from '../exchanges/recorded';
import { mint } from '../exchanges/token';

const { health, tools, invoke, mcp } = contract.paths;

/** Valid requests with some bytes changed, removed or inserted. */
export function fuzzBytes(secret: string): fc.Arbitrary<Buffer> {
  const changes = fc.array(
    fc.record({
      at: fc.nat(2000),
      what: fc.constantFrom('set', 'cut', 'insert'),
      bytes: fc.uint8Array({ maxLength: 8 }),
    }),
    { minLength: 1, maxLength: 6 },
  );
  return fc.tuple(fc.constantFrom(...goodRequests(secret)), changes).map(([good, list]) => list.reduce(changed, good));
}

/**
 * Sends raw bytes and waits until the connection closes.
 * @param localAddress a loopback address; a long run varies it so as not to exhaust the ports of one
 * @returns the status line of each response; may be empty
 */
export function sendBytes(url: string, bytes: Buffer, localAddress = '127.0.0.1'): Promise<readonly string[]> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let text = '';
    const finish = () => resolve(text.match(/^HTTP\/1\.1 .*$/gm) ?? []);
    const socket = connect({ host: hostname, port: Number(port), localAddress }, () => socket.end(bytes));
    socket.setTimeout(2000, () => socket.destroy());
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    // The server may reset the connection; `close` follows.
    socket.on('error', () => {});
    socket.on('close', finish);
  });
}

function goodRequests(secret: string): readonly [Buffer, ...Buffer[]] {
  const token = `Bearer ${mint({ secret, alg: 'HS256', claims: { aud: 'worker', ver: '1' } })}`;
  const call = JSON.stringify({ tool: { name: 'Echo', toolkit: recordedName }, inputs: { message: 'hi' } });
  const ask = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: `${recordedName}_Echo`, arguments: { message: 'hi' } },
  });
  const post = (path: string, headers: string, body: string) =>
    Buffer.from(`POST ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`);
  return [
    post(invoke, `Authorization: ${token}\r\n`, call),
    post(mcp, 'Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n', ask),
    Buffer.from(
      `POST ${invoke} HTTP/1.1\r\nHost: x\r\nAuthorization: ${token}\r\nTransfer-Encoding: chunked\r\n\r\n${call.length.toString(16)}\r\n${call}\r\n0\r\n\r\n`,
    ),
    Buffer.from(
      `GET ${tools} HTTP/1.1\r\nHost: x\r\nAuthorization: ${token}\r\n\r\nGET ${health} HTTP/1.1\r\nHost: x\r\n\r\n`,
    ),
  ];
}

interface Change {
  readonly at: number;
  readonly what: string;
  readonly bytes: Uint8Array;
}

function changed(request: Buffer, { at, what, bytes }: Change): Buffer {
  const place = at % (request.length + 1);
  const kept = what === 'insert' ? place : place + bytes.length;
  return Buffer.concat([request.subarray(0, place), what === 'cut' ? Buffer.alloc(0) : bytes, request.subarray(kept)]);
}
