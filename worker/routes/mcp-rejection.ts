import type { FastifyReply } from 'fastify';
import { isObject } from '../json';
import { codes, type ErrorMember, errorText, type Members } from '../mcp/protocol';

/** A response to a request that is not read any further. */
export interface HttpRejection {
  readonly status: number;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Rejects a request. */
export function reject(reply: FastifyReply, { status, message, headers = {} }: HttpRejection): FastifyReply {
  return reply
    .code(status)
    .headers(headers)
    .send(errorText({ code: codes.invalidRequest, message }));
}

/** The body cannot be read as JSON. */
export class MalformedBody extends Error {
  override readonly name = 'MalformedBody';
  readonly statusCode = 400;
  readonly code = 'FST_ERR_CTP_INVALID_JSON_BODY';
}

/** What an error that Fastify or one of its plugins has raised means to a caller. */
export function describeError(error: unknown): { readonly status: number; readonly member: ErrorMember } {
  const { statusCode, code }: Members = isObject(error) ? error : {};
  if (typeof code === 'string' && malformed.has(code)) {
    return { status: 400, member: { code: codes.parse, message: 'Parse error: the body is not JSON in UTF-8' } };
  }
  const status = typeof statusCode === 'number' && statusCode >= 400 ? statusCode : 500;
  const text = texts.get(status);
  if (text !== undefined) return { status, member: { code: codes.invalidRequest, message: text } };
  return status < 500
    ? { status, member: { code: codes.invalidRequest, message: 'Invalid request' } }
    : { status: 500, member: { code: codes.internal, message: 'Internal error' } };
}

/** What Fastify 5.12 calls a body that its JSON parser refuses, `__proto__` in it included. */
const malformed = new Set(['FST_ERR_CTP_INVALID_JSON_BODY', 'FST_ERR_CTP_EMPTY_JSON_BODY']);

const texts = new Map([
  [413, 'The body is larger than this server takes'],
  [415, 'Content-Type must be application/json'],
  [429, 'Too many requests; wait for as long as Retry-After says'],
]);
