import { monitorEventLoopDelay } from 'node:perf_hooks';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Lifecycle } from './lifecycle';
import type { Metrics } from './metrics';

/** An event loop this late cannot answer in time; somebody else should. */
const overloadedMs = 1000;
const windowMs = 5000;

/**
 * Metrics and probes, for a port that the Service does not expose. Not listening yet.
 * @param isLate whether the event loop runs too late to be ready. @default - measured
 */
export function buildOperations({ registry }: Metrics, lifecycle: Lifecycle, isLate?: () => boolean): FastifyInstance {
  const app = Fastify({ logger: false, forceCloseConnections: true });
  const isOverloaded = isLate ?? delayWatch(app);
  app.get('/live', () => ({ live: true }));
  app.get('/ready', (_request, reply) => {
    const isReady = lifecycle.isReady && !isOverloaded();
    return reply.code(isReady ? 200 : 503).send({ ready: isReady });
  });
  app.get('/metrics', async (_request, reply) =>
    reply.header('content-type', registry.contentType).send(await registry.metrics()),
  );
  return app;
}

/** Tells whether the event loop has been late in the last few seconds. */
function delayWatch(app: FastifyInstance): () => boolean {
  const histogram = monitorEventLoopDelay({ resolution: 20 });
  histogram.enable();
  const timer = setInterval(() => histogram.reset(), windowMs).unref();
  app.addHook('onClose', async () => {
    clearInterval(timer);
    histogram.disable();
  });
  return () => histogram.max / 1e6 >= overloadedMs;
}
