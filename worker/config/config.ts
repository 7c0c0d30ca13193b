import { z } from 'zod';
import { contract } from '../contract';
import { Environment } from './environment';
import { isLoopback } from './loopback';
import { isTracingEnabled, tracingWarnings } from './open-telemetry';
import { resourceServerSettings } from './resource-server';
import type { Secret } from './secret';

/** The complete configuration, read once from the environment. */
export type Config = Readonly<ReturnType<typeof parseConfig>>;

/** Access to the engine's routes. */
export interface EngineAccess {
  readonly secret: Secret;
  /** Also accepted, during a rotation. */
  readonly previousSecret: Secret | undefined;
  /** Disables authentication. Only on a loopback address. */
  readonly isOpen: boolean;
}

/**
 * Reads the whole environment.
 * @throws Error that names every invalid variable and what it must be, but never a value
 */
export function parseConfig(environment: Readonly<Record<string, string | undefined>>) {
  const { success, data, error } = Environment.safeParse(environment);
  if (!success) {
    const lines = error.issues.map(({ path: [name = ''], message }) => `  ${String(name)} ${message}`);
    throw new Error(`Cannot start the worker: the environment is invalid\n${[...new Set(lines)].join('\n')}`);
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
    /** Access to the engine's routes. Without it the worker has no such routes. */
    engine,
    /** The user id of MCP callers without an access token. */
    userId: data.ARCADE_USER_ID,
    /** A label for telemetry. */
    environment: data.ARCADE_ENVIRONMENT,
    catalog: catalogOf(data),
    logLevel: data.LOG_LEVEL,
    /** How long to keep serving after the stop signal, in seconds. */
    drainSeconds: data.WORKER_DRAIN_SECONDS,
    /** The time limit for calls in flight after the drain, in seconds. */
    stopSeconds: data.ARCADE_UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN,
    /** The number of trusted proxies that append to X-Forwarded-For. */
    trustedHops: data.WORKER_TRUSTED_HOPS ?? (isLoopback(data.ARCADE_SERVER_HOST) ? 0 : 1),
    mcp: {
      /** The allowed names in a Host header. @default - not configured */
      allowedHosts: data.MCP_ALLOWED_HOSTS,
      /** The allowed names in an Origin header. @default - not configured */
      allowedOrigins: data.MCP_ALLOWED_ORIGINS,
      /** The server's instructions to MCP clients. @default - the toolkit's description */
      instructions: data.MCP_SERVER_INSTRUCTIONS,
      /** The OAuth settings that protect `/mcp`. @default - `/mcp` is open to everyone */
      resourceServer: resourceServerSettings(data),
      /** The rate limit per client address while `/mcp` is open. 0 means no limit. */
      requestsPerMinute: data.MCP_REQUESTS_PER_MINUTE,
    },
    /** Looks up a secret for a tool called over MCP. Undefined when it is missing or reserved for the worker. */
    toolSecret: (key: string) => (isReserved(key) ? undefined : environment[key]),
    /** Whether the standard OpenTelemetry variables enable tracing. */
    traces: isTracingEnabled(environment),
    /** Warnings about valid but suspicious settings, one sentence each, without values. */
    warnings: [
      ...secretWarnings({ [contract.env.secret]: secret, [contract.env.previousSecret]: previousSecret }),
      ...tracingWarnings(environment),
    ],
    /** The names of unknown variables that look intended for this program. */
    unknownVariables: Object.keys(environment)
      // Kubernetes sets variables of this form for a Service named `worker`.
      .filter((name) => /^(ARCADE|MCP)_|^WORKER_(?!SERVICE_|PORT)/.test(name) && !(name in Environment.shape))
      .sort(),
  };
}

/**
 * Reads only the catalogue settings from a declared environment.
 * @throws Error that names every invalid one of these variables
 */
export function catalogSettings(environment: Readonly<Record<string, string>>) {
  const { success, data, error } = CatalogEnvironment.safeParse(environment);
  if (success) return catalogOf(data);
  const lines = error.issues.map(({ path: [name = ''], message }) => `${String(name)} ${message}`);
  throw new Error(`the environment is invalid: ${lines.join('; ')}`);
}

const { ARCADE_DISABLED_TOOLS, ARCADE_DISABLED_TOOLKITS, ARCADE_TOOL_NAME_SEPARATOR } = Environment.shape;
const CatalogEnvironment = z.object({ ARCADE_DISABLED_TOOLS, ARCADE_DISABLED_TOOLKITS, ARCADE_TOOL_NAME_SEPARATOR });

/** The disabled tools and the name separator. */
function catalogOf(data: z.output<typeof CatalogEnvironment>) {
  return {
    disabledTools: data.ARCADE_DISABLED_TOOLS,
    disabledToolkits: data.ARCADE_DISABLED_TOOLKITS,
    separator: data.ARCADE_TOOL_NAME_SEPARATOR,
  };
}

/** Whether a variable is hidden from tools (the rule of arcade-mcp-server 1.26.0, plus the previous worker secret). */
function isReserved(name: string): boolean {
  return /^(_|MCP_|ARCADE_API_KEY$|ARCADE_WORKER_SECRET)/i.test(name);
}

/** Warns about white space around a secret, which is usually a mistake: secrets are not trimmed. */
function secretWarnings(secrets: Readonly<Record<string, Secret | undefined>>): readonly string[] {
  return Object.entries(secrets).flatMap(([name, secret]) => {
    const text = secret?.reveal() ?? '';
    if (text === text.trim()) return [];
    const what = /[\r\n]$/.test(text) ? 'ends in a newline' : 'begins or ends in white space';
    return [`${name} ${what}, which is part of the secret: tokens signed without it are rejected`];
  });
}
