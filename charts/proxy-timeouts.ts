import type { Server } from '../model/spec';
import { contract } from '../worker/contract';

/**
 * How long a proxy waits for a response, in seconds: longer than the slowest tool of the server, whose own timeout reports the
 * better error, and longer still when a tool asks the user. Every response, even an event stream, ends with its call, so the
 * value suits idle and total timeouts.
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
