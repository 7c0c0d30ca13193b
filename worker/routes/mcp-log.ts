import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify';
import { Gauge } from 'prom-client';
import { isObject } from '../json';
import type { McpDispatcher } from '../mcp/dispatcher';
import { revisions } from '../mcp/eras';
import type { Era, RpcOutcome } from '../mcp/protocol';
import type { McpService, ParsedRequest } from '../mcp/service';
import type { Caller } from '../oauth/access-token';
import { refusalReasons } from '../oauth/resource-server';
import { roundedMs } from '../telemetry/call-log';
import { type Metrics, Tally } from '../telemetry/metrics';

/** The facts about one HTTP request for the log and the counters. Never arguments or results. */
export interface McpTrace {
  era?: Era;
  revision?: string;
  /** The method, if the endpoint has it. Text chosen by callers would create unlimited counters. */
  method?: string;
  /** The tool, if it exists. */
  tool?: string;
  isError?: boolean;
  /** The caller disconnected before the response. */
  hungUp?: boolean;
  /** The name that the client reports. For display only. */
  clientName?: string;
  clientVersion?: string;
  /** Why the request was rejected before it was parsed, as one word. */
  refusal?: string;
  /** The rejected value, as the caller sent it. */
  found?: string;
  caller?: Caller;
}

/** Returns a function that counts each request to `/mcp` when it ends, and logs it in one line. */
export function requestLog(
  log: FastifyBaseLogger,
  { registry, refusals }: Metrics,
  dispatcher: McpDispatcher,
): (request: FastifyRequest, reply: FastifyReply, trace: McpTrace) => void {
  const labels = ['era', 'method', 'status'] as const;
  const requests = new Tally(registry, 'mcp_requests_total', 'Requests to /mcp by era, method and status.', labels);
  const rejections = new Tally(
    registry,
    'mcp_rejected_requests_total',
    'Requests to /mcp that were refused for anything but their token, by reason.',
    ['reason'],
  );
  const refused = (reason: string) =>
    aboutTokens.has(reason) ? refusals.cell({ reason: `mcp_${reason}` }) : rejections.cell({ reason });
  new Gauge({
    name: 'mcp_remembered_calls',
    help: 'Requests to /mcp that wait for their answer.',
    registers: [registry],
    collect() {
      this.set(dispatcher.pending);
    },
  });
  // The counter cell and the beginning of the log line are cached for requests of the same kind. Callers choose no part of
  // the key, so the cache is bounded.
  const prepared = new Map<string, { readonly cell: { count: number }; readonly logger: FastifyBaseLogger }>();
  const prepare = ({ era, method, tool, isError }: McpTrace, status: number) => ({
    cell: requests.cell({ era: era ?? 'none', method: method ?? 'none', status: String(status) }),
    logger: log.child(
      {
        route: '/mcp',
        era,
        method,
        tool_name: tool,
        ...(tool && dispatcher.service.toolFields),
        is_error: isError,
        status,
      },
      // All fields are fixed and harmless; redaction would add 10 % to the cost of a call.
      { redact: [] },
    ),
  });
  return (request, reply, trace) => {
    const status = trace.hungUp ? 499 : reply.statusCode;
    const key = `${trace.era} ${trace.method} ${trace.tool} ${trace.isError} ${status}`;
    let kind = prepared.get(key);
    if (kind === undefined) {
      kind = prepare(trace, status);
      prepared.set(key, kind);
    }
    kind.cell.count += 1;
    if (trace.refusal !== undefined) refused(trace.refusal).count += 1;
    kind.logger.info(
      {
        revision: trace.revision,
        duration_ms: roundedMs(reply.elapsedTime),
        client_name: trace.clientName,
        client_version: trace.clientVersion,
        request_id: request.id,
        user_id: trace.caller?.userId,
        caller: trace.caller?.trace,
        refusal: trace.refusal,
        found: trace.found === undefined ? undefined : displayable(trace.found, 200),
      },
      'MCP request',
    );
  };
}

/** Records the facts of a request. */
export function traceRequest(trace: McpTrace, request: ParsedRequest, service: McpService): void {
  const { era, revision, method, params, clientInfo } = request;
  trace.era = era;
  trace.revision = revisions[era].has(revision) ? revision : displayable(revision);
  if (service.methods.has(method) || protocolMethods.has(method)) trace.method = method;
  const tool = method === 'tools/call' && typeof params.name === 'string' ? service.toolNamed(params.name) : undefined;
  if (tool !== undefined) trace.tool = tool;
  if (!isObject(clientInfo)) return;
  if (typeof clientInfo.name === 'string') trace.clientName = displayable(clientInfo.name);
  if (typeof clientInfo.version === 'string') trace.clientVersion = displayable(clientInfo.version);
}

/** Records whether the request failed. */
export function traceOutcome(trace: McpTrace, { result, error }: RpcOutcome): void {
  trace.isError = error !== undefined || result.isError === true;
}

const protocolMethods = new Set(['initialize', 'ping', 'server/discover']);

/** The reasons that belong to the counter of refused tokens. */
const aboutTokens: ReadonlySet<string> = new Set([...refusalReasons, 'undecided']);

/** Printable ASCII of limited length: no control characters, no bidirectional marks. */
export function displayable(text: string, length = 64): string {
  return text.slice(0, length).replace(/[^\x20-\x7e]/g, '?');
}
