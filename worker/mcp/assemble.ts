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
import type { ToolDependencies } from './tool-dependencies';
import { maxTextBytes, toolService } from './tools';

/** The dependencies of the MCP endpoint besides its configuration and its tools. */
export interface McpParts {
  readonly log: FastifyBaseLogger;
  readonly metrics: Metrics;
  /** @default - no spans */
  readonly tracing?: Tracing | undefined;
  /** @default - anonymous callers cannot use tools with requirements */
  readonly trial?: Trial | undefined;
}

/** Builds the dispatcher of a worker, for any transport. */
export function mcpDispatcher(
  config: Config,
  catalog: Catalog,
  { log, metrics, tracing, trial }: McpParts,
): McpDispatcher {
  const dependencies: ToolDependencies = {
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
  return new McpDispatcher(withResources(toolService(catalog, dependencies), catalog.resources, dependencies), {
    ...mcpLimits,
    onDefect: (err) => log.error({ err }, 'MCP request failed with an unexpected error'),
  });
}

/**
 * The secrets that all replicas of a server share. During a rotation each replica has a secret as its current or its
 * previous one. Short secrets are excluded: a client with a signed state could brute-force one, and then forge engine tokens.
 */
function secretsOf({ engine }: Config): readonly string[] {
  const secrets = [engine?.secret, engine?.previousSecret].flatMap((secret) => secret?.reveal() ?? []);
  return secrets.filter((secret) => Buffer.byteLength(secret) >= unguessableBytes);
}

const unguessableBytes = 16;
