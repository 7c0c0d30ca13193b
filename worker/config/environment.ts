import { z } from 'zod';
import { flagOf } from '../catalog/read-scalar';
import { contract } from '../contract';
import { isLoopback } from './loopback';
import { missingVariables, resourceServerVariables } from './resource-server';
import { Secret } from './secret';

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const filled = z.string().refine((text) => text.trim() !== '', 'is empty; set a value or remove it');
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
  'must be a comma-separated list of host names, without scheme or path',
);

/** Accepts the same texts as a boolean of a tool, as the Python server does (arcade-mcp-server 1.26.0). */
const flag = z
  .string()
  .refine((text) => flagOf(text) !== undefined, 'must be true or false')
  .transform((text) => flagOf(text) === true);

const transports = { http: 'http', 'streamable-http': 'http', streamable: 'http', stdio: 'stdio' } as const;

/** Every variable that this program reads, with its rules and its default. */
export const Environment = z
  .object({
    ARCADE_SERVER_TRANSPORT: z
      .enum(['http', 'streamable-http', 'streamable', 'stdio'], 'must be http or stdio')
      .transform((name) => transports[name])
      .default('stdio'),
    ARCADE_SERVER_HOST: filled.refine((host) => !/[\s/]/.test(host), 'must be an address to bind').default('127.0.0.1'),
    ARCADE_SERVER_PORT: port.default(contract.port),
    [contract.env.secret]: secret.optional(),
    [contract.env.previousSecret]: secret.optional(),
    ARCADE_AUTH_DISABLED: flag.default(false),
    ARCADE_USER_ID: filled.optional(),
    ARCADE_ENVIRONMENT: filled.default('local'),
    ARCADE_DISABLED_TOOLS: list
      .refine(
        (names) => names.every((name) => /^[^.\s]+\.[^.\s]+$/.test(name)),
        'must be a comma-separated list of Toolkit.Tool',
      )
      .default([]),
    ARCADE_DISABLED_TOOLKITS: list.default([]),
    ARCADE_TOOL_NAME_SEPARATOR: filled.default('.'),
    ARCADE_UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN: seconds.default(contract.stopSeconds),
    LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(', ')}`).default('info'),
    MCP_ALLOWED_HOSTS: hostNames.optional(),
    MCP_ALLOWED_ORIGINS: hostNames.optional(),
    MCP_SERVER_INSTRUCTIONS: filled.optional(),
    MCP_REQUESTS_PER_MINUTE: wholeNumber(0, 999_999).default(1200),
    ...resourceServerVariables,
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
      refuse(
        'ARCADE_AUTH_DISABLED',
        'would open the worker to everyone; use it only with a loopback ARCADE_SERVER_HOST',
      );
    }
    if (data.WORKER_OPERATIONS_PORT !== 0 && data.WORKER_OPERATIONS_PORT === data.ARCADE_SERVER_PORT) {
      refuse('WORKER_OPERATIONS_PORT', 'is the same as ARCADE_SERVER_PORT; metrics and probes require a separate port');
    }
    for (const name of missingVariables(data)) refuse(name, 'is missing; the OAuth resource server requires it');
  });

function wholeNumber(min: number, max: number) {
  return z
    .string()
    .refine(
      (text) => /^\d{1,6}$/.test(text) && Number(text) >= min && Number(text) <= max,
      `must be a whole number from ${min} to ${max}`,
    )
    .transform(Number);
}
