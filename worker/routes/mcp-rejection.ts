import type { FastifyReply } from 'fastify';
import { identityOnly, isObject } from '../json';
import { codes, type ErrorMember, errorText, type Members } from '../mcp/protocol';

/** A response that rejects a request without processing it. */
export interface HttpRejection {
  readonly status: number;
  /** The reason as one word, for log and counters. */
  readonly refusal: string;
  /** The rejected value, as the caller sent it. @default - not logged */
  readonly found?: string | undefined;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Rejects a request. Log and counters get the reason, the caller gets the message. */
export function reject(reply: FastifyReply, rejection: HttpRejection): FastifyReply {
  const { status, message, headers = {}, refusal, found } = rejection;
  const trace = reply.request.mcp;
  if (trace) Object.assign(trace, { refusal, ...(found === undefined ? {} : { found }) });
  return reply
    .code(status)
    .headers(headers)
    .send(errorText({ code: codes.invalidRequest, message }));
}

/** The body is not JSON or contains a forbidden member. The message is for the caller. */
export class MalformedBody extends Error {
  override readonly name = 'MalformedBody';
  readonly statusCode = 400;
  readonly code = 'FST_ERR_CTP_INVALID_JSON_BODY';

  constructor(message = notReadable) {
    super(message);
  }
}

const notReadable = 'the body is not JSON in UTF-8';

/** Translates an error of Fastify or one of its plugins into a response. */
export function describeError(error: unknown): ErrorDescription {
  const { statusCode, code }: Members = isObject(error) ? error : {};
  if (typeof code === 'string' && malformed.has(code)) {
    const message = `Parse error: ${error instanceof MalformedBody ? error.message : notReadable}`;
    return { status: 400, refusal: 'body', member: { code: codes.parse, message } };
  }
  const status = typeof statusCode === 'number' && statusCode >= 400 ? statusCode : 500;
  const [refusal, message] = meanings.get(status) ?? ['request', 'Invalid request'];
  return status < 500
    ? { status, refusal, member: { code: codes.invalidRequest, message } }
    : { status: 500, member: { code: codes.internal, message: 'Internal error' } };
}

/** The response to an error, with the reason for log and counters unless the error is a defect. */
interface ErrorDescription {
  readonly status: number;
  readonly refusal?: string;
  readonly member: ErrorMember;
}

/** The codes of Fastify 5.12 for a body that its JSON parser rejects. */
const malformed = new Set(['FST_ERR_CTP_INVALID_JSON_BODY', 'FST_ERR_CTP_EMPTY_JSON_BODY']);

const meanings: ReadonlyMap<number, readonly [refusal: string, message: string]> = new Map([
  [413, ['size', 'The body is larger than this server takes']],
  [415, ['content_type', 'Content-Type must be application/json']],
  [429, ['rate', 'Too many requests; wait for as long as Retry-After says']],
]);

/** The `Accept` header allows neither response type. */
export const notAcceptable: HttpRejection = {
  status: 406,
  refusal: 'accept',
  message: 'Accept must name application/json or text/event-stream',
};

/** The body is not declared as JSON. */
export const notJson: HttpRejection = {
  status: 415,
  refusal: 'content_type',
  message: 'Content-Type must be application/json',
};

/** The body is compressed. */
export const encoded: HttpRejection = {
  status: 415,
  refusal: 'content_encoding',
  message: 'Content-Encoding must be absent; send the body uncompressed',
  headers: identityOnly,
};
