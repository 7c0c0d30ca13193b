import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { pipeline } from 'node:stream';

/** A port of the loopback address, or a socket file: network namespaces do not count for those (unix(7)). */
export type Place = { readonly host: '127.0.0.1'; readonly port: number } | { readonly path: string };

/**
 * Passes connections on, byte by byte. Where nobody listens, the caller's connection ends without a word.
 * @returns once it listens
 */
export async function relay(from: Place, to: Place): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (caller) => {
    const called = connect({ ...to, allowHalfOpen: true });
    // Each way ends for itself; one that fails takes the other with it.
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

/** A port of the loopback address. */
export function loopback(port: number): Place {
  return { host: '127.0.0.1', port };
}
