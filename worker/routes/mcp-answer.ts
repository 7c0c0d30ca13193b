import type { FastifyReply, FastifyRequest } from 'fastify';
import { atEndOfTurn, isEncoded, plainOnly } from '../json';
import type { McpDispatcher } from '../mcp/dispatcher';
import { statusOf } from '../mcp/eras';
import { decide } from '../mcp/message';
import { codes, errorText, type RpcOutcome } from '../mcp/protocol';
import type { ParsedRequest, Source } from '../mcp/service';
import { asEvent, EventStream } from './event-stream';
import { type McpTrace, traceOutcome, traceRequest } from './mcp-log';
import { type HttpRejection, reject } from './mcp-rejection';
import { sendParts, takenOver } from './raw-response';

/** What every response of one endpoint needs. */
export interface Surroundings {
  readonly dispatcher: McpDispatcher;
  /** True from the moment the server has begun to stop. */
  isStopping(): boolean;
  /** True once no connection may be left open: the head of a stream may have promised to keep its own. */
  isClosing(): boolean;
  /** Hears of a caller who has gone before the response: Fastify's onResponse does not (5.12.8). */
  onHangUp(): void;
}

/** Answers a request whose head has been checked and whose body has been parsed. */
export function answer(request: FastifyRequest, reply: FastifyReply, surroundings: Surroundings): void {
  const { headers, body } = request;
  const trace = request.mcp ?? {};
  const { dispatcher } = surroundings;
  const lookup = (name: string) => {
    const value = headers[name];
    return typeof value === 'string' ? value.trim() : undefined;
  };
  const decision = decide(body, lookup, dispatcher.service);
  if ('request' in decision && decision.request) traceRequest(trace, decision.request, dispatcher.service);
  const acceptance = acceptanceOf(headers.accept) ?? jsonOnly;
  const from = { caller: trace.caller, requestId: request.id, headers };
  switch (decision.kind) {
    case 'cancel':
      dispatcher.cancel(decision.id, (other) => isSameClient(from, other));
      reply.code(202).removeHeader('content-type').send();
      return;
    case 'ignore':
      reply.code(202).removeHeader('content-type').send();
      return;
    case 'reject': {
      const { status, error, id } = decision.rejection;
      trace.isError = true;
      sendText(reply, status, errorText(error, id), acceptance);
      return;
    }
    case 'run':
      run({ ...surroundings, reply, from, trace, acceptance, request: decision.request });
  }
}

const jsonOnly: Acceptance = { json: true, stream: false };

/**
 * Whether two requests come from one client. Nothing is kept between requests, so only what the client sends with each of
 * them can tell: its access token, and a session identifier that it has of itself or of a gateway. Without either a stranger
 * could cancel what another has asked for under the same number, and all clients count from 0 or 1.
 */
function isSameClient(one: Source, other: Source): boolean {
  // An empty header says no more than none.
  const isKnown = identifying.some((name) => Boolean(one.headers[name]));
  return isKnown && identifying.every((name) => one.headers[name] === other.headers[name]);
}

const identifying = ['authorization', 'mcp-session-id'] as const;

interface Run extends Surroundings {
  readonly reply: FastifyReply;
  readonly from: Source;
  readonly trace: McpTrace;
  readonly acceptance: Acceptance;
  readonly request: ParsedRequest;
}

