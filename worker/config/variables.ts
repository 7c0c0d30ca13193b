import { Environment } from './environment';
import { Secret } from './secret';

/** What people are told about a variable of the worker. Its name, default and secrecy come from the schema. */
export interface Variable {
  readonly name: keyof typeof Environment.shape;
  /** What happens without it: the value of the schema, or a sentence. */
  readonly fallback: string;
  /** What it does. Markdown. */
  readonly does: string;
  readonly isSecret: boolean;
}

/** Source of docs/variables.md and of `npm run explain -- <variable>`. A variable without a row does not compile. */
const rows: Readonly<Record<keyof typeof Environment.shape, { does: string; fallback?: string }>> = {
  ARCADE_SERVER_TRANSPORT: { does: '`http`, or `stdio` for a local MCP client' },
  ARCADE_SERVER_HOST: { does: 'the address to listen on' },
  ARCADE_SERVER_PORT: { does: 'the port to listen on' },
  ARCADE_WORKER_SECRET: {
    does: 'the secret that the engine signs with, byte for byte. One that ends in a newline is warned about at start',
    fallback: 'no `/worker` routes',
  },
  ARCADE_WORKER_SECRET_PREVIOUS: { does: 'a second secret that is accepted during a rotation' },
  ARCADE_AUTH_DISABLED: { does: 'opens `/worker` without a token; on a loopback address only' },
  ARCADE_USER_ID: { does: 'the user of calls over stdio and on an open `/mcp`', fallback: 'a random id for each call' },
  ARCADE_ENVIRONMENT: { does: 'a label of spans' },
  ARCADE_DISABLED_TOOLS: {
    does: 'tools to leave out of both catalogues, such as `Weather.Forecast`; separated by commas',
  },
  ARCADE_DISABLED_TOOLKITS: { does: 'toolkits to leave out, such as `weather`; separated by commas' },
  ARCADE_TOOL_NAME_SEPARATOR: { does: 'separates toolkit and tool in fully qualified names. Leave it alone' },
  ARCADE_UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN: { does: 'how many seconds running calls get at shutdown, after the drain' },
  LOG_LEVEL: { does: 'the lowest level that is logged, as JSON lines' },
  MCP_ALLOWED_HOSTS: {
    does: 'the names that a Host header of `/mcp` may have, separated by commas. The log names the variable when it refuses one',
    fallback: 'the host of the canonical URL',
  },
  MCP_ALLOWED_ORIGINS: {
    does: 'the names that an Origin header of `/mcp` may have, separated by commas',
    fallback: 'the host of the canonical URL',
  },
  MCP_SERVER_INSTRUCTIONS: { does: 'what MCP clients tell their model', fallback: "the toolkit's description" },
  MCP_REQUESTS_PER_MINUTE: {
    does: 'requests per client address (IPv6: per /64) on an open `/mcp`; 0 means no limit',
  },
  MCP_RESOURCE_SERVER_CANONICAL_URL: {
    does: 'the address of `/mcp` as users type it; protects it with OAuth ([below](#the-front-door))',
    fallback: '`/mcp` is open',
  },
  MCP_RESOURCE_SERVER_AUTHORIZATION_SERVERS: {
    does: 'whose tokens are accepted, as a JSON array ([below](#the-front-door))',
    fallback: '`/mcp` is open',
  },
  MCP_RESOURCE_SERVER_SCOPES_SUPPORTED: {
    does: 'scopes for the metadata document, separated by spaces',
  },
  MCP_RESOURCE_SERVER_DEFAULT_CHALLENGE_SCOPES: {
    does: 'scopes that clients should ask for and every call needs, separated by spaces',
  },
  WORKER_OPERATIONS_PORT: { does: 'the port of `/live`, `/ready` and `/metrics`; no Service exposes it' },
  WORKER_DRAIN_SECONDS: { does: 'how long it keeps serving after SIGTERM' },
  WORKER_TRUSTED_HOPS: {
    does: 'how many proxies in front are trusted to name the client address in X-Forwarded-For',
    fallback: '1; 0 on a loopback address',
  },
};

/** Every variable of the worker, in the order of the schema. */
export const variables: readonly Variable[] = namesIn(Environment.shape).map((name) => {
  const { does, fallback } = rows[name];
  return { name, does, fallback: fallback ?? defaultOf(name), isSecret: isSecret(name) };
});

function defaultOf(name: Variable['name']): string {
  const data: unknown = Environment.shape[name].safeParse(undefined).data;
  const isNothing = data === undefined || (Array.isArray(data) && data.length === 0);
  return isNothing ? 'none' : `\`${data}\``;
}

/** The schema keeps a secret wrapped, so its own output tells. */
function isSecret(name: Variable['name']): boolean {
  return Environment.shape[name].safeParse('a-text-of-more-than-32-characters').data instanceof Secret;
}

// Object.keys widens to string; these are the keys.
function namesIn<T extends object>(shape: T): (keyof T)[] {
  return Object.keys(shape) as (keyof T)[];
}
