import { setTimeout as wait } from 'node:timers/promises';
import { delayMs, orUpstreamError, transportError } from './http-failures';
import { following } from './redirects';
import type { Redact } from './log-line';
import { NetworkTransportError, type ToolError, UpstreamError } from './tool-errors';

/** What `context.fetch` takes beside what `fetch` takes. */
export interface FetchInit extends RequestInit {
  /** The statuses beside 2xx that are returned, or all. Any other is thrown. @default - none */
  readonly answers?: readonly number[] | 'all';
  /** The longest body that is read, in bytes. @default - 10 MiB */
  readonly maxBytes?: number;
}

/** The time as a call has it. Tests hand in their own. */
export interface Clock {
  /** Milliseconds since any moment. */
  now(): number;
  /** Resolves after so many milliseconds; rejects when the signal is aborted before. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  /** Is aborted with a TimeoutError after so many milliseconds. */
  timeout(ms: number): AbortSignal;
}

/** Counts as `performance` does. */
export const realClock: Clock = {
  now: () => performance.now(),
  wait: async (ms, signal) => void (await wait(ms, undefined, { signal })),
  timeout: (ms) => AbortSignal.timeout(ms),
};

/** Runs a request inside a span. `send` takes the headers that tell the service of the trace. */
export type TraceFetch = (
  facts: { readonly method: string; readonly url: string },
  send: (headers: Readonly<Record<string, string>>) => Promise<Response>,
) => Promise<Response>;

/** What a request of a call depends on. */
export interface FetchParts {
  /** The call's own signal. */
  readonly signal: AbortSignal;
  readonly hide: Redact;
  readonly clock: Clock;
  /** How much time the call has left, in milliseconds. */
  leftMs(): number;
  send(request: Request): Promise<Response>;
  /** @default - no spans */
  readonly trace?: TraceFetch | undefined;
}

const defaultMaxBytes = 10 * 1024 * 1024;
/** What a tool keeps of its time to say that a service was too slow. */
const marginMs = 250;
const maxRetries = 2;
/** Answers that may be others a moment later. */
const passing = new Set([429, 502, 503, 504]);

/**
 * `fetch` within the time of a call. Reads (GET and HEAD) that failed in passing are tried twice more if the time allows it, for
 * which a service's `Retry-After` counts. A redirect takes no secret of the call to another origin.
 * @throws UpstreamError, UpstreamRateLimitError, NetworkTransportError; Error for what is no request. No text has a secret of
 *   the call, a query or a header in it
 */
export async function fetchWithin(
  parts: FetchParts,
  input: string | URL | Request,
  { answers = [], maxBytes = defaultMaxBytes, ...init }: FetchInit = {},
): Promise<Response> {
  const timeMs = parts.leftMs() - marginMs;
  if (timeMs <= 0) throw outOfTime();
  const given = requestOf(input, init);
  const { method } = given;
  const signal = AbortSignal.any([given.signal, parts.signal, parts.clock.timeout(Math.ceil(timeMs))]);
  const isWanted = (status: number) => answers === 'all' || answers.includes(status);
  const isRead = method === 'GET' || method === 'HEAD';
  for (let retries = isRead ? maxRetries : 0; ; retries -= 1) {
    const { response, error } = await attempt(parts, new Request(given, { signal }), signal);
    if (response !== undefined && (response.ok || isWanted(response.status))) return within(response, maxBytes);
    const pauseMs = pauseOf(response, maxRetries - retries);
    if (retries === 0 || !isPassing(response, error) || pauseMs > parts.leftMs() - marginMs) {
      if (response === undefined) throw error;
      await response.body?.cancel();
      return orUpstreamError(response, method, parts.hide);
    }
    await response?.body?.cancel();
    await parts.clock.wait(pauseMs, signal);
  }
}

function outOfTime(): NetworkTransportError {
  return new NetworkTransportError('No time is left for a request', 'timeout');
}

/** The texts of `fetch` quote URLs and headers, which may hold secrets. */
function requestOf(input: string | URL | Request, init: RequestInit): Request {
  const url = input instanceof Request ? input.url : String(input);
  if (!URL.canParse(url)) throw new Error('context.fetch got no URL that can be read: it has to be absolute');
  const { username, password, protocol } = new URL(url);
  if (username !== '' || password !== '') {
    throw new Error('context.fetch got a URL with a user name or password; send the header Authorization instead');
  }
  if (!/^https?:$/.test(protocol)) throw new Error(`context.fetch got a URL of ${protocol}; it has https: and http:`);
  try {
    return new Request(input, init);
  } catch {
    throw new Error('context.fetch got no sound request: look at its method, its headers and its body');
  }
}

async function attempt(
  { trace, send, hide }: FetchParts,
  request: Request,
  signal: AbortSignal,
): Promise<{ readonly response?: Response; readonly error?: unknown }> {
  try {
    if (trace === undefined) return { response: await following(request, send, hide) };
    const url = hide(request.url.replace(/[?#].*$/s, ''));
    const traced = (headers: Readonly<Record<string, string>>) => {
      for (const [name, value] of Object.entries(headers)) request.headers.set(name, value);
      return following(request, send, hide);
    };
    return { response: await trace({ method: request.method, url }, traced) };
  } catch (error) {
    if (signal.aborted) return { error };
    return { error: transportError(error) ?? error };
  }
}

function isPassing(response: Response | undefined, error: unknown): boolean {
  return response === undefined
    ? error instanceof NetworkTransportError && error.canRetry
    : passing.has(response.status);
}

/** What the service asks for, or else longer each time, and not the same for everybody. */
function pauseOf(response: Response | undefined, retried: number): number {
  if (response?.headers.has('retry-after') || response?.status === 429) return delayMs(response.headers, Date.now());
  return 200 * 2 ** retried * (0.5 + Math.random() / 2);
}

/** The same response, whose body ends in an error when it is longer than it may be. */
async function within(response: Response, maxBytes: number): Promise<Response> {
  const { body, status, statusText, headers, url } = response;
  if (body === null) return response;
  if (Number(headers.get('content-length') ?? 0) > maxBytes) {
    await body.cancel();
    throw tooLong(status, maxBytes);
  }
  let bytes = 0;
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) controller.error(tooLong(status, maxBytes));
      else controller.enqueue(chunk);
    },
  });
  const bounded = new Response(body.pipeThrough(counted), { status, statusText, headers });
  return Object.defineProperty(bounded, 'url', { value: url });
}

function tooLong(status: number, maxBytes: number): ToolError {
  return new UpstreamError(`The service answered with more than ${maxBytes} bytes; ask it for less at once`, status);
}
