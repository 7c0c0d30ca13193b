import type { FastifyReply } from 'fastify';

/** Detaches a response from Fastify. @returns the headers that Fastify would have sent */
export function takeOver(reply: FastifyReply, isStopping: boolean): Readonly<Record<string, string>> {
  reply.hijack();
  const headers = Object.fromEntries(
    Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)] as const),
  );
  return isStopping ? { ...headers, connection: 'close' } : headers;
}

/**
 * Sends a long result without copying it for each request: Fastify accepts only a single payload (5.12.8).
 * @param isStopping whether the server is stopping: the connection then closes after the response
 */
export function sendParts(reply: FastifyReply, [start, rest]: readonly [string, Buffer], isStopping: boolean): void {
  const length = Buffer.byteLength(start) + rest.length;
  const { raw } = reply;
  raw.writeHead(200, { ...takeOver(reply, isStopping), 'content-length': length });
  // Send the head and both parts in one write.
  raw.cork();
  raw.write(start);
  raw.end(rest);
  raw.uncork();
}
