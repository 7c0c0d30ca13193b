import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify';
import { Gauge } from 'prom-client';
import { type Metrics, Tally } from '../metrics';
import type { Engine } from './engine';
import type { McpTrace } from './trace';

/** Makes the function that says and counts that a request to `/mcp` has ended: one line each. */
export function requestLog(
  log: FastifyBaseLogger,
  { registry, refusals }: Metrics,
  engine: Engine,
): (request: FastifyRequest, reply: FastifyReply, trace: McpTrace) => void {
  const labels = ['era', 'method', 'status'] as const;
  const requests = new Tally(registry, 'mcp_requests_total', 'Requests to /mcp by era, method and status.', labels);
  new Gauge({
    name: 'mcp_remembered_calls',
    help: 'Requests to /mcp that wait for their answer.',
    registers: [registry],
    collect() {
      this.set(engine.remembered);
    },
  });
  // The fields below are fixed and harmless; looking for what to hide would cost a tenth of a call.
  const lines = log.child({}, { redact: [] });
  return (request, reply, trace) => {
    const status = trace.hungUp ? 499 : reply.statusCode;
    requests.cell({ era: trace.era ?? 'none', method: trace.method ?? 'none', status: String(status) }).count += 1;
    if (trace.refusal !== undefined) refusals.cell({ reason: `mcp_${trace.refusal}` }).count += 1;
    lines.info(
      {
        route: '/mcp',
        era: trace.era,
        revision: trace.revision,
        method: trace.method,
        tool_name: trace.tool,
        is_error: trace.isError,
        duration_ms: Math.round(reply.elapsedTime * 1000) / 1000,
        status,
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
