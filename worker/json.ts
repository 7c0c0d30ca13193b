import type { FastifyReply } from 'fastify';

/** True for a JSON object: not null, not a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value of JSON text. Undefined, which JSON cannot express, when the text is not JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the text, which may be secret.
    return undefined;
  }
}

/**
 * Sends text that is already JSON. A serializer of its own keeps Fastify from adding a charset, which the reference
 * does not send; text and not bytes, because Node then writes head and body at once.
 */
export function sendJson(reply: FastifyReply, json: string): FastifyReply {
  return reply.header('content-type', 'application/json').serializer(passThrough).send(json);
}

/** JSON that is the same each time, as `sendConstant` takes it: long text as bytes, which are made once and not for each response. */
export function constantJson(json: string): string | Buffer {
  return json.length > longText ? Buffer.from(json) : json;
}

const longText = 16 * 1024;

/** Sends JSON that is the same each time. */
export function sendConstant(reply: FastifyReply, json: string | Buffer): FastifyReply {
  return typeof json === 'string' ? sendJson(reply, json) : reply.header('content-type', 'application/json').send(json);
}

/** Sends what went wrong, in the form of the reference. */
export function sendDetail(reply: FastifyReply, status: number, detail: string): FastifyReply {
  return sendJson(reply.code(status), JSON.stringify({ detail }));
}

/** Whether a body is compressed, which nothing here undoes: it would have to be bounded after it, and no client asks for it. */
export function isEncoded(contentEncoding: string | undefined): boolean {
  return contentEncoding !== undefined && !/^\s*(identity\s*)?$/i.test(contentEncoding);
}

/** Says with a 415 that it is about the encoding and not the type (RFC 7694 section 3). */
export const identityOnly = { 'accept-encoding': 'identity' } as const;

/** The serializer of text that is sent as it is. */
export function passThrough(text: unknown): string {
  return String(text);
}

/**
 * Sends a response at the end of this turn of the event loop, so that all responses of one turn are written in one batch.
 * Each write wakes the peer, which otherwise has gone back to sleep by the next, and code that runs for one call at a time
 * runs cold: batching saves a third of a call's time (Node 20.20 and 24.21, Linux under KVM, 2026-11).
 *
 * For handlers and hooks that return nothing. When a promise of a handler or a hook resolves and nothing has been sent
 * yet, Fastify goes on and sends a response of its own; the second one then ends the process (5.12.8).
 * @param send must not throw: nobody is left to answer for it
 */
export function atEndOfTurn<Given extends unknown[]>(send: (...given: Given) => unknown, ...given: Given): void {
  setImmediate(send, ...given);
}

/** Deeper than any argument of a tool. V8 takes half a second for 4 MiB of brackets, and everyone waits (Node 20.20). */
const maxDepth = 500;
/** A shorter body cannot hold anyone up. */
const smallBytes = 32 * 1024;

/** Whether JSON is nested too deep to be worth parsing; scanning 4 MiB takes 15 ms. */
export function isTooDeep(json: Uint8Array): boolean {
  if (json.length < smallBytes) return false;
  let depth = 0;
  let isText = false;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at];
    if (isText) {
      if (byte === 0x5c) at += 1;
      else if (byte === 0x22) isText = false;
    } else if (byte === 0x22) isText = true;
    else if (byte === 0x5b || byte === 0x7b) {
      depth += 1;
      if (depth > maxDepth) return true;
    } else if (byte === 0x5d || byte === 0x7d) depth -= 1;
  }
  return false;
}
