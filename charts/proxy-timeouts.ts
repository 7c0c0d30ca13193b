import type { Server } from '../model/spec';

/**
 * How long ingress-nginx waits for the next byte of a server, in seconds: longer than the slowest of its tools, whose own
 * limit says what happened.
 */
export function proxyTimeouts({ call: { timeoutSeconds } }: Server) {
  const seconds = String(Math.max(90, timeoutSeconds + 30));
  return {
    'nginx.ingress.kubernetes.io/proxy-read-timeout': seconds,
    'nginx.ingress.kubernetes.io/proxy-send-timeout': seconds,
  };
}
