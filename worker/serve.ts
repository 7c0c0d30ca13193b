import type { Socket } from 'node:net';
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { type AppParts, buildApp } from './app';
import type { Catalog } from './catalog/load';
import type { Config } from './config/config';
import { contract } from './contract';
import { createMetrics } from './telemetry/metrics';
import { buildOperations, Lifecycle } from './telemetry/operations';

/** A running server. */
export interface RunningServer {
  /** The address with the actual port, even if port 0 was configured. */
  readonly url: string;
  readonly operationsUrl: string;
  /**
   * Stops without losing a call: becomes unready immediately, keeps serving for `drainSeconds` with `Connection: close`
   * on every response, then stops accepting calls and waits for those in flight. The caller must limit that wait.
   * @param drainSeconds @default - from the configuration
   */
  stop(drainSeconds?: number): Promise<void>;
}

/**
 * Listens on both ports.
 * @throws Error when an address cannot be bound; then neither port stays open
 */
export async function serve(
  config: Config,
  catalog: Catalog,
  log: FastifyBaseLogger,
  { tracing, trial }: Pick<AppParts, 'tracing' | 'trial'> = {},
): Promise<RunningServer> {
  const metrics = createMetrics();
  const lifecycle = new Lifecycle();
  const { app: operations, isLate } = buildOperations(metrics, lifecycle);
  const app = buildApp(config, catalog, { log, metrics, lifecycle, tracing, trial, isLate });
  const connections = connectionsOf(app);
  try {
    const [operationsUrl, url] = await allOf([
      listen(operations, config.host, config.operationsPort, 'WORKER_OPERATIONS_PORT'),
      listen(app, config.host, config.port, contract.env.port),
    ]);
    lifecycle.ready();
    return {
      url,
      operationsUrl,
      async stop(drainSeconds = config.drainSeconds) {
        lifecycle.drain();
        await wait(drainSeconds * 1000);
        const closed = app.close();
        while (app.server.listening) await nextTurn();
        // closeIdleConnections leaves those that have never sent a request (Node 20 to 24); waiting for them is in vain.
        for (const connection of connections) if (connection.bytesRead === 0) connection.destroy();
        await closed;
        await operations.close();
        await tracing?.stop();
      },
    };
  } catch (error) {
    await Promise.all([app.close(), operations.close()]);
    throw error;
  }
}

/** The open connections. */
function connectionsOf({ server }: FastifyInstance): ReadonlySet<Socket> {
  const open = new Set<Socket>();
  server.on('connection', (connection: Socket) => {
    open.add(connection);
    connection.once('close', () => open.delete(connection));
  });
  return open;
}

/** @throws Error with the messages of all failures */
async function allOf<Results extends readonly Promise<string>[] | []>(results: Results) {
  const settled = await Promise.allSettled(results);
  const reasons = settled.flatMap((each) => (each.status === 'rejected' ? [String(each.reason.message)] : []));
  if (reasons.length > 0) throw new Error(reasons.join('\n'));
  return Promise.all(results);
}

/** @throws Error that names the variable to change when the address is in use or unavailable */
async function listen(app: FastifyInstance, host: string, port: number, variable: string): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    const reason =
      code === 'EADDRINUSE'
        ? `the port is in use (EADDRINUSE); set ${variable} to a free port`
        : `${code ?? cause}; check ${variable} and ${contract.env.host}`;
    throw new Error(`Cannot listen on ${host} port ${port}: ${reason}`, { cause });
  }
}
