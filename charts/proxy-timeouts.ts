import type { Server } from '../model/spec';

/**
 * How long whoever forwards a call waits, in seconds: longer than the slowest tool of the server, whose own limit says what
 * happened. Every answer ends with its call, a stream of events too, so this bounds the silence before the next byte as
 * well as the whole.
 */
export function proxySeconds({ call: { timeoutSeconds } }: Server): number {
  return Math.max(90, timeoutSeconds + 30);
}

/** The same for ingress-nginx, which counts from byte to byte. */
export function proxyTimeouts(server: Server) {
  const seconds = String(proxySeconds(server));
  return {
    'nginx.ingress.kubernetes.io/proxy-read-timeout': seconds,
    'nginx.ingress.kubernetes.io/proxy-send-timeout': seconds,
  };
}
