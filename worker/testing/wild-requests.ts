import { connect } from 'node:net';
import fc from 'fast-check';
import { contract } from '../contract';
import type { Exchange } from '../vectors/exchange';
import { mint } from '../vectors/token';

const { health, tools, invoke, mcp } = contract.paths;

/** Requests that nobody should send: well-formed HTTP around anything at all, often nearly right. */
export function wildExchanges(secret: string): fc.Arbitrary<Exchange> {
  return fc.record({
    method: fc.constantFrom('GET', 'POST', 'POST', 'POST', 'PUT', 'HEAD', 'DELETE', 'OPTIONS', 'PATCH'),
    path: fc.oneof(fc.constantFrom(health, tools, invoke, invoke, mcp, '/', `${invoke}/`), wildPath),
    headers: fc.tuple(wildHeaders, authorization(secret)).map(([headers, value]) => ({
      accept: '*/*',
      ...headers,
      ...(value === undefined ? {} : { authorization: value }),
    })),
    body: fc.option(wildBody, { nil: undefined, freq: 5 }),
  });
}

/** The bytes of a good request after something has happened to some of them. */
export function wildBytes(secret: string): fc.Arbitrary<Buffer> {
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
 * Sends bytes as they are and waits for the end.
 * @param localAddress one of this machine's loopback addresses, so that a long run does not use up one's ports
 * @returns the first line of each answer; none at all is an answer too
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
    // A reset is one of the ways in which a server may end such a conversation; `close` follows.
    socket.on('error', () => {});
    socket.on('close', finish);
  });
}

const wildPath = fc
  .array(
    fc.oneof(fc.constantFrom('worker', 'tools', 'invoke', 'mcp', '..', '%2e', '%', '?', '//', '%00'), fc.string()),
    { maxLength: 4 },
  )
  .map((parts) => `/${parts.map((part) => part.replace(/[^\x21-\x7e]/g, '')).join('/')}`);

const wildHeaders = fc.dictionary(
  fc.constantFrom(
    'content-type',
    'accept',
    'mcp-session-id',
    'mcp-protocol-version',
    'origin',
    'host',
    'x-request-id',
    'mcp-method',
    'mcp-name',
  ),
  fc.oneof(
    fc.constantFrom('application/json', 'text/event-stream', 'null', '2025-11-25', '2026-07-28', 'tools/call'),
    fc.string().map((text) => text.replace(/[^\x20-\x7e]/g, '').trim()),
  ),
  { maxKeys: 5 },
);

function authorization(secret: string): fc.Arbitrary<string | undefined> {
  const claims = fc.oneof(fc.constant({ aud: 'worker', ver: '1' }), fc.jsonValue());
  const header = fc.oneof(
    { weight: 4, arbitrary: fc.constant({}) },
    fc.dictionary(fc.constantFrom('alg', 'kid', 'crit', 'typ', 'b64'), fc.jsonValue()),
  );
  const token = fc.record({ claims, header }).map((made) => `Bearer ${mint({ secret, alg: 'HS256', ...made })}`);
  const text = fc.string().map((value) => `Bearer ${value.replace(/[^\x20-\x7e]/g, '')}`);
  const good = fc.constant(`Bearer ${mint({ secret, alg: 'HS256', claims: { aud: 'worker', ver: '1' } })}`);
  return fc.oneof({ weight: 5, arbitrary: good }, token, text, fc.constant(undefined));
}

const toolName = fc.oneof(
  fc.constantFrom('Echo', 'Add', 'Whoami', 'ArcadeEvalRef_Echo', '__proto__', 'constructor'),
  fc.string(),
);
const inputs = fc.oneof(
  fc.dictionary(fc.oneof(fc.constantFrom('message', 'a', 'b', '__proto__'), fc.string()), fc.jsonValue()),
  fc.jsonValue(),
);
const envelope = fc.record(
  {
    tool: fc.oneof(
      fc.record(
        { name: toolName, toolkit: fc.constantFrom('ArcadeEvalRef', 'X'), version: fc.jsonValue() },
        { requiredKeys: ['name', 'toolkit'] },
      ),
      fc.jsonValue(),
    ),
    inputs,
    context: fc.oneof(
      fc.record({ user_id: fc.jsonValue(), secrets: fc.jsonValue() }, { requiredKeys: [] }),
      fc.jsonValue(),
    ),
    execution_id: fc.oneof(fc.string(), fc.jsonValue()),
  },
  { requiredKeys: [] },
);
const message = fc.record(
  {
    jsonrpc: fc.constantFrom('2.0', '1.0'),
    id: fc.jsonValue(),
    method: fc.oneof(
      fc.constantFrom('initialize', 'tools/list', 'tools/call', 'ping', 'server/discover', 'notifications/cancelled'),
      fc.string(),
    ),
    params: fc.oneof(
      fc.record({ name: toolName, arguments: inputs, _meta: fc.jsonValue() }, { requiredKeys: [] }),
      fc.jsonValue(),
    ),
  },
  { requiredKeys: [] },
);
const wildBody = fc.oneof(
  { weight: 4, arbitrary: envelope.map((value) => Buffer.from(JSON.stringify(value))) },
  { weight: 3, arbitrary: message.map((value) => Buffer.from(JSON.stringify(value))) },
  fc.json().map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
  fc.nat(3000).map((depth) => Buffer.from('['.repeat(depth))),
);

function goodRequests(secret: string): readonly [Buffer, ...Buffer[]] {
  const token = `Bearer ${mint({ secret, alg: 'HS256', claims: { aud: 'worker', ver: '1' } })}`;
  const call = JSON.stringify({ tool: { name: 'Echo', toolkit: 'ArcadeEvalRef' }, inputs: { message: 'hi' } });
  const ask = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'ArcadeEvalRef_Echo', arguments: { message: 'hi' } },
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
