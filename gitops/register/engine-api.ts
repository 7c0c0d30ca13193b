import Arcade from '@arcadeai/arcadejs';
import { Problem } from '../../model/problem';
import { type HttpClient, httpClient, reasonOf, trustIn } from '../http/http-client';

/** The address of a worker, its secret, and the limits of a call: timeout in seconds, and retries. */
export interface WorkerHttp {
  readonly uri: string;
  readonly secret: string;
  readonly timeout: number;
  readonly retry: number;
}

/** The part of an engine's API that registration uses. */
export type EngineApi = ReturnType<typeof engineApi>;

/**
 * The API of an engine through the vendor's client (arcadejs 2.4.1). Every method may throw Problem ENGINE-KEY or
 * ENGINE-ANSWER.
 * @param apiKey never part of a problem
 * @param authorities to trust in addition to the public ones, as PEM. @default - none
 */
export function engineApi(url: string, apiKey: string, authorities: readonly string[] = []) {
  const fetch = fetchOver(httpClient({ timeoutMs, trust: trustIn(authorities) }));
  const client = new Arcade({ baseURL: url, apiKey, maxRetries: 2, timeout: timeoutMs, logLevel: 'off', fetch });
  const ask = <T>(question: () => Promise<T>, secret?: string): Promise<T> =>
    question().catch((error: unknown) => {
      throw problemOf(url, error, secret);
    });
  return {
    /** Undefined when the engine has no worker with this id. */
    find: (id: string) =>
      ask(async () => {
        // Not `get`, whose 404 may mean an unknown worker or a server that is not an engine.
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
    /** Whether the engine considers the worker healthy, and why. */
    healthOf: (id: string) => ask(() => client.workers.health(id)),
  };
}

const timeoutMs = 30_000;

/** `fetch` for the vendor's client, over our own client, which follows no redirect and can trust more authorities. */
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

/** @param secret redacted from the engine's answer. @default - no secret was sent */
function problemOf(url: string, cause: unknown, secret = ''): Problem {
  if (cause instanceof Arcade.AuthenticationError || cause instanceof Arcade.PermissionDeniedError) {
    return new Problem('ENGINE-KEY', `Cannot use the engine at ${url}: it rejects the API key (${cause.status})`, {
      fix: 'create a key in a project that may change workers, and set ARCADE_API_KEY to it',
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
    ? 'if its authority is yours, pass it: --ca <file>'
    : `check that --engine, or ARCADE_API_URL, is the address of its API: curl ${url}/v1/health`;
  return new Problem('ENGINE-ANSWER', `Cannot use the engine at ${url}: ${reason}`, { fix, cause });
}

/** The client wraps the error of fetch, which wraps the system error. */
function innermostReason(error: Error): string {
  return error.cause instanceof Error ? innermostReason(error.cause) : reasonOf(error.cause ?? error);
}
