import { z } from 'zod';
import { contract } from './contract';
import { door } from './door-config';
import { Secret } from './secret';

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
  /** Who calls over MCP when no front door says so. */
  readonly userId: string | undefined;
  /** A label for telemetry. */
  readonly environment: string;
  readonly disabledTools: readonly string[];
  readonly disabledToolkits: readonly string[];
  readonly toolNameSeparator: string;
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
    /** The front door. Undefined: off. */
    readonly resourceServer: z.output<typeof door> | undefined;
    /** Requests of one client address, while there is no front door. 0: as many as it likes. */
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
    disabledTools: data.ARCADE_DISABLED_TOOLS,
    disabledToolkits: data.ARCADE_DISABLED_TOOLKITS,
    toolNameSeparator: data.ARCADE_TOOL_NAME_SEPARATOR,
    logLevel: data.LOG_LEVEL,
    drainSeconds: data.WORKER_DRAIN_SECONDS,
    stopSeconds: data.ARCADE_UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN,
    trustedHops: data.WORKER_TRUSTED_HOPS ?? (isLoopback(data.ARCADE_SERVER_HOST) ? 0 : 1),
    mcp: {
      allowedHosts: data.MCP_ALLOWED_HOSTS,
      allowedOrigins: data.MCP_ALLOWED_ORIGINS,
      instructions: data.MCP_SERVER_INSTRUCTIONS,
      resourceServer: doorOf(data),
      requestsPerMinute: data.MCP_REQUESTS_PER_MINUTE,
    },
    toolSecret: (key) => (isWorkersOwn(key) ? undefined : environment[key]),
    traces: tracesWanted(environment),
    withoutEffect: Object.keys(environment)
      .filter((name) => /^(ARCADE|MCP)_/.test(name) && !(name in Environment.shape))
      .sort(),
  };
}

/** Whether an address can be reached from this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** The variables that are no tool's business (arcade-mcp-server 1.26.0, and the secret it does not know). */
function isWorkersOwn(name: string): boolean {
  return /^(_|MCP_|ARCADE_API_KEY$|ARCADE_WORKER_SECRET)/i.test(name);
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const filled = z.string().refine((text) => text.trim() !== '', 'is empty; give it a value or leave it out');
const secret = filled.transform((text) => new Secret(text));
const port = wholeNumber(0, 65_535);
const seconds = wholeNumber(0, 3600);
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean),
);
const hostNames = list.refine(
  (names) => names.length > 0 && names.every((name) => /^[a-z0-9.[\]:-]+$/i.test(name)),
  'wants host names separated by commas, without scheme or path',
);

/** As the reference reads them: the texts a tool's boolean accepts (arcade-mcp-server 1.26.0). */
const flag = z
  .string()
  .toLowerCase()
  .refine((text) => /^(true|t|yes|y|on|1|false|f|no|n|off|0)$/.test(text), 'wants true or false')
  .transform((text) => /^(true|t|yes|y|on|1)$/.test(text));

const transports = { http: 'http', 'streamable-http': 'http', streamable: 'http', stdio: 'stdio' } as const;

const doorVariables = {
  MCP_RESOURCE_SERVER_CANONICAL_URL: z.string().optional(),
  MCP_RESOURCE_SERVER_AUTHORIZATION_SERVERS: z.string().optional(),
  MCP_RESOURCE_SERVER_SCOPES_SUPPORTED: z.string().optional(),
  MCP_RESOURCE_SERVER_DEFAULT_CHALLENGE_SCOPES: z.string().optional(),
};

const Environment = z
  .object({
    ARCADE_SERVER_TRANSPORT: z
      .enum(['http', 'streamable-http', 'streamable', 'stdio'], 'wants http or stdio')
      .transform((name) => transports[name])
      .default('stdio'),
    ARCADE_SERVER_HOST: filled.refine((host) => !/[\s/]/.test(host), 'wants an address to bind').default('127.0.0.1'),
    ARCADE_SERVER_PORT: port.default(contract.port),
    [contract.env.secret]: secret.optional(),
    [contract.env.previousSecret]: secret.optional(),
    ARCADE_AUTH_DISABLED: flag.default(false),
    ARCADE_USER_ID: filled.optional(),
    ARCADE_ENVIRONMENT: filled.default('dev'),
    ARCADE_DISABLED_TOOLS: list
      .refine(
        (names) => names.every((name) => /^[^.\s]+\.[^.\s]+$/.test(name)),
        'wants Toolkit.Tool, separated by commas',
      )
      .default([]),
    ARCADE_DISABLED_TOOLKITS: list.default([]),
    ARCADE_TOOL_NAME_SEPARATOR: filled.default('.'),
    ARCADE_UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN: seconds.default(contract.stopSeconds),
    LOG_LEVEL: z.enum(logLevels, `wants one of ${logLevels.join(', ')}`).default('info'),
    MCP_ALLOWED_HOSTS: hostNames.optional(),
    MCP_ALLOWED_ORIGINS: hostNames.optional(),
    MCP_SERVER_INSTRUCTIONS: filled.optional(),
    MCP_REQUESTS_PER_MINUTE: wholeNumber(0, 999_999).default(1200),
    ...doorVariables,
    WORKER_OPERATIONS_PORT: port.default(contract.operationsPort),
    WORKER_DRAIN_SECONDS: seconds.default(contract.drainSeconds),
    WORKER_TRUSTED_HOPS: wholeNumber(0, 10).optional(),
  })
  .superRefine((data, { addIssue }) => {
    const refuse = (name: string, message: string) => addIssue({ code: 'custom', path: [name], message });
    if (data.ARCADE_WORKER_SECRET_PREVIOUS !== undefined && data.ARCADE_WORKER_SECRET === undefined) {
      refuse(contract.env.previousSecret, `is set without ${contract.env.secret}`);
    }
    if (data.ARCADE_AUTH_DISABLED && data.ARCADE_WORKER_SECRET !== undefined && !isLoopback(data.ARCADE_SERVER_HOST)) {
      refuse('ARCADE_AUTH_DISABLED', 'would open the worker to everyone; it is for a loopback ARCADE_SERVER_HOST only');
    }
    for (const {
      path: [name = ''],
      message,
    } of doorIssues(data))
      refuse(String(name), message);
  });

type DoorVariables = { readonly [Name in keyof typeof doorVariables]?: string | undefined };

function isDoorNamed(data: DoorVariables): boolean {
  return Object.keys(doorVariables).some((name) => name in data && data[name as keyof DoorVariables] !== undefined);
}

function doorIssues(data: DoorVariables) {
  return isDoorNamed(data) ? (door.safeParse(data).error?.issues ?? []) : [];
}

function doorOf(data: DoorVariables) {
  return isDoorNamed(data) ? door.parse(data) : undefined;
}

function wholeNumber(least: number, most: number) {
  return z
    .string()
    .refine(
      (text) => /^\d{1,6}$/.test(text) && Number(text) >= least && Number(text) <= most,
      `wants a whole number from ${least} to ${most}`,
    )
    .transform(Number);
}

/** The standard says: an exporter that is named, or an endpoint, unless the SDK is disabled (OpenTelemetry 1.x). */
function tracesWanted(environment: Readonly<Record<string, string | undefined>>): boolean {
  if (environment.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return false;
  if (environment.OTEL_TRACES_EXPORTER === 'none') return false;
  const named = ['OTEL_TRACES_EXPORTER', 'OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
  return named.some((name) => Boolean(environment[name]));
}
