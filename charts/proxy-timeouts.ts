import type { Server } from '../model/spec';
import { contract } from '../worker/contract';

/**
 * How long a proxy waits for a response, in seconds: longer than the server's slowest tool, so that the worker's own limit
 * reports what happened, and longer by one question when a tool asks the person. A response ends with its call, event
 * streams included, so this bounds the silence before the next byte as well as the whole.
 */
export function proxySeconds({ call: { timeoutSeconds, asks } }: Server): number {
  return Math.max(90, timeoutSeconds + 30) + (asks ? contract.askSeconds : 0);
}

/** The same as annotations of ingress-nginx, whose timeouts apply between two bytes. */
export function proxyTimeouts(server: Server) {
  const seconds = String(proxySeconds(server));
  return {
    'nginx.ingress.kubernetes.io/proxy-read-timeout': seconds,
    'nginx.ingress.kubernetes.io/proxy-send-timeout': seconds,
  };
}
