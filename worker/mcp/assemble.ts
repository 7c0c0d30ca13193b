import { randomUUID } from 'node:crypto';
import type { FastifyBaseLogger } from 'fastify';
import type { Catalog } from '../catalog/load';
import type { Config } from '../config/config';
import type { Trial } from '../config/trial';
import { callLog, toolLog } from '../telemetry/call-log';
import type { Metrics } from '../telemetry/metrics';
import type { Tracing } from '../telemetry/tracing';
import { McpDispatcher } from './dispatcher';
import { RequestStates } from './request-state';
import { withResources } from './resources';
import { mcpLimits } from './service';
import type { ToolSurroundings } from './surroundings';
import { maxTextBytes, toolService } from './tools';

/** What the MCP endpoint needs besides its configuration and its tools. */
export interface McpParts {
  readonly log: FastifyBaseLogger;
  readonly metrics: Metrics;
  /** @default - no spans */
  readonly tracing?: Tracing | undefined;
  /** @default - nothing is spent for callers that are not identified */
  readonly trial?: Trial | undefined;
}

/** The dispatcher of a worker, whatever the transport. */
export function mcpDispatcher(
  config: Config,
  catalog: Catalog,
  { log, metrics, tracing, trial }: McpParts,
): McpDispatcher {
  const surroundings: ToolSurroundings = {
    instructions: config.mcp.instructions ?? catalog.toolkit.description,
    trial,
    isLocal: config.transport === 'stdio',
    maxTextBytes,
    anonymousUser: () => config.userId ?? randomUUID(),
    secretOf: config.toolSecret,
    logCall: callLog(log, metrics, 'mcp'),
    inFlight: metrics.inFlight,
    logToolLine: toolLog(log, 'mcp'),
    states: new RequestStates(secretsOf(config)),
    tracing,
  };
  return new McpDispatcher(withResources(toolService(catalog, surroundings), catalog.resources, surroundings), {
    ...mcpLimits,
    onDefect: (err) => log.error({ err }, 'MCP request failed with an unexpected error'),
  });
}

/**
 * What all replicas of a server share. While a secret is rotated they have it as their newest or as the one before. Not a short
 * one: whoever is asked holds a signature, by which it could be guessed, and with it the engine's tokens.
 */
function secretsOf({ engine }: Config): readonly string[] {
  const secrets = [engine?.secret, engine?.previousSecret].flatMap((secret) => secret?.reveal() ?? []);
  return secrets.filter((secret) => Buffer.byteLength(secret) >= unguessableBytes);
}

const unguessableBytes = 16;
