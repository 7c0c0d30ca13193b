import underPressure from '@fastify/under-pressure';
import Fastify, { type FastifyInstance } from 'fastify';
import { contract } from '../contract';
import type { Metrics } from './metrics';

/** The operations server. */
export interface Operations {
  /** Metrics and probes, for a port that the Service does not expose. Not listening yet. */
  readonly app: FastifyInstance;
  /** Whether the event loop is overloaded. If so, the worker is not ready and rejects MCP requests. */
  isLate(): boolean;
}

/** Builds the operations server. @param watch measures the event loop's delay. @default - `eventLoopDelay` */
export function buildOperations({ registry }: Metrics, lifecycle: Lifecycle, watch = eventLoopDelay): Operations {
  const app = Fastify({ logger: false, forceCloseConnections: true });
  const isLate = watch(app);
  app.get(contract.operations.live, () => ({ live: true }));
  app.get(contract.operations.ready, (_request, reply) => {
    const isReady = lifecycle.isReady && !isLate();
    return reply.code(isReady ? 200 : 503).send({ ready: isReady });
  });
  app.get(contract.operations.metrics, async (_request, reply) =>
    reply.header('content-type', registry.contentType).send(await registry.metrics()),
  );
  return { app, isLate };
}

/** The lifecycle of the process. Routes and probes read it, `serve` changes it. */
export class Lifecycle {
  isReady = false;
  /** True after the stop signal: calls are still served, and every response closes its connection. */
  isDraining = false;

  ready(): void {
    this.isReady = !this.isDraining;
  }

  drain(): void {
    this.isReady = false;
    this.isDraining = true;
  }
}

/** With an average delay above this limit, another replica should take the requests. */
const maxDelayMs = 1000;

/**
 * Measures the delay of the event loop until the server closes. Detects many long turns in a row, not a single one.
 * @param sampleMs the averaging interval
 * @returns a function that returns whether the delay exceeds the limit
 */
export function eventLoopDelay(app: FastifyInstance, limitMs = maxDelayMs, sampleMs = 1000): () => boolean {
  let isLate = () => false;
  // In a scope without routes, only to measure: the plugin's hook (9.2) would collect the route's options on each request
  // and send its own response.
  app.register(async (scope) => {
    await scope.register(underPressure, { maxEventLoopDelay: limitMs, sampleInterval: sampleMs });
    isLate = () => scope.isUnderPressure();
  });
  return () => isLate();
}
