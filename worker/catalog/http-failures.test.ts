import { delayMs, orUpstreamError, transportError } from './http-failures';
import { UpstreamRateLimitError } from './tool-errors';

test.each<[number, Record<string, string>, string, number | null]>([
  [500, {}, 'UPSTREAM_RUNTIME_SERVER_ERROR', null],
  [404, {}, 'UPSTREAM_RUNTIME_NOT_FOUND', null],
  [403, {}, 'UPSTREAM_RUNTIME_AUTH_ERROR', null],
  [403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '7' }, 'UPSTREAM_RUNTIME_RATE_LIMIT', 7000],
  [429, { 'retry-after': '2' }, 'UPSTREAM_RUNTIME_RATE_LIMIT', 2000],
  [429, {}, 'UPSTREAM_RUNTIME_RATE_LIMIT', 1000],
])('maps a response of %i to its error, without the body', (status, headers, kind, retryAfterMs) => {
  const answer = () => orUpstreamError(new Response('a private text', { status, headers }), 'POST');
  expect(answer).toThrow(expect.objectContaining({ kind, retryAfterMs }));
  expect(answer).toThrow(/^(?!.*private)/);
});

const now = Date.parse('2026-01-01T00:00:00Z');
const nowSeconds = now / 1000;

test.each<[Record<string, string>, number]>([
  [{ 'retry-after': '2' }, 2000],
  [{ 'retry-after': '0' }, 0],
  [{ 'retry-after': '1.005' }, 1005],
  [{ 'retry-after': '4.019' }, 4019],
  [{ 'retry-after': '0.0001' }, 1],
  [{ 'retry-after': 'Thu, 01 Jan 2026 00:00:05 GMT' }, 5000],
  [{ 'retry-after': 'Thursday, 01-Jan-26 00:00:05 GMT' }, 5000],
  [{ 'retry-after': '2026-01-01T00:00:05Z' }, 5000],
  [{ 'retry-after': String(nowSeconds + 30) }, 30_000],
  // A Unix time, in seconds as GitHub sends it or in milliseconds.
  [{ 'x-ratelimit-reset': String(nowSeconds + 60) }, 60_000],
  [{ 'x-ratelimit-reset': `${nowSeconds + 60}.25` }, 60_250],
  [{ 'x-ratelimit-reset': String(now + 60_000) }, 60_000],
  [{ 'x-ratelimit-reset-ms': String(now + 250) }, 250],
  [{ 'x-ratelimit-reset-ms': '250' }, 250],
  [{ 'x-ratelimit-reset-ms': '250.5' }, 251],
  [{ 'x-ratelimit-reset': '7' }, 7000],
  [{ 'x-rate-limit-reset': '7' }, 7000],
  [{ 'ratelimit-reset': '7' }, 7000],
  [{ ratelimit: 'limit=100, remaining=0, reset=50' }, 50_000],
  [{ ratelimit: '"default";r=0;t=30' }, 30_000],
  // The first usable value wins.
  [{ 'retry-after': '2', 'x-ratelimit-reset': '7' }, 2000],
  [{ 'retry-after': 'soon', 'x-ratelimit-reset': '7' }, 7000],
  [{ 'x-ratelimit-reset': '-5', 'x-ratelimit-reset-ms': '20' }, 20],
  // No usable value, or a time in the past.
  [{}, 1000],
  [{ 'retry-after': '' }, 1000],
  [{ 'retry-after': '-5' }, 1000],
  [{ 'retry-after': 'NaN' }, 1000],
  [{ 'retry-after': 'Infinity' }, 1000],
  [{ 'retry-after': '0x10' }, 1000],
  [{ 'retry-after': 'Mon, 99 Foo 2026 00:00:00 GMT' }, 1000],
  [{ 'retry-after': 'Wed, 31 Dec 2025 23:59:59 GMT' }, 1000],
  [{ 'x-ratelimit-reset': String(nowSeconds - 1) }, 1000],
  [{ ratelimit: '"burst";q=100' }, 1000],
  // At most a day.
  [{ 'retry-after': '999999999' }, 86_400_000],
  [{ 'retry-after': '9'.repeat(400) }, 86_400_000],
  [{ 'retry-after': 'Thu, 01 Jan 2099 00:00:00 GMT' }, 86_400_000],
])('%j requests a delay of %i ms', (headers, ms) => {
  expect(delayMs(new Headers(headers), now)).toBe(ms);
});

test.each<[Record<string, string>, boolean]>([
  [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '7' }, true],
  [{ 'x-rate-limit-remaining': '0' }, true],
  [{ 'ratelimit-remaining': '0' }, true],
  [{ 'x-ratelimit-remaining': '0.0' }, true],
  [{ 'x-ratelimit-remaining': ' 0 ' }, true],
  [{ ratelimit: 'limit=100, remaining=0, reset=50' }, true],
  [{ ratelimit: '"default";r=0;t=30' }, true],
  [{ 'retry-after': '30', 'x-ratelimit-limit': '60', 'x-ratelimit-remaining': '59' }, true],
  [{ 'x-ratelimit-remaining': '59' }, false],
  [{ 'x-ratelimit-remaining': '0.5' }, false],
  [{ 'x-ratelimit-remaining': '' }, false],
  [{ ratelimit: 'limit=100, remaining=10, reset=50' }, false],
  [{ ratelimit: '"default";r=10;t=30' }, false],
  [{}, false],
])('a 403 with %j is a rate limit: %j', (headers, isLimit) => {
  const answer = () => orUpstreamError(new Response(null, { status: 403, headers }));
  const [kind, canRetry] = isLimit ? ['UPSTREAM_RUNTIME_RATE_LIMIT', true] : ['UPSTREAM_RUNTIME_AUTH_ERROR', false];
  expect(answer).toThrow(expect.objectContaining({ kind, canRetry }));
});

test.each([
  [1004.9999, 1005],
  [-1, 0],
  [Number.NaN, null],
  [Number.POSITIVE_INFINITY, null],
])('converts a retry delay of %d ms to %p: callers get an integer or null', (retryAfterMs, sent) => {
  expect(new UpstreamRateLimitError('Slow down', { retryAfterMs }).retryAfterMs).toBe(sent);
});

test.each([
  ['ECONNREFUSED', 'NETWORK_TRANSPORT_RUNTIME_UNREACHABLE'],
  ['UND_ERR_HEADERS_TIMEOUT', 'NETWORK_TRANSPORT_RUNTIME_TIMEOUT'],
  ['UND_ERR_SOCKET', 'NETWORK_TRANSPORT_RUNTIME_UNMAPPED'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', undefined],
])('maps a connection failure %s to %s', (code, kind) => {
  const error = new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code }) });
  expect(transportError(error)?.kind).toBe(kind);
});

test('ignores an error unrelated to the network', () => {
  expect(transportError(new TypeError('x is not a function'))).toBeUndefined();
});
