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
import { isAsked, isSameClient, notPending, type Sessions, tooLate } from './mcp-sessions';
import { sendParts, takeOver } from './raw-response';

/** What every response of the endpoint needs. */
export interface AnswerOptions {
  readonly dispatcher: McpDispatcher;
  readonly sessions: Sessions;
  /** Whether the server is stopping. */
  isStopping(): boolean;
  /** Whether every connection must close, even if the head of a stream has announced keep-alive. */
  isClosing(): boolean;
  /** Called when the caller disconnects before the response. Fastify does not call onResponse then (5.12.8). */
  onHangUp(): void;
}

/** Answers a request after its headers have been checked and its body parsed. */
export function answer(request: FastifyRequest, reply: FastifyReply, options: AnswerOptions): void {
  const { headers, body } = request;
  const trace = request.mcp ?? {};
  const { dispatcher, sessions } = options;
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
        sendText(reply, 400, errorText(notPending), acceptance);
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
      run({ ...options, reply, from, trace, acceptance, request: decision.request });
  }
}

const jsonOnly: Acceptance = { json: true, stream: false };

interface Run extends AnswerOptions {
  readonly reply: FastifyReply;
  readonly from: Source;
  readonly trace: McpTrace;
  readonly acceptance: Acceptance;
  readonly request: ParsedRequest;
}

function run(options: Run): void {
  const { reply, dispatcher, from, trace, acceptance, request } = options;
  let stream: EventStream | undefined;
  let hasHungUp = false;
  let isDelivered = false;
  let isAnswered = false;
  const hangUp = () => {
    if (isAnswered || hasHungUp) return;
    hasHungUp = true;
    stream?.abandon();
    // In 2026-07-28 disconnecting cancels the call. In earlier revisions the tool keeps running and its result is dropped.
    if (request.era === 'modern') cancel();
    dispatcher.cancelQuestions('The client has disconnected', (asked) => asked === from);
    trace.hungUp = true;
    options.onHangUp();
  };
  const deliver = (outcome: RpcOutcome) => {
    isDelivered = true;
    traceOutcome(trace, outcome);
    if (request.method === 'initialize' && outcome.result) options.sessions.open(request, dispatcher.service, reply);
    atEndOfTurn(() => {
      if (reply.raw.destroyed) hangUp();
      if (hasHungUp) return;
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
  const openedStream = () => {
    stream ??= openStream(reply, options.isStopping());
    return stream;
  };
  const ask: Sink['ask'] = (question) => {
    if (hasHungUp || options.isClosing()) dispatcher.cancelQuestions(tooLate, (asked) => asked === from);
    else openedStream().send(messageText(question));
  };
  const cancel = dispatcher.run(request, from, {
    ask: acceptance.stream ? ask : undefined,
    deliver,
    // The HTTP response must end even though the client wants no outcome.
    cancelled: () => deliver({ error: { code: codes.cancelled, message: 'The request was cancelled' } }),
    notify(notification) {
      if (!hasHungUp && acceptance.stream) openedStream().report(messageText(notification));
    },
  });
  // Fastify's signal and handler timeout (5.12.8) are no use: they watch the request, which closes once it has been read.
  if (!isDelivered) reply.raw.once('close', hangUp);
}

function messageText(message: object): string {
  return JSON.stringify({ jsonrpc: '2.0', ...message });
}

function sendText(reply: FastifyReply, status: number, text: string, acceptance: Acceptance): void {
  reply.code(status);
  if (acceptance.json || status !== 200) reply.send(text);
  else reply.header('content-type', 'text/event-stream').send(asEvent(text));
}

/** Detaches the response from Fastify and starts a stream with the headers that hooks have set. */
function openStream(reply: FastifyReply, isStopping: boolean): EventStream {
  return new EventStream(reply.raw, takeOver(reply, isStopping));
}

/** Checks the `Accept`, `Content-Type` and `Content-Encoding` headers. */
export function checkMediaTypes({ headers }: FastifyRequest, reply: FastifyReply, done: () => void): void {
  const { accept, 'content-type': type, 'content-encoding': encoding } = headers;
  if (!acceptanceOf(accept)) reject(reply, { ...notAcceptable, found: accept });
  else if (mediaType(type ?? '') !== 'application/json') reject(reply, { ...notJson, found: type });
  else if (isEncoded(encoding)) reject(reply, { ...encoded, found: encoding });
  else done();
}

/** The response types that a caller accepts. */
export interface Acceptance {
  readonly json: boolean;
  readonly stream: boolean;
}

/**
 * Parses an `Accept` header. One of the two types is enough: most servers require both, which is a frequent complaint of
 * users. Undefined when the header has neither or is missing.
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

// A one-entry cache: nearly all requests of a client have the same header.
let last: { readonly accept: string; readonly acceptance: Acceptance | undefined } = {
  accept: '',
  acceptance: undefined,
};

/** The media type in a header value, in lower case and without parameters. */
function mediaType(value: string): string {
  const end = value.indexOf(';');
  return (end < 0 ? value : value.slice(0, end)).trim().toLowerCase();
}

/** A weight of zero excludes the type. */
function isWanted(range: string): boolean {
  return !/;\s*q\s*=\s*0(\.0{0,3})?\s*(;|$)/i.test(range);
}
