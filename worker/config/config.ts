import type { CatalogOptions } from '../catalog/load';
import { Environment, type logLevels } from './environment';
import { isLoopback } from './loopback';
import { type ResourceServerSettings, resourceServerSettings } from './resource-server';
import type { Secret } from './secret';

/** Everything the environment says, read once. */
export interface Config {
  readonly transport: 'http' | 'stdio';
  /** The address to bind. */
  readonly host: string;
  readonly port: number;
  /** The port of metrics and probes. */
  readonly operationsPort: number;
  /** How the engine's calls are told from a stranger's. Undefined: there are no worker routes. */
  readonly engine: EngineAccess | undefined;
  /** Who calls over MCP when no access token says so. */
  readonly userId: string | undefined;
  /** A label for telemetry. */
  readonly environment: string;
  /** What is left out of the catalogue, and how its tools are named. */
  readonly catalog: CatalogOptions;
  readonly logLevel: (typeof logLevels)[number];
  /** How long to go on serving after the signal to stop, in seconds. */
  readonly drainSeconds: number;
  /** How long calls in flight get after that, in seconds. */
  readonly stopSeconds: number;
  /** How many proxies in front add themselves to X-Forwarded-For. */
  readonly trustedHops: number;
  readonly mcp: {
    /** Names a Host header may have. Undefined: nothing was said. */
    readonly allowedHosts: readonly string[] | undefined;
    /** Names an Origin header may have. Undefined: nothing was said. */
    readonly allowedOrigins: readonly string[] | undefined;
    /** What clients are told of the server. Undefined: the toolkit's description. */
    readonly instructions: string | undefined;
    /** Who may call `/mcp`. @default - everyone */
    readonly resourceServer: ResourceServerSettings | undefined;
    /** How many requests one client address may make while `/mcp` is open. 0: any number. */
    readonly requestsPerMinute: number;
  };
  /** A secret for a tool that declares its key, called over MCP. Undefined: there is none, or it is the worker's own. */
  toolSecret(key: string): string | undefined;
  /** Whether the standard variables of OpenTelemetry ask for spans. */
  readonly traces: boolean;
  /** Variables that look meant for this program and have no effect on it. Names only. */
  readonly withoutEffect: readonly string[];
}

export interface EngineAccess {
  readonly secret: Secret;
  /** Accepted as well, while a rotation is under way. */
  readonly previousSecret: Secret | undefined;
  /** Lets everybody call. Only on a loopback address. */
  readonly isOpen: boolean;
}

/**
 * Reads the whole environment once.
 * @throws Error that names every bad variable, says what it wants, and shows no value
 */
export function parseConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const { success, data, error } = Environment.safeParse(environment);
  if (!success) {
    const lines = error.issues.map(({ path: [name = ''], message }) => `  ${String(name)} ${message}`);
    throw new Error(`Cannot start the worker: the environment is not right\n${[...new Set(lines)].join('\n')}`);
  }
  return {
    transport: data.ARCADE_SERVER_TRANSPORT,
    host: data.ARCADE_SERVER_HOST,
    port: data.ARCADE_SERVER_PORT,
    operationsPort: data.WORKER_OPERATIONS_PORT,
    engine:
      data.ARCADE_WORKER_SECRET === undefined
        ? undefined
        : {
            secret: data.ARCADE_WORKER_SECRET,
            previousSecret: data.ARCADE_WORKER_SECRET_PREVIOUS,
            isOpen: data.ARCADE_AUTH_DISABLED,
          },
    userId: data.ARCADE_USER_ID,
    environment: data.ARCADE_ENVIRONMENT,
    catalog: {
      disabledTools: data.ARCADE_DISABLED_TOOLS,
      disabledToolkits: data.ARCADE_DISABLED_TOOLKITS,
      separator: data.ARCADE_TOOL_NAME_SEPARATOR,
    },
    logLevel: data.LOG_LEVEL,
    drainSeconds: data.WORKER_DRAIN_SECONDS,
    stopSeconds: data.ARCADE_UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN,
    trustedHops: data.WORKER_TRUSTED_HOPS ?? (isLoopback(data.ARCADE_SERVER_HOST) ? 0 : 1),
    mcp: {
      allowedHosts: data.MCP_ALLOWED_HOSTS,
      allowedOrigins: data.MCP_ALLOWED_ORIGINS,
      instructions: data.MCP_SERVER_INSTRUCTIONS,
      resourceServer: resourceServerSettings(data),
      requestsPerMinute: data.MCP_REQUESTS_PER_MINUTE,
    },
    toolSecret: (key) => (isWorkersOwn(key) ? undefined : environment[key]),
    traces: tracesWanted(environment),
    withoutEffect: Object.keys(environment)
      // Kubernetes adds addresses of its own for a Service that is called worker.
      .filter((name) => /^(ARCADE|MCP)_|^WORKER_(?!SERVICE_|PORT)/.test(name) && !(name in Environment.shape))
      .sort(),
  };
}

/** The variables that are no tool's business (arcade-mcp-server 1.26.0, and the secret it does not know). */
function isWorkersOwn(name: string): boolean {
  return /^(_|MCP_|ARCADE_API_KEY$|ARCADE_WORKER_SECRET)/i.test(name);
}

/** The standard says: an exporter that is named, or an endpoint, unless the SDK is disabled (OpenTelemetry 1.x). */
function tracesWanted(environment: Readonly<Record<string, string | undefined>>): boolean {
  if (environment.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return false;
  if (environment.OTEL_TRACES_EXPORTER === 'none') return false;
  const named = ['OTEL_TRACES_EXPORTER', 'OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
  return named.some((name) => Boolean(environment[name]));
}
