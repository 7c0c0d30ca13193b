import Arcade from '@arcadeai/arcadejs';
import { Problem } from '../../model/problem';
import { callLimits } from '../engine/engine-config';
import { reasonOf } from '../engine/request';
import type { KnownWorker } from './plan';

/** What registration asks of an engine. */
export interface EngineApi {
  /** Undefined when the engine knows no worker of this name. */
  find(id: string): Promise<KnownWorker | undefined>;
  create(id: string, uri: string, secret: string): Promise<void>;
  update(id: string, uri: string, secret: string): Promise<void>;
  /** The names of the tools that the engine has loaded, without versions. */
  toolsOf(id: string): Promise<readonly string[]>;
  /** Whether the engine finds the worker healthy, and what it says about it. */
  healthOf(id: string): Promise<{ readonly isHealthy: boolean; readonly message: string }>;
}

/**
 * The API of an engine through the vendor's own client (arcadejs 2.4.1).
 * @param apiKey never part of a problem
 * @throws Problem ENGINE-KEY or ENGINE-ANSWER, from every one of its functions
 */
export function engineApi(url: string, apiKey: string): EngineApi {
  const client = new Arcade({
    baseURL: url,
    apiKey,
    maxRetries: 2,
    timeout: 30_000,
    logLevel: 'off',
    fetchOptions: { redirect: 'manual' },
  });
  const limits = { timeout: callLimits.timeout, retry: callLimits.retry };
  return {
    find: (id) =>
      told(url, async () => {
        // Not `get`: a list tells "unknown" from a 404 of something that is no engine.
        for await (const worker of client.workers.list({ limit: 100 })) if (worker.id === id) return worker;
        return undefined;
      }),
    create: (id, uri, secret) =>
      told(
        url,
        async () => {
          await client.workers.create({ id, enabled: true, type: 'http', http: { uri, secret, ...limits } });
        },
        secret,
      ),
    update: (id, uri, secret) =>
      told(
        url,
        async () => {
          await client.workers.update(id, { enabled: true, http: { uri, secret, ...limits } });
        },
        secret,
      ),
    toolsOf: (id) =>
      told(url, async () => {
        const names: string[] = [];
        for await (const { name } of client.workers.tools(id, { limit: 100 })) names.push(name);
        return names.sort();
      }),
    healthOf: (id) =>
      told(url, async () => {
        const { healthy = false, message = '' } = await client.workers.health(id);
        return { isHealthy: healthy, message };
      }),
  };
}

async function told<T>(url: string, ask: () => Promise<T>, secret = ''): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Arcade.AuthenticationError || error instanceof Arcade.PermissionDeniedError) {
      throw new Problem('ENGINE-KEY', `Cannot use the engine at ${url}: it refuses the API key (${error.status})`, {
        fix: 'make a key of a project that may change workers, and set ARCADE_API_KEY to it',
        cause: error,
      });
    }
    const reason =
      error instanceof Arcade.APIConnectionError
        ? `it cannot be reached (${causeOf(error)})`
        : error instanceof Arcade.APIError
          ? `it answered ${error.status}: ${error.message.replaceAll(secret || '\0', '[secret]').slice(0, 300)}`
          : reasonOf(error);
    throw new Problem('ENGINE-ANSWER', `Cannot use the engine at ${url}: ${reason}`, {
      fix: 'see whether --engine, or ARCADE_API_URL, is the address of its API: curl <it>/v1/health',
      cause: error,
    });
  }
}

/** The innermost reason: the client wraps what fetch wraps. */
function causeOf(error: Error): string {
  return error.cause instanceof Error ? causeOf(error.cause) : reasonOf(error.cause ?? error);
}