function run({ reply, dispatcher, isStopping, isClosing, onHangUp, from, trace, acceptance, request }: Run): void {
  let stream: EventStream | undefined;
  let hasLeft = false;
  let isDelivered = false;
  let isAnswered = false;
  const leave = () => {
    if (isAnswered || hasLeft) return;
    hasLeft = true;
    stream?.abandon();
    // Hanging up cancels in 2026-07-28. Before, it does not: the tool ends within its time and its result is dropped.
    if (request.era === 'modern') cancel();
    trace.hungUp = true;
    onHangUp();
  };
  const deliver = (outcome: RpcOutcome) => {
    isDelivered = true;
    traceOutcome(trace, outcome);
    atEndOfTurn(() => {
      if (reply.raw.destroyed) leave();
      if (hasLeft) return;
      isAnswered = true;
      const text = dispatcher.text(request, outcome);
      if (typeof text !== 'string' && !stream && acceptance.json) sendParts(reply, text, isStopping());
      else {
        const whole = typeof text === 'string' ? text : text.join('');
        if (stream) stream.end(whole, isClosing());
        else sendText(reply, statusOf(request, outcome), whole, acceptance);
      }
    });
  };
  const cancel = dispatcher.run(request, from, {
    deliver,
    // Whoever waits for the end of the HTTP response gets one, though the client has said that it wants no outcome.
    cancelled: () => deliver({ error: { code: codes.cancelled, message: 'The request was cancelled' } }),
    notify({ method, params }) {
      if (hasLeft || !acceptance.stream) return;
      stream ??= openStream(reply, isStopping());
      stream.report(JSON.stringify({ jsonrpc: '2.0', method, params }));
    },
  });
  // Not Fastify's signal nor its handler timeout (5.12.8): they listen to the request, which closes when it is read.
  if (!isDelivered) reply.raw.once('close', leave);
}

function sendText(reply: FastifyReply, status: number, text: string, acceptance: Acceptance): void {
  reply.code(status);
  if (acceptance.json || status !== 200) reply.send(text);
  else reply.header('content-type', 'text/event-stream').send(asEvent(text));
}

/** Takes the response out of Fastify's hands. Hooks have set headers that the raw head does not have yet. */
function openStream(reply: FastifyReply, isStopping: boolean): EventStream {
  return new EventStream(reply.raw, takenOver(reply, isStopping));
}

/** Checks the types that the caller accepts and sends. */
export function checkMediaTypes({ headers }: FastifyRequest, reply: FastifyReply, done: () => void): void {
  const { accept, 'content-type': type, 'content-encoding': encoding } = headers;
  if (!acceptanceOf(accept)) reject(reply, { ...notAcceptable, found: accept });
  else if (mediaType(type ?? '') !== 'application/json') reject(reply, { ...notJson, found: type });
  else if (isEncoded(encoding)) reject(reply, { ...encoded, found: encoding });
  else done();
}

/** The forms of a response that a caller takes. */
export interface Acceptance {
  readonly json: boolean;
  readonly stream: boolean;
}

/**
 * Reads an `Accept` header. Most servers insist on both types, which is the most frequent complaint of people who connect
 * clients, so either will do. Undefined when there is neither, or no header.
 */
export function acceptanceOf(accept: string | undefined): Acceptance | undefined {
  if (accept === undefined) return undefined;
  if (accept === last.accept) return last.acceptance;
  const ranges = accept.split(',').filter(isWanted).map(mediaType);
  const isAny = ranges.includes('*/*');
  const json = isAny || ranges.includes('application/json') || ranges.includes('application/*');
  const stream = isAny || ranges.includes('text/event-stream');
  const acceptance = json || stream ? { json, stream } : undefined;
  last = { accept, acceptance };
  return acceptance;
}

// Nearly all requests of a client carry the same header.
let last: { readonly accept: string; readonly acceptance: Acceptance | undefined } = {
  accept: '',
  acceptance: undefined,
};

/** The type in a header value, without its parameters, in lower case. */
function mediaType(value: string): string {
  const end = value.indexOf(';');
  return (end < 0 ? value : value.slice(0, end)).trim().toLowerCase();
}

/** A weight of zero refuses the type. */
function isWanted(range: string): boolean {
  return !/;\s*q\s*=\s*0(\.0{0,3})?\s*(;|$)/i.test(range);
}

const notAcceptable: HttpRejection = {
  status: 406,
  refusal: 'accept',
  message: 'Accept must name application/json or text/event-stream',
};

const notJson: HttpRejection = {
  status: 415,
  refusal: 'content_type',
  message: 'Content-Type must be application/json',
};

const encoded: HttpRejection = {
  status: 415,
  refusal: 'content_encoding',
  message: 'Content-Encoding must be absent; send the body uncompressed',
  headers: plainOnly,
};
