import type { FastifyReply, FastifyRequest } from 'fastify';
import { atEndOfTurn, isEncoded } from '../json';
import type { McpDispatcher } from '../mcp/dispatcher';
import { statusOf } from '../mcp/eras';
import { decide } from '../mcp/message';
import { codes, errorText, type RpcOutcome } from '../mcp/protocol';
import { isQuestion } from '../mcp/questions';
import type { ParsedRequest, Sink, Source } from '../mcp/service';
import { asEvent, EventStream } from './event-stream';
import { type McpTrace, traceOutcome, traceRequest } from './mcp-log';
import { encoded, notAcceptable, notJson, reject } from './mcp-rejection';
import { isAsked, isSameClient, nobodyWaits, type Sessions, tooLate } from './mcp-sessions';
import { sendParts, takenOver } from './raw-response';

/** What every response of one endpoint needs. */
export interface Surroundings {
  readonly dispatcher: McpDispatcher;
  readonly sessions: Sessions;
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
  const { dispatcher, sessions } = surroundings;
  const lookup = (name: string) => {
    const value = headers[name];
    return typeof value === 'string' ? value.trim() : undefined;
  };
  const decision = decide(body, lookup, dispatcher.service);
  if ('request' in decision && decision.request) traceRequest(trace, decision.request, dispatcher.service);
  const acceptance = acceptanceOf(headers.accept) ?? jsonOnly;
  const from: Source = {
    caller: trace.caller,
    requestId: request.id,
    headers,
    client: () => sessions.clientOf(headers),
  };
  switch (decision.kind) {
    case 'cancel':
      dispatcher.cancel(decision.id, (other) => isSameClient(from, other));
      reply.code(202).removeHeader('content-type').send();
      return;
    case 'answer': {
      const { id, outcome } = decision;
      const isTaken = dispatcher.answer(id, outcome, (asked) => isAsked(from, asked));
      if (isTaken || !isQuestion(id)) reply.code(202).removeHeader('content-type').send();
      else {
        trace.isError = true;
        sendText(reply, 400, errorText(nobodyWaits), acceptance);
      }
      return;
    }
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

interface Run extends Surroundings {
  readonly reply: FastifyReply;
  readonly from: Source;
  readonly trace: McpTrace;
  readonly acceptance: Acceptance;
  readonly request: ParsedRequest;
}

function run(options: Run): void {
  const { reply, dispatcher, from, trace, acceptance, request } = options;
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
    dispatcher.cancelQuestions('The client has gone', (asked) => asked === from);
    trace.hungUp = true;
    options.onHangUp();
  };
  const deliver = (outcome: RpcOutcome) => {
    isDelivered = true;
    traceOutcome(trace, outcome);
    if (request.method === 'initialize' && outcome.result) options.sessions.greet(request, dispatcher.service, reply);
    atEndOfTurn(() => {
      if (reply.raw.destroyed) leave();
      if (hasLeft) return;
      isAnswered = true;
      const text = dispatcher.text(request, outcome);
      if (typeof text !== 'string' && !stream && acceptance.json) sendParts(reply, text, options.isStopping());
      else {
        const whole = typeof text === 'string' ? text : text.join('');
        if (stream) stream.end(whole, options.isClosing());
        else sendText(reply, statusOf(request, outcome), whole, acceptance);
      }
    });
  };
  const opened = () => {
    stream ??= openStream(reply, options.isStopping());
    return stream;
  };
  const ask: Sink['ask'] = (question) => {
    if (hasLeft || options.isClosing()) dispatcher.cancelQuestions(tooLate, (asked) => asked === from);
    else opened().send(messageText(question));
  };
  const cancel = dispatcher.run(request, from, {
    ask: acceptance.stream ? ask : undefined,
    deliver,
    // Whoever waits for the end of the HTTP response gets one, though the client has said that it wants no outcome.
    cancelled: () => deliver({ error: { code: codes.cancelled, message: 'The request was cancelled' } }),
    notify(notification) {
      if (!hasLeft && acceptance.stream) opened().report(messageText(notification));
    },
  });
  // Not Fastify's signal nor its handler timeout (5.12.8): they listen to the request, which closes when it is read.
  if (!isDelivered) reply.raw.once('close', leave);
}

function messageText(message: object): string {
  return JSON.stringify({ jsonrpc: '2.0', ...message });
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
