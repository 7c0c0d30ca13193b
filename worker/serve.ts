import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import { buildApp } from './app';
import type { Catalog } from './catalog/load';
import type { Config } from './config';
import { Lifecycle } from './lifecycle';
import { createMetrics } from './metrics';
import { buildOperations } from './operations';
import type { Tracing } from './tracing';

/** A server that answers. */
export interface Served {
  /** Where it listens: the port is the real one, also when any was asked for. */
  readonly url: string;
  readonly operationsUrl: string;
  /**
   * Stops without losing a call: unready at once, goes on serving for `drainSeconds` with `Connection: close` on every
   * answer, then takes no more and waits for what is in flight. Bounding that wait is the caller's business.
   * @param drainSeconds @default - the configuration's
   */
  stop(drainSeconds?: number): Promise<void>;
}

/**
 * Listens on both ports.
 * @throws Error when an address cannot be bound; nothing is left listening then
 */
export async function serve(
  config: Config,
  catalog: Catalog,
  log: FastifyBaseLogger,
  tracing?: Tracing,
): Promise<Served> {
  const metrics = createMetrics();
  const lifecycle = new Lifecycle();
  const app = buildApp(config, catalog, { log, metrics, lifecycle, tracing });
  const operations = buildOperations(metrics, lifecycle);
  try {
    const operationsUrl = await operations.listen({ host: config.host, port: config.operationsPort });
    const url = await app.listen({ host: config.host, port: config.port });
    lifecycle.ready();
    return {
      url,
      operationsUrl,
      async stop(drainSeconds = config.drainSeconds) {
        lifecycle.drain();
        await wait(drainSeconds * 1000);
        await app.close();
        await operations.close();
        await tracing?.stop();
      },
    };
  } catch (error) {
    await Promise.all([app.close(), operations.close()]);
    throw error;
  }
}
