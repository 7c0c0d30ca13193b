import fc from 'fast-check';
import { contract } from '../../worker/contract';
import type { Exchange } from '../exchanges/exchange';
import { mint } from '../exchanges/token';
import { anyMessage, bytesOf, envelope, mcpRequest, mostly, resourceUri } from './fuzz-calls';

const { health, tools, invoke, mcp, resourcesList, resourcesRead } = contract.paths;

/** Well-formed HTTP requests with arbitrary contents: often almost valid, sometimes valid. */
export function fuzzExchanges(secret: string): fc.Arbitrary<Exchange> {
  return fc.oneof(
    { weight: 4, arbitrary: invokeExchange(secret) },
    { weight: 4, arbitrary: mcpExchange },
    { weight: 2, arbitrary: resourceExchange(secret) },
    { weight: 3, arbitrary: anyExchange(secret) },
  );
}

/** How many requests were admitted and succeeded, according to the worker's metrics. */
export interface Admitted {
  /** Successful tool calls on the engine's route. */
  readonly invoke: number;
  /** Requests to `/mcp` with status 200, by era. */
  readonly handshake: number;
  readonly modern: number;
  /** Resources read successfully on either route. 0 if a server has no resources. */
  readonly readings: number;
}

/** Parses a page of metrics. */
export function admittedOf(metrics: string): Admitted {
  const sum = (series: RegExp) => [...metrics.matchAll(series)].reduce((total, [, count]) => total + Number(count), 0);
  return {
    invoke: sum(/^tool_call\{way="worker",.*outcome="ok"\} (\d+)$/gm),
    handshake: sum(/^mcp_requests_total\{era="handshake",.*status="200"\} (\d+)$/gm),
    modern: sum(/^mcp_requests_total\{era="modern",.*status="200"\} (\d+)$/gm),
    readings:
      sum(/^worker_answers_total\{route="\/worker\/resources\/read",status="200"\} (\d+)$/gm) +
      sum(/^mcp_requests_total\{.*method="resources\/read",status="200"\} (\d+)$/gm),
  };
}

function anyExchange(secret: string): fc.Arbitrary<Exchange> {
  return fc.record({
    method: anyMethod,
    path: fc.oneof(
      fc.constantFrom(health, tools, invoke, invoke, mcp, resourcesList, resourcesRead, '/', `${invoke}/`),
      anyPath,
    ),
    headers: withAuthorization(
      secret,
      anyHeaders.map((headers) => ({ accept: '*/*', ...headers })),
    ),
    body: fc.option(anyBody, { nil: undefined, freq: 5 }),
  });
}

function invokeExchange(secret: string): fc.Arbitrary<Exchange> {
  return fc.record({
    method: mostly('POST', anyMethod),
    path: fc.constant(invoke),
    headers: withAuthorization(secret, mostly({}, anyHeaders)),
    body: envelope.map(bytesOf),
  });
}

function resourceExchange(secret: string): fc.Arbitrary<Exchange> {
  const overrides = fc.record(
    { uri: fc.oneof(resourceUri, fc.jsonValue()), cursor: fc.jsonValue(), context: fc.jsonValue() },
    { requiredKeys: [] },
  );
  return fc.record({
    method: mostly('POST', anyMethod),
    path: fc.constantFrom(resourcesRead, resourcesRead, resourcesList),
    headers: withAuthorization(secret, mostly({}, anyHeaders)),
    body: fc
      .tuple(resourceUri, mostly({}, fc.oneof(overrides, fc.jsonValue())))
      .map(([uri, more]) => bytesOf(typeof more === 'object' && more !== null ? { uri, ...more } : more)),
  });
}

const anyMethod = fc.constantFrom('GET', 'POST', 'POST', 'POST', 'PUT', 'HEAD', 'DELETE', 'OPTIONS', 'PATCH');

const anyPath = fc
  .array(
    fc.oneof(fc.constantFrom('worker', 'tools', 'invoke', 'mcp', '..', '%2e', '%', '?', '//', '%00'), fc.string()),
    { maxLength: 4 },
  )
  .map((parts) => `/${parts.map((part) => part.replace(/[^\x21-\x7e]/g, '')).join('/')}`);

const anyHeaders = fc.dictionary(
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

const mcpExchange: fc.Arbitrary<Exchange> = fc
  .record({
    method: mostly('POST', anyMethod),
    request: mcpRequest,
    messageOver: mostly({}, anyMessage),
    headersOver: mostly({}, anyHeaders),
  })
  .map(({ method, request: { headers, message }, messageOver, headersOver }) => ({
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

const anyBody = fc.oneof(
  { weight: 4, arbitrary: envelope.map(bytesOf) },
  { weight: 3, arbitrary: anyMessage.map(bytesOf) },
  fc.json().map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
  fc.nat(3000).map((depth) => Buffer.from('['.repeat(depth))),
);
