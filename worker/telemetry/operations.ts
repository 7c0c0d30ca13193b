import underPressure from '@fastify/under-pressure';
import Fastify, { type FastifyInstance } from 'fastify';
import { contract } from '../contract';
import type { Metrics } from './metrics';

/** What operators ask the worker, and what it knows of itself. */
export interface Operations {
  /** Metrics and probes, for a port that the Service does not expose. Not listening yet. */
  readonly app: FastifyInstance;
  /** Whether the event loop runs late: the worker is unready then, and takes no more MCP requests. */
  isLate(): boolean;
}

/** @param watch makes the function that tells whether the event loop runs late. @default - `eventLoopDelay` */
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

/** Where the process is in its life. Read by the routes and the probes, moved on by `serve`. */
export class Lifecycle {
  isReady = false;
  /** True from the stop signal on: calls are still served, and every response ends its connection. */
  isDraining = false;

  ready(): void {
    this.isReady = !this.isDraining;
  }

  drain(): void {
    this.isReady = false;
    this.isDraining = true;
  }
}

/** An event loop that is this late, averaged over a second, cannot answer in time; another replica should. */
const maxDelayMs = 1000;

/**
 * Measures the delay of the event loop until the server closes. A single long turn is over before anyone could be told;
 * this looks for many in a row.
 * @param sampleMs how long to average over
 * @returns a function that tells whether the loop runs late
 */
export function eventLoopDelay(app: FastifyInstance, limitMs = maxDelayMs, sampleMs = 1000): () => boolean {
  let isLate = () => false;
  // In a scope without routes, for the measurement alone: the plugin's hook (9.2) would gather the route's options on
  // each request and send a response of its own.
  app.register(async (scope) => {
    await scope.register(underPressure, { maxEventLoopDelay: limitMs, sampleInterval: sampleMs });
    isLate = () => scope.isUnderPressure();
  });
  return () => isLate();
}
