import fastify, { type FastifyInstance } from 'fastify';
import { loadCatalog } from '../../worker/catalog/load';
import type { ResourceServerSettings } from '../../worker/config/resource-server';
import { contract } from '../../worker/contract';
import { McpDispatcher } from '../../worker/mcp/dispatcher';
import { RequestStates } from '../../worker/mcp/request-state';
import { withResources } from '../../worker/mcp/resources';
import { type DispatcherOptions, type McpService, mcpLimits } from '../../worker/mcp/service';
import type { ToolDependencies } from '../../worker/mcp/tool-dependencies';
import { maxTextBytes, toolService } from '../../worker/mcp/tools';
import { tokenCheck } from '../../worker/oauth/access-token';
import { ResourceServer } from '../../worker/oauth/resource-server';
import { hostRules } from '../../worker/routes/hosts';
import { mcpRoute } from '../../worker/routes/mcp';
import type { McpTrace } from '../../worker/routes/mcp-log';
import { wellKnownRoutes } from '../../worker/routes/well-known';
import { createMetrics } from '../../worker/telemetry/metrics';
import { recordedToolkit } from '../exchanges/recorded';
import { readFixtureTools } from './fixtures';

/** How the endpoint is set up. The defaults suit tests that do not depend on them. */
export interface McpServerOptions {
  readonly tools?: ReadonlyMap<string, unknown>;
  readonly dependencies?: Partial<ToolDependencies>;
  readonly service?: McpService;
  readonly dispatcher?: Partial<DispatcherOptions>;
  readonly bodyBytes?: number;
  readonly requestsPerMinute?: number;
  readonly resourceServer?: ResourceServerSettings | ResourceServer;
  /** Whether the event loop is considered late. @default - never, however busy the machine is */
  readonly isLate?: () => boolean;
  readonly allowedHosts?: readonly string[];
  readonly allowedOrigins?: readonly string[];
  readonly boundTo?: string;
}

/** The `/mcp` endpoint, and what it reported. */
export interface McpServer {
  readonly app: FastifyInstance;
  readonly dispatcher: McpDispatcher;
  /** The traces of finished requests. */
  readonly traces: readonly McpTrace[];
  /** The errors reported as defects. */
  readonly defects: readonly unknown[];
}

/** Long enough to fetch keys on a busy machine. */
export const keysTimeoutMs = 60_000;

/** Creates a Fastify instance with only the `/mcp` endpoint. It does not listen. */
export async function mcpServer(options: McpServerOptions = {}): Promise<McpServer> {
  const traces: McpTrace[] = [];
  const defects: unknown[] = [];
  const service = options.service ?? toolServiceOf(options.tools ?? readFixtureTools(), options.dependencies);
  const dispatcher = new McpDispatcher(service, {
    ...mcpLimits,
    onDefect: (error) => defects.push(error),
    ...options.dispatcher,
  });
  const { resourceServer: given } = options;
  const resourceServer =
    given === undefined || given instanceof ResourceServer
      ? given
      : new ResourceServer(given, tokenCheck(given, { keysTimeoutMs }));
  const app = fastify({ return503OnClosing: false, routerOptions: { ignoreTrailingSlash: true } });
  let isStopping = false;
  app.addHook('preClose', async () => {
    isStopping = true;
  });
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (isStopping) reply.header('connection', 'close');
    done(null, payload);
  });
  const metadata = resourceServer && { of: resourceServer, resourceName: service.info.title };
  wellKnownRoutes(app, metadata, (_request, reply) => reply.code(404).send());
  await app.register(
    mcpRoute({
      dispatcher,
      resourceServer,
      rules: hostRules({
        boundTo: options.boundTo ?? '127.0.0.1',
        allowedHosts: options.allowedHosts ?? [],
        allowedOrigins: options.allowedOrigins ?? [],
      }),
      bodyBytes: options.bodyBytes ?? contract.bodyBytes,
      requestsPerMinute: options.requestsPerMinute ?? 1_000_000,
      isLate: options.isLate ?? (() => false),
      isStopping: () => isStopping,
      onEnd: (_request, _reply, trace) => traces.push(trace),
    }),
  );
  return { app, dispatcher, traces, defects };
}

/** The MCP service of tools and resources. */
export function toolServiceOf(tools: ReadonlyMap<string, unknown>, dependencies: Partial<ToolDependencies> = {}) {
  const catalog = loadCatalog(recordedToolkit, tools);
  const all: ToolDependencies = {
    instructions: recordedToolkit.description,
    isLocal: false,
    anonymousUser: () => 'nobody-in-particular',
    secretOf: () => undefined,
    maxTextBytes,
    logCall: () => undefined,
    inFlight: createMetrics({ processMetrics: false }).inFlight,
    logToolLine: () => undefined,
    states: new RequestStates(['the secret of the test']),
    ...dependencies,
  };
  return withResources(toolService(catalog, all), catalog.resources, all);
}

/** The headers of a valid request. */
export const mcpHeaders = {
  accept: 'application/json, text/event-stream',
  'content-type': 'application/json',
} as const;
