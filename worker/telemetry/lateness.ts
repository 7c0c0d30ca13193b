import underPressure from '@fastify/under-pressure';
import type { FastifyInstance } from 'fastify';

/** An event loop that is this late, on the average of a second, cannot answer in time; somebody else should. */
const maxDelayMs = 1000;

/**
 * Watches the event loop until the server closes. One long turn is over before anybody could be told; what is watched for
 * is one after the other.
 * @param sampleMs how long to take the average over
 * @returns a function that tells whether it runs late
 */
export function lateness(app: FastifyInstance, limitMs = maxDelayMs, sampleMs = 1000): () => boolean {
  let isLate = () => false;
  // In a scope without routes: only the measuring is wanted. The plugin's hook (9.2) would also gather the options of
  // the route for each request, and answer in a form of its own.
  app.register(async (scope) => {
    await scope.register(underPressure, { maxEventLoopDelay: limitMs, sampleInterval: sampleMs });
    isLate = () => scope.isUnderPressure();
  });
  return () => isLate();
}
