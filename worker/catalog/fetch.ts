import { setTimeout as wait } from 'node:timers/promises';
import { delayMs, orUpstreamError, transportError } from './http-failures';
import type { Redact } from './log-line';
import { following } from './redirects';
import { NetworkTransportError, type ToolError, UpstreamError } from './tool-errors';

/** The options of `context.fetch`, in addition to those of `fetch`. */
export interface FetchInit extends RequestInit {
  /** Statuses other than 2xx to return, or all. Any other status throws. @default - none */
  readonly answers?: readonly number[] | 'all';
  /** The longest body, in bytes. @default - 10 MiB */
  readonly maxBytes?: number;
}

/** The clock of a call. Tests pass a fake. */
export interface Clock {
  /** Milliseconds since an arbitrary start. */
  now(): number;
  /** Resolves after so many milliseconds; rejects if the signal is aborted first. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  /** A signal that is aborted with a TimeoutError after so many milliseconds. */
  timeout(ms: number): AbortSignal;
}

/** The monotonic system clock. */
export const realClock: Clock = {
  now: () => performance.now(),
  wait: async (ms, signal) => void (await wait(ms, undefined, { signal })),
  timeout: (ms) => AbortSignal.timeout(ms),
};

/** Runs a request inside a span. `send` takes the headers that propagate the trace. */
export type TraceFetch = (
  facts: { readonly method: string; readonly url: string },
  send: (headers: Readonly<Record<string, string>>) => Promise<Response>,
) => Promise<Response>;

/** The dependencies of a call's requests. */
export interface FetchParts {
  /** The call's own signal. */
  readonly signal: AbortSignal;
  readonly redact: Redact;
  readonly clock: Clock;
  /** The time left for the call, in milliseconds. */
  leftMs(): number;
  send(request: Request): Promise<Response>;
  /** @default - no spans */
  readonly trace?: TraceFetch | undefined;
}

const defaultMaxBytes = 10 * 1024 * 1024;
/** Time reserved for the tool to report a slow service. */
const marginMs = 250;
const maxRetries = 2;
/** Statuses of transient failures. */
const transientStatuses = new Set([429, 502, 503, 504]);

/**
 * `fetch` within the time limit of a call. Retries a read (GET or HEAD) up to twice after a transient failure, with backoff or
 * the service's `Retry-After`, if the time allows it. A redirect never sends a secret of the call to another origin.
 * @throws UpstreamError, UpstreamRateLimitError, NetworkTransportError; Error for an invalid request. No message contains a
 *   secret of the call, a query or a header
 */
export async function fetchWithin(
  parts: FetchParts,
  input: string | URL | Request,
  { answers = [], maxBytes = defaultMaxBytes, ...init }: FetchInit = {},
): Promise<Response> {
  const timeMs = parts.leftMs() - marginMs;
  if (timeMs <= 0) throw outOfTime();
  const original = requestOf(input, init);
  const { method } = original;
  const signal = AbortSignal.any([original.signal, parts.signal, parts.clock.timeout(Math.ceil(timeMs))]);
  const isWanted = (status: number) => answers === 'all' || answers.includes(status);
  const isRead = method === 'GET' || method === 'HEAD';
  for (let retries = isRead ? maxRetries : 0; ; retries -= 1) {
    const { response, error } = await attempt(parts, new Request(original, { signal }), signal);
    if (response !== undefined && (response.ok || isWanted(response.status))) return within(response, maxBytes);
    const pauseMs = pauseOf(response, maxRetries - retries);
    if (retries === 0 || !isTransient(response, error) || pauseMs > parts.leftMs() - marginMs) {
      if (response === undefined) throw error;
      await response.body?.cancel();
      return orUpstreamError(response, method, parts.redact);
    }
    await response?.body?.cancel();
    await parts.clock.wait(pauseMs, signal);
  }
}

function outOfTime(): NetworkTransportError {
  return new NetworkTransportError('No time is left for a request', 'timeout');
}

/** Validates a request first, because the error messages of `fetch` quote URLs and headers, which may contain secrets. */
function requestOf(input: string | URL | Request, init: RequestInit): Request {
  const url = input instanceof Request ? input.url : String(input);
  if (!URL.canParse(url)) throw new Error('context.fetch got an invalid URL: it must be absolute');
  const { username, password, protocol } = new URL(url);
  if (username !== '' || password !== '') {
    throw new Error('context.fetch got a URL with a user name or password; send the header Authorization instead');
  }
  if (!/^https?:$/.test(protocol)) throw new Error(`context.fetch got a ${protocol} URL; use https: or http:`);
  try {
    return new Request(input, init);
  } catch {
    throw new Error('context.fetch got an invalid request: check its method, headers and body');
  }
}

async function attempt(
  { trace, send, redact }: FetchParts,
  request: Request,
  signal: AbortSignal,
): Promise<{ readonly response?: Response; readonly error?: unknown }> {
  try {
    if (trace === undefined) return { response: await following(request, send, redact) };
    const url = redact(request.url.replace(/[?#].*$/s, ''));
    const traced = (headers: Readonly<Record<string, string>>) => {
      for (const [name, value] of Object.entries(headers)) request.headers.set(name, value);
      return following(request, send, redact);
    };
    return { response: await trace({ method: request.method, url }, traced) };
  } catch (error) {
    if (signal.aborted) return { error };
    return { error: transportError(error) ?? error };
  }
}

function isTransient(response: Response | undefined, error: unknown): boolean {
  return response === undefined
    ? error instanceof NetworkTransportError && error.canRetry
    : transientStatuses.has(response.status);
}

/** The delay that the service requests, or else exponential backoff with jitter. */
function pauseOf(response: Response | undefined, retried: number): number {
  if (response?.headers.has('retry-after') || response?.status === 429) return delayMs(response.headers, Date.now());
  return 200 * 2 ** retried * (0.5 + Math.random() / 2);
}

/** The same response with a body that errors beyond `maxBytes`. */
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
  return new UpstreamError(`The response has more than ${maxBytes} bytes; request less data per call`, status);
}
