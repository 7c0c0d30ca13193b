import { STATUS_CODES } from 'node:http';
import { isObject } from '../json';
import { NetworkTransportError, type ToolError, UpstreamError, UpstreamRateLimitError } from './tool-errors';

/**
 * The response, if it is a success; for tools, which get `fetch` from nowhere else. The message names the status and
 * never the body.
 * @param hide takes out of the address what must not be shown. @default - nothing but its query
 * @throws UpstreamError, or UpstreamRateLimitError for 429 and for 403 with an exhausted limit or a time to wait
 */
export function orUpstreamError(
  response: Response,
  method = 'GET',
  hide: (text: string) => string = (text) => text,
): Response {
  if (response.ok) return response;
  const { status, headers, url } = response;
  const message = `Upstream answered ${status} ${STATUS_CODES[status] ?? ''}`.trim();
  const extra = { service: hostOf(url), endpoint: hide(url.replace(/[?#].*$/s, '')), http_method: method };
  if (isLimited(status, headers))
    throw new UpstreamRateLimitError(message, { retryAfterMs: delayMs(headers, Date.now()), extra });
  throw new UpstreamError(message, status, { extra });
}

/** The error for a caller when `fetch` threw because there was no response. Undefined for anything else. */
export function transportError(error: unknown): ToolError | undefined {
  if (!isErrorLike(error)) return undefined;
  const code = isObject(error.cause) && 'code' in error.cause ? String(error.cause.code) : '';
  const details = { cause: error, extra: { error_type: code || error.name } };
  if (error.name === 'TimeoutError' || /TIMEOUT|ETIMEDOUT/.test(code)) {
    return new NetworkTransportError('No answer in time', 'timeout', details);
  }
  // Of a body that breaks off (undici 7).
  if (error.message === 'terminated') return new NetworkTransportError('The connection failed', 'unmapped', details);
  if (error.message !== 'fetch failed') return undefined;
  if (/^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/.test(code)) {
    return new NetworkTransportError('The service cannot be reached', 'unreachable', details);
  }
  // An untrusted certificate stays an unexpected error: trying again cannot help.
  if (/CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS/.test(code)) return undefined;
  return new NetworkTransportError('The connection failed', 'unmapped', details);
}

/** By its members: what a client library or a page's own world throws need not be of this world's class. */
function isErrorLike(error: unknown): error is Error {
  return isObject(error) && typeof error.name === 'string' && typeof error.message === 'string';
}

/** GitHub answers 403 to both of its limits, to the secondary one with `retry-after` alone (docs.github.com, 2026-11). */
function isLimited(status: number, headers: Headers): boolean {
  if (status !== 403) return status === 429;
  return headers.has('retry-after') || limitFields(headers, 'remaining', 'r').some((text) => Number(text || 'x') === 0);
}

/**
 * How long a service asks to wait, in whole milliseconds; a second when it says nothing that can be used, a day at most.
 * A number is a delay, or a time since 1970 when it would be too long for a delay.
 * @param now milliseconds since 1970
 */
export function delayMs(headers: Headers, now: number): number {
  const inSeconds = [headers.get('retry-after') ?? '', ...limitFields(headers, 'reset', 't')];
  const inMs = limitFields(headers, 'reset-ms');
  const delays = [...inSeconds.map((text) => delayOf(text, 1000, now)), ...inMs.map((text) => delayOf(text, 1, now))];
  return Math.min(delays.find((delay) => delay !== undefined) ?? 1000, 86_400_000);
}

/** Undefined for what is no time to wait, and for a time that has passed. */
function delayOf(text: string, unitMs: number, now: number): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) {
    const value = Number(text);
    if (value >= 1e12) return untilMs(value, now);
    // Thirty years from now or 2001: no delay in seconds is as long, and no time as long ago.
    if (value >= 1e9 && unitMs === 1000) return untilMs(value * 1000, now);
    return wholeMs(value * unitMs);
  }
  // Everything else that `Date.parse` takes, such as "-5", is no date of HTTP or of RFC 3339.
  return /^[A-Z][a-z]{2,8},? |^\d{4}-\d\d-\d\dT/.test(text) ? untilMs(Date.parse(text), now) : undefined;
}

function untilMs(time: number, now: number): number | undefined {
  return time > now ? wholeMs(time - now) : undefined;
}

/** Upwards, but not for the last digits of a product: 1.005 s are 1005 ms. */
function wholeMs(ms: number): number {
  return Math.ceil(Number(ms.toFixed(3)));
}

/**
 * What a service says of its limit under a name, in the order of how common the headers are: three families of headers of
 * their own, and the fields of `RateLimit` (IETF draft httpapi-ratelimit-headers: `remaining=0` up to 07, `r=0` since).
 */
function limitFields(headers: Headers, name: string, short = name): readonly string[] {
  const own = ['x-ratelimit-', 'x-rate-limit-', 'ratelimit-'].map((family) => headers.get(family + name));
  const structured = new RegExp(`(?:^|[,;\\s])(?:${name}|${short})="?([\\d.]+)`).exec(headers.get('ratelimit') ?? '');
  return [...own, structured?.[1]].flatMap((text) => text?.trim() ?? []);
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : '';
}
