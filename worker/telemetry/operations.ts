import Fastify, { type FastifyInstance } from 'fastify';
import type { Lifecycle } from '../lifecycle';
import { lateness } from './lateness';
import type { Metrics } from './metrics';

/** What whoever runs the worker asks it, and what it knows of itself. */
export interface Operations {
  /** Metrics and probes, for a port that the Service does not expose. Not listening yet. */
  readonly app: FastifyInstance;
  /** Whether the event loop runs late: the worker is unready then, and takes no more MCP requests. */
  isLate(): boolean;
}

/** @param watch makes the function that tells whether the event loop runs late. @default - `lateness` */
export function buildOperations({ registry }: Metrics, lifecycle: Lifecycle, watch = lateness): Operations {
  const app = Fastify({ logger: false, forceCloseConnections: true });
  const isLate = watch(app);
  app.get('/live', () => ({ live: true }));
  app.get('/ready', (_request, reply) => {
    const isReady = lifecycle.isReady && !isLate();
    return reply.code(isReady ? 200 : 503).send({ ready: isReady });
  });
  app.get('/metrics', async (_request, reply) =>
    reply.header('content-type', registry.contentType).send(await registry.metrics()),
  );
  return { app, isLate };
}
