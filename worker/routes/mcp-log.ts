import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify';
import { Gauge } from 'prom-client';
import type { McpEndpoint } from '../mcp/endpoint';
import type { McpTrace } from '../mcp/trace';
import { type Metrics, Tally } from '../telemetry/metrics';
import { roundedMs } from '../telemetry/time';

/** Makes the function that says and counts that a request to `/mcp` has ended: one line each. */
export function requestLog(
  log: FastifyBaseLogger,
  { registry, refusals }: Metrics,
  { dispatcher, service }: McpEndpoint,
): (request: FastifyRequest, reply: FastifyReply, trace: McpTrace) => void {
  const labels = ['era', 'method', 'status'] as const;
  const requests = new Tally(registry, 'mcp_requests_total', 'Requests to /mcp by era, method and status.', labels);
  new Gauge({
    name: 'mcp_remembered_calls',
    help: 'Requests to /mcp that wait for their answer.',
    registers: [registry],
    collect() {
      this.set(dispatcher.remembered);
    },
  });
  // What many requests have in common is prepared once: the cell, and the beginning of the line. None of it is a
  // caller's own word, so there are only so many.
  const prepared = new Map<string, { readonly cell: { count: number }; readonly lines: FastifyBaseLogger }>();
  const prepare = ({ era, method, tool, isError }: McpTrace, status: number) => ({
    cell: requests.cell({ era: era ?? 'none', method: method ?? 'none', status: String(status) }),
    lines: log.child(
      { route: '/mcp', era, method, tool_name: tool, ...(tool && service.toolFields), is_error: isError, status },
      // All fields of the line are fixed and harmless; looking for what to hide would cost a tenth of a call.
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
    if (trace.refusal !== undefined) refusals.cell({ reason: `mcp_${trace.refusal}` }).count += 1;
    kind.lines.info(
      {
        revision: trace.revision,
        duration_ms: roundedMs(reply.elapsedTime),
        client_name: trace.clientName,
        client_version: trace.clientVersion,
        request_id: request.id,
        user_id: trace.caller?.userId,
        caller: trace.caller?.trace,
        refusal: trace.refusal,
      },
      'MCP request',
    );
  };
}
