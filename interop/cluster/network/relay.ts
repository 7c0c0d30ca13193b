import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { pipeline } from 'node:stream';

/** A loopback port, or a socket file, which works across network namespaces (unix(7)). */
export type Place = { readonly host: '127.0.0.1'; readonly port: number } | { readonly path: string };

/**
 * Forwards connections. Where nothing listens, it closes the caller's connection.
 * @returns the server, once it listens
 */
export async function relay(from: Place, to: Place): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (caller) => {
    const called = connect({ ...to, allowHalfOpen: true });
    // Each direction ends separately; an error in one closes both.
    for (const [source, drain] of [
      [caller, called],
      [called, caller],
    ] as const) {
      pipeline(source, drain, (error) => void (error && [caller, called].map((socket) => socket.destroy())));
    }
  });
  await once(server.listen(from), 'listening');
  return server;
}

/** A loopback port. */
export function loopback(port: number): Place {
  return { host: '127.0.0.1', port };
}
