import { delayMs, orUpstreamError, transportError } from './http-failures';

test.each<[number, Record<string, string>, string, number | null]>([
  [500, {}, 'UPSTREAM_RUNTIME_SERVER_ERROR', null],
  [404, {}, 'UPSTREAM_RUNTIME_NOT_FOUND', null],
  [403, {}, 'UPSTREAM_RUNTIME_AUTH_ERROR', null],
  [403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '7' }, 'UPSTREAM_RUNTIME_RATE_LIMIT', 7000],
  [429, { 'retry-after': '2' }, 'UPSTREAM_RUNTIME_RATE_LIMIT', 2000],
  [429, {}, 'UPSTREAM_RUNTIME_RATE_LIMIT', 1000],
])('an answer of %i is told as what it is, without its body', (status, headers, kind, retryAfterMs) => {
  const answer = () => orUpstreamError(new Response('a private text', { status, headers }), 'POST');
  expect(answer).toThrow(expect.objectContaining({ kind, retryAfterMs }));
  expect(answer).toThrow(/^(?!.*private)/);
});

test('a date to wait for is read as a date', () => {
  const headers = new Headers({ 'retry-after': 'Thu, 01 Jan 2026 00:00:05 GMT' });
  expect(delayMs(headers, Date.parse('2026-01-01T00:00:00Z'))).toBe(5000);
  expect(delayMs(new Headers({ 'x-ratelimit-reset-ms': '250' }), 0)).toBe(250);
});

test.each([
  ['ECONNREFUSED', 'NETWORK_TRANSPORT_RUNTIME_UNREACHABLE'],
  ['UND_ERR_HEADERS_TIMEOUT', 'NETWORK_TRANSPORT_RUNTIME_TIMEOUT'],
  ['UND_ERR_SOCKET', 'NETWORK_TRANSPORT_RUNTIME_UNMAPPED'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', undefined],
])('a connection that fails with %s is %s', (code, kind) => {
  const error = new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code }) });
  expect(transportError(error)?.kind).toBe(kind);
});

test('an error that has nothing to do with the network is left alone', () => {
  expect(transportError(new TypeError('x is not a function'))).toBeUndefined();
});
