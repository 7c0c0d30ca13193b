import type { FastifyReply } from 'fastify';

/**
 * Sends text that is already JSON. A serializer of its own keeps Fastify from adding a charset, which the reference
 * does not send; text and not bytes, because Node then writes head and body at once.
 */
export function sendJson(reply: FastifyReply, json: string): FastifyReply {
  return reply.header('content-type', 'application/json').serializer(asItIs).send(json);
}

/** Sends what went wrong, in the form of the reference. */
export function sendDetail(reply: FastifyReply, status: number, detail: string): FastifyReply {
  return sendJson(reply.code(status), JSON.stringify({ detail }));
}

/** The serializer of text that is sent as it is. */
export function asItIs(text: unknown): string {
  return String(text);
}
