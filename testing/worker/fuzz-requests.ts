import { connect } from 'node:net';
import fc from 'fast-check';
import { contract } from '../../worker/contract';
import { metaKeys, modernRevision } from '../../worker/mcp/protocol';
import type { Exchange } from '../exchanges/exchange';
import { mint } from '../exchanges/token';

const { health, tools, invoke, mcp } = contract.paths;

/** Requests that nobody should send: well-formed HTTP around anything at all, often nearly right, and at times right. */
export function wildExchanges(secret: string): fc.Arbitrary<Exchange> {
  return fc.oneof(
    { weight: 4, arbitrary: invokeExchange(secret) },
    { weight: 4, arbitrary: mcpExchange },
    { weight: 3, arbitrary: anyExchange(secret) },
  );
}

/** How many requests came all the way in, by what the worker itself counts on its page of metrics. */
export interface Admitted {
  /** Calls of tools by the engine's route that came out right. */
  readonly invoke: number;
  /** Requests to `/mcp` of each era that were answered with 200. */
  readonly handshake: number;
  readonly modern: number;
}

/** Reads a page of metrics. */
export function admittedOf(metrics: string): Admitted {
  const sum = (series: RegExp) => [...metrics.matchAll(series)].reduce((total, [, count]) => total + Number(count), 0);
  return {
    invoke: sum(/^tool_call\{way="worker",.*outcome="ok"\} (\d+)$/gm),
    handshake: sum(/^mcp_requests_total\{era="handshake",.*status="200"\} (\d+)$/gm),
    modern: sum(/^mcp_requests_total\{era="modern",.*status="200"\} (\d+)$/gm),
  };
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

function anyExchange(secret: string): fc.Arbitrary<Exchange> {
  return fc.record({
    method: wildMethod,
    path: fc.oneof(fc.constantFrom(health, tools, invoke, invoke, mcp, '/', `${invoke}/`), wildPath),
    headers: withAuthorization(
      secret,
      wildHeaders.map((headers) => ({ accept: '*/*', ...headers })),
    ),
    body: fc.option(wildBody, { nil: undefined, freq: 5 }),
  });
}

function invokeExchange(secret: string): fc.Arbitrary<Exchange> {
  return fc.record({
    method: mostly('POST', wildMethod),
    path: fc.constant(invoke),
    headers: withAuthorization(secret, mostly({}, wildHeaders)),
    body: envelope.map(bytesOf),
  });
}

const wildMethod = fc.constantFrom('GET', 'POST', 'POST', 'POST', 'PUT', 'HEAD', 'DELETE', 'OPTIONS', 'PATCH');

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

function withAuthorization(secret: string, headers: fc.Arbitrary<Exchange['headers']>) {
  return fc
    .tuple(headers, authorization(secret))
    .map(([others, value]) => (value === undefined ? others : { ...others, authorization: value }));
}

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
const wildInputs = fc.oneof(
  fc.dictionary(fc.oneof(fc.constantFrom('message', 'a', 'b', '__proto__'), fc.string()), fc.jsonValue()),
  fc.jsonValue(),
);
/** A tool and what it is given: two in three times what it wants. */
const call = fc.oneof(
  fc.record({ name: fc.constant('Echo'), inputs: fc.record({ message: fc.string() }) }),
  fc.record({ name: fc.constant('Add'), inputs: fc.record({ a: fc.integer(), b: fc.integer() }) }),
  fc.record({ name: toolName, inputs: wildInputs }),
);

/** A sound call, over which something may have been laid. */
const envelope = fc
  .tuple(
    call,
    mostly(
      {},
      fc.record(
        {
          tool: fc.oneof(
            fc.record(
              { name: toolName, toolkit: fc.constantFrom('ArcadeEvalRef', 'X'), version: fc.jsonValue() },
              { requiredKeys: ['name', 'toolkit'] },
            ),
            fc.jsonValue(),
          ),
          inputs: wildInputs,
          context: fc.oneof(
            fc.record({ user_id: fc.jsonValue(), secrets: fc.jsonValue() }, { requiredKeys: [] }),
            fc.jsonValue(),
          ),
          execution_id: fc.oneof(fc.string(), fc.jsonValue()),
        },
        { requiredKeys: [] },
      ),
    ),
  )
  .map(([{ name, inputs }, laidOver]) => ({ tool: { name, toolkit: 'ArcadeEvalRef' }, inputs, ...laidOver }));

const question = fc.oneof(
  {
    weight: 3,
    arbitrary: call.map(({ name, inputs }) => ({
      method: 'tools/call',
      params: { name: `ArcadeEvalRef_${name}`, arguments: inputs },
    })),
  },
  fc.constantFrom('tools/list', 'ping', 'server/discover').map((method) => ({ method, params: {} })),
  fc.constant({
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'wild', version: '1' } },
  }),
);

/** A sound question in one of the two eras, with the headers that go with it. */
const asked = fc
  .record({ question, id: fc.oneof(fc.nat(), fc.string()), isModern: fc.boolean() })
  .map(({ question: { method, params }, id, isModern }) => {
    const plain = { jsonrpc: '2.0', id, method };
    if (!isModern) return { headers: {}, message: { ...plain, params } };
    const name: Readonly<Record<string, string>> = 'name' in params ? { 'mcp-name': params.name } : {};
    return {
      headers: { 'mcp-protocol-version': modernRevision, 'mcp-method': method, ...name },
      message: { ...plain, params: { ...params, _meta: modernMeta } },
    };
  });
const modernMeta = { [metaKeys.protocolVersion]: modernRevision, [metaKeys.clientCapabilities]: {} };

/** What may be laid over a message: any member of it, wrong or right. */
const wildMessage = fc.record(
  {
    jsonrpc: fc.constantFrom('2.0', '1.0'),
    id: fc.jsonValue(),
    method: fc.oneof(
      fc.constantFrom('initialize', 'tools/list', 'tools/call', 'ping', 'server/discover', 'notifications/cancelled'),
      fc.string(),
    ),
    params: fc.oneof(
      fc.record({ name: toolName, arguments: wildInputs, _meta: fc.jsonValue() }, { requiredKeys: [] }),
      fc.jsonValue(),
    ),
  },
  { requiredKeys: [] },
);

const mcpExchange: fc.Arbitrary<Exchange> = fc
  .record({
    method: mostly('POST', wildMethod),
    asked,
    messageOver: mostly({}, wildMessage),
    headersOver: mostly({}, wildHeaders),
  })
  .map(({ method, asked: { headers, message }, messageOver, headersOver }) => ({
    method,
    path: mcp,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
      ...headersOver,
    },
    body: bytesOf({ ...message, ...messageOver }),
  }));

const wildBody = fc.oneof(
  { weight: 4, arbitrary: envelope.map(bytesOf) },
  { weight: 3, arbitrary: wildMessage.map(bytesOf) },
  fc.json().map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
  fc.nat(3000).map((depth) => Buffer.from('['.repeat(depth))),
);

/** Five times in six what is sound. */
function mostly<Sound, Wild>(sound: Sound, wild: fc.Arbitrary<Wild>): fc.Arbitrary<Sound | Wild> {
  return fc.oneof({ weight: 5, arbitrary: fc.constant(sound) }, wild);
}

function bytesOf(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

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
