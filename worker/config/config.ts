import { z } from 'zod';
import { contract } from '../contract';
import { Environment } from './environment';
import { isLoopback } from './loopback';
import { tracesWanted, tracingWarnings } from './open-telemetry';
import { resourceServerSettings } from './resource-server';
import type { Secret } from './secret';

/** The whole configuration, read from the environment once. */
export type Config = Readonly<ReturnType<typeof parseConfig>>;

/** Who may call the engine's routes. */
export interface EngineAccess {
  readonly secret: Secret;
  /** Accepted as well, while a rotation is under way. */
  readonly previousSecret: Secret | undefined;
  /** Lets everyone call. Only on a loopback address. */
  readonly isOpen: boolean;
}

/**
 * Reads the whole environment once.
 * @throws Error that names every bad variable, says what it should be, and shows no value
 */
export function parseConfig(environment: Readonly<Record<string, string | undefined>>) {
  const { success, data, error } = Environment.safeParse(environment);
  if (!success) {
    const lines = error.issues.map(({ path: [name = ''], message }) => `  ${String(name)} ${message}`);
    throw new Error(`Cannot start the worker: the environment is not right\n${[...new Set(lines)].join('\n')}`);
  }
  const secret = data.ARCADE_WORKER_SECRET;
  const previousSecret = data.ARCADE_WORKER_SECRET_PREVIOUS;
  const engine: EngineAccess | undefined = secret && { secret, previousSecret, isOpen: data.ARCADE_AUTH_DISABLED };
  return {
    transport: data.ARCADE_SERVER_TRANSPORT,
    /** The address to bind. */
    host: data.ARCADE_SERVER_HOST,
    port: data.ARCADE_SERVER_PORT,
    /** The port of metrics and probes. */
    operationsPort: data.WORKER_OPERATIONS_PORT,
    /** Who may call the engine's routes. Undefined: there are none. */
    engine,
    /** Who calls over MCP without an access token. */
    userId: data.ARCADE_USER_ID,
    /** A label for telemetry. */
    environment: data.ARCADE_ENVIRONMENT,
    catalog: catalogOf(data),
    logLevel: data.LOG_LEVEL,
    /** How long to go on serving after the stop signal, in seconds. */
    drainSeconds: data.WORKER_DRAIN_SECONDS,
    /** How long calls in flight get after that, in seconds. */
    stopSeconds: data.ARCADE_UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN,
    /** How many proxies in front add themselves to X-Forwarded-For. */
    trustedHops: data.WORKER_TRUSTED_HOPS ?? (isLoopback(data.ARCADE_SERVER_HOST) ? 0 : 1),
    mcp: {
      /** Names a Host header may have. Undefined when not configured. */
      allowedHosts: data.MCP_ALLOWED_HOSTS,
      /** Names an Origin header may have. Undefined when not configured. */
      allowedOrigins: data.MCP_ALLOWED_ORIGINS,
      /** What the server is for, for MCP clients. Undefined: the toolkit's description. */
      instructions: data.MCP_SERVER_INSTRUCTIONS,
      /** Who may call `/mcp`. Undefined: everyone. */
      resourceServer: resourceServerSettings(data),
      /** How many requests one client address may make while `/mcp` is open. 0: any number. */
      requestsPerMinute: data.MCP_REQUESTS_PER_MINUTE,
    },
    /** A secret for a tool that declares its key, called over MCP. Undefined: there is none, or it is the worker's own. */
    toolSecret: (key: string) => (isWorkersOwn(key) ? undefined : environment[key]),
    /** Whether the standard variables of OpenTelemetry ask for spans. */
    traces: tracesWanted(environment),
    /** What is allowed and seldom meant, one sentence each, without values. */
    warnings: [
      ...secretWarnings({ [contract.env.secret]: secret, [contract.env.previousSecret]: previousSecret }),
      ...tracingWarnings(environment),
    ],
    /** Variables that look meant for this program and have no effect on it. Names only. */
    withoutEffect: Object.keys(environment)
      // Kubernetes adds addresses of its own for a Service that is called worker.
      .filter((name) => /^(ARCADE|MCP)_|^WORKER_(?!SERVICE_|PORT)/.test(name) && !(name in Environment.shape))
      .sort(),
  };
}

/**
 * What a declared environment says of the catalogue alone, whatever else it sets.
 * @throws Error that names every bad variable of these
 */
export function catalogSettings(environment: Readonly<Record<string, string>>) {
  const { success, data, error } = CatalogEnvironment.safeParse(environment);
  if (success) return catalogOf(data);
  const lines = error.issues.map(({ path: [name = ''], message }) => `${String(name)} ${message}`);
  throw new Error(`the environment is not right: ${lines.join('; ')}`);
}

const { ARCADE_DISABLED_TOOLS, ARCADE_DISABLED_TOOLKITS, ARCADE_TOOL_NAME_SEPARATOR } = Environment.shape;
const CatalogEnvironment = z.object({ ARCADE_DISABLED_TOOLS, ARCADE_DISABLED_TOOLKITS, ARCADE_TOOL_NAME_SEPARATOR });

/** What is left out of the catalogue, and how its tools are named. */
function catalogOf(data: z.output<typeof CatalogEnvironment>) {
  return {
    disabledTools: data.ARCADE_DISABLED_TOOLS,
    disabledToolkits: data.ARCADE_DISABLED_TOOLKITS,
    separator: data.ARCADE_TOOL_NAME_SEPARATOR,
  };
}

/** The variables that are no tool's business (arcade-mcp-server 1.26.0, and the secret it does not know). */
function isWorkersOwn(name: string): boolean {
  return /^(_|MCP_|ARCADE_API_KEY$|ARCADE_WORKER_SECRET)/i.test(name);
}

/** Bytes at an end that are seldom meant: a secret is taken as it is, so whoever signs has to have them too. */
function secretWarnings(secrets: Readonly<Record<string, Secret | undefined>>): readonly string[] {
  return Object.entries(secrets).flatMap(([name, secret]) => {
    const text = secret?.reveal() ?? '';
    if (text === text.trim()) return [];
    const what = /[\r\n]$/.test(text) ? 'ends in a newline' : 'begins or ends in white space';
    return [`${name} ${what}, which is part of the secret: a token that is signed without it is refused`];
  });
}
