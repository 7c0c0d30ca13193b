import Arcade from '@arcadeai/arcadejs';
import { Problem } from '../../model/problem';
import { type HttpClient, httpClient, reasonOf, trustIn } from '../http/http-client';

/** Where a worker is, the secret it checks, and the limits of a call: seconds, and retries. */
export interface WorkerHttp {
  readonly uri: string;
  readonly secret: string;
  readonly timeout: number;
  readonly retry: number;
}

/** What registration asks of an engine. */
export type EngineApi = ReturnType<typeof engineApi>;

/**
 * The API of an engine through the vendor's own client (arcadejs 2.4.1). Everything may throw Problem ENGINE-KEY or
 * ENGINE-ANSWER.
 * @param apiKey never part of a problem
 * @param authorities to trust beside the public ones, as PEM. @default - none
 */
export function engineApi(url: string, apiKey: string, authorities: readonly string[] = []) {
  const fetch = fetchOver(httpClient({ timeoutMs, trust: trustIn(authorities) }));
  const client = new Arcade({ baseURL: url, apiKey, maxRetries: 2, timeout: timeoutMs, logLevel: 'off', fetch });
  const ask = <T>(question: () => Promise<T>, secret?: string): Promise<T> =>
    question().catch((error: unknown) => {
      throw problemOf(url, error, secret);
    });
  return {
    /** Undefined when the engine knows no worker of this name. */
    find: (id: string) =>
      ask(async () => {
        // Not `get`: a list tells an unknown worker from the 404 of a server that is no engine.
        for await (const worker of client.workers.list({ limit: 100 })) if (worker.id === id) return worker;
        return undefined;
      }),
    create: (id: string, http: WorkerHttp) =>
      ask(() => client.workers.create({ id, type: 'http', enabled: true, http }), http.secret),
    update: (id: string, http: WorkerHttp) =>
      ask(() => client.workers.update(id, { enabled: true, http }), http.secret),
    /** The sorted names of the tools that the engine has loaded, without versions. */
    toolsOf: (id: string) =>
      ask(async () => {
        const names: string[] = [];
        for await (const { name } of client.workers.tools(id, { limit: 100 })) names.push(name);
        return names.sort();
      }),
    /** Whether the engine finds the worker healthy, and its message about it. */
    healthOf: (id: string) => ask(() => client.workers.health(id)),
  };
}

const timeoutMs = 30_000;

/** `fetch` as the vendor's client calls it, over our own client, which follows no redirect and can be told whom to trust. */
function fetchOver(client: HttpClient): typeof fetch {
  return async (input, { method = 'GET', headers, body } = {}) => {
    const known = (['GET', 'POST', 'PATCH', 'DELETE'] as const).find((each) => each === method.toUpperCase());
    const response = await client.request(new URL(input instanceof Request ? input.url : input), {
      ...(known === undefined ? {} : { method: known }),
      headers: Object.fromEntries(new Headers(headers)),
      ...(typeof body === 'string' ? { body } : {}),
    });
    const { status } = response;
    return new Response([204, 304].includes(status) ? null : response.body, { status, headers: response.headers });
  };
}

/** @param secret what the engine must not repeat in its answer. @default - no secret was sent */
function problemOf(url: string, cause: unknown, secret = ''): Problem {
  if (cause instanceof Arcade.AuthenticationError || cause instanceof Arcade.PermissionDeniedError) {
    return new Problem('ENGINE-KEY', `Cannot use the engine at ${url}: it refuses the API key (${cause.status})`, {
      fix: 'make a key of a project that may change workers, and set ARCADE_API_KEY to it',
      cause,
    });
  }
  const reason =
    cause instanceof Arcade.APIConnectionError
      ? `it cannot be reached (${innermostReason(cause)})`
      : cause instanceof Arcade.APIError
        ? `it answered ${cause.status}: ${cause.message.replaceAll(secret || '\0', '[secret]').slice(0, 300)}`
        : reasonOf(cause);
  const isUntrusted = /certificate/.test(reason);
  const fix = isUntrusted
    ? 'if its authority is yours, name it: --ca <file>'
    : `see whether --engine, or ARCADE_API_URL, is the address of its API: curl ${url}/v1/health`;
  return new Problem('ENGINE-ANSWER', `Cannot use the engine at ${url}: ${reason}`, { fix, cause });
}

/** The client wraps the error of fetch, which wraps that of the system. */
function innermostReason(error: Error): string {
  return error.cause instanceof Error ? innermostReason(error.cause) : reasonOf(error.cause ?? error);
}
