import { STATUS_CODES } from 'node:http';
import { NetworkTransportError, type ToolError, UpstreamError, UpstreamRateLimitError } from './tool-errors';

/**
 * The response, if it is a success; for tools, which get `fetch` from nowhere else. The message names the status and
 * never the body.
 * @throws UpstreamError, or UpstreamRateLimitError for 429 and for 403 with an exhausted limit
 */
export function orUpstreamError(response: Response, method = 'GET'): Response {
  if (response.ok) return response;
  const { status, headers, url } = response;
  const message = `Upstream answered ${status} ${STATUS_CODES[status] ?? ''}`.trim();
  const extra = { service: hostOf(url), endpoint: url.replace(/[?#].*$/s, ''), http_method: method };
  const isLimited = status === 429 || (status === 403 && headers.get('x-ratelimit-remaining') === '0');
  if (isLimited) throw new UpstreamRateLimitError(message, { retryAfterMs: delayMs(headers, Date.now()), extra });
  throw new UpstreamError(message, status, { extra });
}

/** The error for a caller when `fetch` threw because there was no response. Undefined for anything else. */
export function transportError(error: unknown): ToolError | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = error.cause instanceof Object && 'code' in error.cause ? String(error.cause.code) : '';
  const details = { cause: error, extra: { error_type: code || error.name } };
  if (error.name === 'TimeoutError' || /TIMEOUT|ETIMEDOUT/.test(code)) {
    return new NetworkTransportError('No answer in time', 'timeout', details);
  }
  if (error.message !== 'fetch failed') return undefined;
  if (/^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/.test(code)) {
    return new NetworkTransportError('The service cannot be reached', 'unreachable', details);
  }
  // An untrusted certificate stays an unexpected error: trying again cannot help.
  if (/CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS/.test(code)) return undefined;
  return new NetworkTransportError('The connection failed', 'unmapped', details);
}

/** How long a service asks to wait, in milliseconds; a second when it does not say. */
export function delayMs(headers: Headers, now: number): number {
  const after = headers.get('retry-after') ?? headers.get('x-ratelimit-reset');
  const inMs = headers.get('x-ratelimit-reset-ms');
  if (after === null) return inMs !== null && /^\d+$/.test(inMs) ? Number(inMs) : 1000;
  if (/^\d+(\.\d+)?$/.test(after)) return Number(after) * 1000;
  const date = Date.parse(after);
  return Number.isNaN(date) ? 1000 : Math.max(0, date - now);
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : '';
}
