import { randomUUID } from 'node:crypto';
import type { FastifyBaseLogger } from 'fastify';
import { whenReady } from '../catalog/call';
import type { Catalog } from '../catalog/load';
import type { Config } from '../config/config';
import type { Trial } from '../config/trial';
import { isObject } from '../json';
import { callLog } from '../telemetry/call-log';
import type { Metrics } from '../telemetry/metrics';
import { msSince } from '../telemetry/time';
import type { Tracing } from '../telemetry/tracing';
import { mcpLimits } from './dispatcher';
import { McpEndpoint } from './endpoint';
import type { McpCall } from './service';
import { toolService } from './tools';

/** What the MCP endpoint needs besides its configuration and its tools. */
export interface McpParts {
  readonly log: FastifyBaseLogger;
  readonly metrics: Metrics;
  /** @default - no spans */
  readonly tracing?: Tracing | undefined;
  /** @default - nothing is spent for callers that are not identified */
  readonly trial?: Trial | undefined;
}

/** The endpoint of a worker, whatever the transport. */
export function mcpEndpoint(
  config: Config,
  catalog: Catalog,
  { log, metrics, tracing, trial }: McpParts,
): Promise<McpEndpoint> {
  const logCall = callLog(log, metrics, 'mcp');
  const service = toolService(catalog, {
    instructions: config.mcp.instructions ?? catalog.toolkit.description,
    trial,
    isLocal: config.transport === 'stdio',
    anonymousUser: () => config.userId ?? randomUUID(),
    secretOf: config.toolSecret,
    around(tool, call, userId, run) {
      const startedAt = performance.now();
      return whenReady(tracing ? tracing.call(tool, traceHeaders(call), run) : run(), (outcome) => {
        const durationMs = msSince(startedAt);
        // A failure is logged with a user id, which is made up for an anonymous caller only then.
        logCall(tool, outcome, { requestId: call.from.requestId, userId: outcome.ok ? null : userId(), durationMs });
        return outcome;
      });
    },
  });
  return McpEndpoint.start(service, {
    ...mcpLimits,
    onDefect: (err) => log.error({ err }, 'MCP request failed with an unexpected error'),
  });
}

/** The headers of the trace a call belongs to: those of the message (2026-07-28), or else those of the request. */
function traceHeaders({ params: { _meta: meta }, from: { headers } }: McpCall) {
  if (!isObject(meta) || typeof meta.traceparent !== 'string') return headers;
  const { traceparent, tracestate, baggage } = meta;
  return {
    traceparent,
    ...(typeof tracestate === 'string' ? { tracestate } : {}),
    ...(typeof baggage === 'string' ? { baggage } : {}),
  };
}
