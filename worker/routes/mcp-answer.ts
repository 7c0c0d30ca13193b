import type { FastifyReply, FastifyRequest } from 'fastify';
import { atEndOfTurn } from '../json';
import type { McpDispatcher } from '../mcp/dispatcher';
import { statusOf } from '../mcp/eras';
import { decide } from '../mcp/message';
import { codes, errorText, type RpcOutcome } from '../mcp/protocol';
import type { ParsedRequest, Source } from '../mcp/service';
import { asEvent, EventStream } from './event-stream';
import { type Acceptance, acceptanceOf } from './mcp-guards';
import { type McpTrace, traceOutcome, traceRequest } from './mcp-log';

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
  const isKnown = one.headers.authorization !== undefined || one.headers['mcp-session-id'] !== undefined;
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
  let isAnswered = false;
  const deliver = (outcome: RpcOutcome) => {
    traceOutcome(trace, outcome);
    atEndOfTurn(() => {
      if (hasLeft) return;
      isAnswered = true;
      const text = dispatcher.text(request, outcome);
      if (stream) stream.end(text, isClosing());
      else sendText(reply, statusOf(request, outcome), text, acceptance);
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
  reply.raw.once('close', () => {
    if (isAnswered) return;
    hasLeft = true;
    stream?.abandon();
    // Hanging up cancels in 2026-07-28. Before, it does not: the tool ends within its time and its result is dropped.
    if (request.era === 'modern') cancel();
    trace.hungUp = true;
    onHangUp();
  });
}

function sendText(reply: FastifyReply, status: number, text: string, acceptance: Acceptance): void {
  reply.code(status);
  if (acceptance.json || status !== 200) reply.send(text);
  else reply.header('content-type', 'text/event-stream').send(asEvent(text));
}

/** Takes the response out of Fastify's hands. Hooks have set headers that the raw head does not have yet. */
function openStream(reply: FastifyReply, isStopping: boolean): EventStream {
  reply.hijack();
  const headers = Object.fromEntries(
    Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)] as const),
  );
  return new EventStream(reply.raw, isStopping ? { ...headers, connection: 'close' } : headers);
}
