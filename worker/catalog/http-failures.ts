import { STATUS_CODES } from 'node:http';
import { isObject } from '../json';
import { NetworkTransportError, type ToolError, UpstreamError, UpstreamRateLimitError } from './tool-errors';

/**
 * Returns a successful response and throws for any other. For tools that use their own HTTP client. The message has the
 * status and never the body.
 * @param redact removes secrets from the URL. @default - removes only the query
 * @throws UpstreamError, or UpstreamRateLimitError for 429 and for 403 with an exhausted limit or a retry delay
 */
export function orUpstreamError(
  response: Response,
  method = 'GET',
  redact: (text: string) => string = (text) => text,
): Response {
  if (response.ok) return response;
  const { status, headers, url } = response;
  const message = `Upstream answered ${status} ${STATUS_CODES[status] ?? ''}`.trim();
  const extra = { service: hostOf(url), endpoint: redact(url.replace(/[?#].*$/s, '')), http_method: method };
  if (isLimited(status, headers))
    throw new UpstreamRateLimitError(message, { retryAfterMs: delayMs(headers, Date.now()), extra });
  throw new UpstreamError(message, status, { extra });
}

/** Converts the error that `fetch` throws when no response arrives. Undefined for any other error. */
export function transportError(error: unknown): ToolError | undefined {
  if (!isErrorLike(error)) return undefined;
  const code = isObject(error.cause) && 'code' in error.cause ? String(error.cause.code) : '';
  const details = { cause: error, extra: { error_type: code || error.name } };
  if (error.name === 'TimeoutError' || /TIMEOUT|ETIMEDOUT/.test(code)) {
    return new NetworkTransportError('No answer in time', 'timeout', details);
  }
  // The body was cut off (undici 7).
  if (error.message === 'terminated') return new NetworkTransportError('The connection failed', 'unmapped', details);
  if (error.message !== 'fetch failed') return undefined;
  if (/^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/.test(code)) {
    return new NetworkTransportError('The service cannot be reached', 'unreachable', details);
  }
  // An untrusted certificate stays an unexpected error: a retry cannot help.
  if (/CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS/.test(code)) return undefined;
  return new NetworkTransportError('The connection failed', 'unmapped', details);
}

/** Duck typing: an error from another realm is not an instance of this realm's Error. */
function isErrorLike(error: unknown): error is Error {
  return isObject(error) && typeof error.name === 'string' && typeof error.message === 'string';
}

/** GitHub responds 403 for both of its rate limits; the secondary one has only `retry-after` (docs.github.com, 2026-11). */
function isLimited(status: number, headers: Headers): boolean {
  if (status !== 403) return status === 429;
  return headers.has('retry-after') || limitFields(headers, 'remaining', 'r').some((text) => Number(text || 'x') === 0);
}

/**
 * The delay that a service requests, in whole milliseconds: one second if no header is usable, at most a day.
 * A number is a delay, or a Unix time if it is too large for a delay.
 * @param now Unix time in milliseconds
 */
export function delayMs(headers: Headers, now: number): number {
  const inSeconds = [headers.get('retry-after') ?? '', ...limitFields(headers, 'reset', 't')];
  const inMs = limitFields(headers, 'reset-ms');
  const delays = [...inSeconds.map((text) => delayOf(text, 1000, now)), ...inMs.map((text) => delayOf(text, 1, now))];
  return Math.min(delays.find((delay) => delay !== undefined) ?? 1000, 86_400_000);
}

/** Undefined for an invalid delay, and for a time in the past. */
function delayOf(text: string, unitMs: number, now: number): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) {
    const value = Number(text);
    if (value >= 1e12) return untilMs(value, now);
    // 1e9 seconds is a delay of 31 years or a time in 2001: smaller values are delays, larger ones times.
    if (value >= 1e9 && unitMs === 1000) return untilMs(value * 1000, now);
    return wholeMs(value * unitMs);
  }
  // Only dates of HTTP or RFC 3339: `Date.parse` accepts more, such as "-5".
  return /^[A-Z][a-z]{2,8},? |^\d{4}-\d\d-\d\dT/.test(text) ? untilMs(Date.parse(text), now) : undefined;
}

function untilMs(time: number, now: number): number | undefined {
  return time > now ? wholeMs(time - now) : undefined;
}

/** Rounds up, but ignores floating-point noise: 1.005 s is 1005 ms. */
function wholeMs(ms: number): number {
  return Math.ceil(Number(ms.toFixed(3)));
}

/**
 * The values of a rate limit field, most common header first: three header families, then the fields of `RateLimit`
 * (IETF draft httpapi-ratelimit-headers: `remaining=0` up to 07, `r=0` since).
 */
function limitFields(headers: Headers, name: string, short = name): readonly string[] {
  const own = ['x-ratelimit-', 'x-rate-limit-', 'ratelimit-'].map((family) => headers.get(family + name));
  const structured = new RegExp(`(?:^|[,;\\s])(?:${name}|${short})="?([\\d.]+)`).exec(headers.get('ratelimit') ?? '');
  return [...own, structured?.[1]].flatMap((text) => text?.trim() ?? []);
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : '';
}
