import type { FastifyReply, FastifyRequest } from 'fastify';
import type { McpEndpoint } from '../mcp/endpoint';
import { errorText } from '../mcp/protocol';
import type { ParsedRequest } from '../mcp/request';
import type { Source } from '../mcp/service';
import { asEvent, EventStream } from './event-stream';
import { atEndOfTurn } from './json';
import { type Acceptance, acceptanceOf } from './mcp-headers';
import { type McpTrace, traceOutcome, traceRequest } from './mcp-log';

/** What every response of one endpoint needs. */
export interface Surroundings {
  readonly endpoint: McpEndpoint;
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
  const { endpoint } = surroundings;
  const decision = endpoint.decide(body, (name) => {
    const value = headers[name];
    return typeof value === 'string' ? value.trim() : undefined;
  });
  if (decision.kind !== 'ignore' && decision.request) traceRequest(trace, decision.request, endpoint.service);
  const acceptance = acceptanceOf(headers.accept) ?? jsonOnly;
  switch (decision.kind) {
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
      run({
        ...surroundings,
        reply,
        from: { caller: trace.caller, requestId: request.id, headers },
        trace,
        acceptance,
        request: decision.request,
      });
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

function run({ reply, endpoint, isStopping, isClosing, onHangUp, from, trace, acceptance, request }: Run): void {
  let stream: EventStream | undefined;
  let hasLeft = false;
  let isAnswered = false;
  const cancel = endpoint.run(request, from, {
    deliver(outcome) {
      traceOutcome(trace, outcome);
      atEndOfTurn(() => {
        if (hasLeft) return;
        isAnswered = true;
        const text = endpoint.text(request, outcome);
        if (stream) stream.end(text, isClosing());
        else sendText(reply, endpoint.status(request, outcome), text, acceptance);
      });
    },
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
