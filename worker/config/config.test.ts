import { inspect } from 'node:util';
import { parseConfig } from './config';

const signIn = {
  MCP_RESOURCE_SERVER_CANONICAL_URL: 'https://tools.example.com/mcp',
  MCP_RESOURCE_SERVER_AUTHORIZATION_SERVERS: JSON.stringify([
    {
      authorization_server_url: 'https://login.example.com',
      issuer: 'https://login.example.com/',
      jwks_uri: 'https://login.example.com/keys',
    },
  ]),
};

test("accepts the container's four variables", () => {
  const config = parseConfig({
    ARCADE_SERVER_TRANSPORT: 'http',
    ARCADE_SERVER_HOST: '0.0.0.0',
    ARCADE_SERVER_PORT: '8000',
    ARCADE_WORKER_SECRET: ' a secret ',
  });
  expect(config).toMatchObject({ transport: 'http', host: '0.0.0.0', port: 8000, unknownVariables: [], traces: false });
  // Not trimmed.
  expect(config.engine?.secret.reveal()).toBe(' a secret ');
});

test('an empty environment configures a stdio server for local MCP clients', () => {
  expect(parseConfig({})).toMatchObject({ transport: 'stdio', host: '127.0.0.1', port: 8000, engine: undefined });
});

test('reports every invalid variable in one error, without its value', () => {
  const bad = {
    ARCADE_SERVER_TRANSPORT: 'carrier-pigeon',
    ARCADE_SERVER_HOST: 'http://bad-host',
    ARCADE_SERVER_PORT: 'bad-port',
    ARCADE_WORKER_SECRET: '',
    ARCADE_WORKER_SECRET_PREVIOUS: '  ',
    ARCADE_AUTH_DISABLED: 'bad-flag',
    ARCADE_USER_ID: '',
    ARCADE_DISABLED_TOOLS: 'bad-tool',
    ARCADE_UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN: 'bad-time',
    LOG_LEVEL: 'bad-level',
    MCP_ALLOWED_HOSTS: 'bad host',
    WORKER_OPERATIONS_PORT: '70000',
    WORKER_DRAIN_SECONDS: '-1',
    WORKER_TRUSTED_HOPS: 'bad-hops',
  };
  const message = messageOf(bad);
  expect(message.split('\n')[0]).toBe('Cannot start the worker: the environment is invalid');
  for (const [name, value] of Object.entries(bad)) {
    expect(message).toMatch(new RegExp(`^  ${name} \\S`, 'm'));
    if (value.trim() !== '') expect(message).not.toContain(value);
  }
});

test.each([
  ['ARCADE_WORKER_SECRET_PREVIOUS', { ARCADE_WORKER_SECRET_PREVIOUS: 'old' }],
  ['ARCADE_AUTH_DISABLED', { ARCADE_AUTH_DISABLED: 'yes', ARCADE_WORKER_SECRET: 's', ARCADE_SERVER_HOST: '0.0.0.0' }],
  ['MCP_RESOURCE_SERVER_AUTHORIZATION_SERVERS', { MCP_RESOURCE_SERVER_CANONICAL_URL: 'https://tools.example.com/mcp' }],
  ['MCP_RESOURCE_SERVER_CANONICAL_URL', { MCP_RESOURCE_SERVER_SCOPES_SUPPORTED: 'a b' }],
  [
    'MCP_RESOURCE_SERVER_CANONICAL_URL',
    { ...signIn, MCP_RESOURCE_SERVER_CANONICAL_URL: 'http://tools.example.com/mcp' },
  ],
  [
    'MCP_RESOURCE_SERVER_CANONICAL_URL',
    { ...signIn, MCP_RESOURCE_SERVER_CANONICAL_URL: 'https://tools.example.com/mcp/' },
  ],
  ['MCP_RESOURCE_SERVER_AUTHORIZATION_SERVERS', { ...signIn, MCP_RESOURCE_SERVER_AUTHORIZATION_SERVERS: '{' }],
  ['MCP_RESOURCE_SERVER_AUTHORIZATION_SERVERS', { ...signIn, MCP_RESOURCE_SERVER_AUTHORIZATION_SERVERS: '[]' }],
  [
    'MCP_RESOURCE_SERVER_AUTHORIZATION_SERVERS',
    { ...signIn, MCP_RESOURCE_SERVER_AUTHORIZATION_SERVERS: '[{"issuer":"x","algorithm":"HS256"}]' },
  ],
])('rejects %s when it contradicts other variables or is incomplete', (name, environment) => {
  expect(messageOf(environment)).toContain(`  ${name} `);
});

test('authentication can be disabled only on a loopback address and only with a secret', () => {
  const open = { ARCADE_AUTH_DISABLED: 'true', ARCADE_WORKER_SECRET: 's' };
  for (const host of ['127.0.0.1', '127.8.9.1', 'localhost', '::1']) {
    expect(parseConfig({ ...open, ARCADE_SERVER_HOST: host }).engine?.isOpen).toBe(true);
  }
  expect(parseConfig({ ARCADE_AUTH_DISABLED: 'true' }).engine).toBeUndefined();
});

test('reads all settings of the resource server', () => {
  const scopes = { MCP_RESOURCE_SERVER_SCOPES_SUPPORTED: 'a  b', MCP_RESOURCE_SERVER_DEFAULT_CHALLENGE_SCOPES: 'a' };
  expect(parseConfig({ ...signIn, ...scopes }).mcp.resourceServer).toEqual({
    canonicalUrl: 'https://tools.example.com/mcp',
    authorizationServers: [
      {
        url: 'https://login.example.com',
        issuer: 'https://login.example.com/',
        jwksUri: 'https://login.example.com/keys',
        algorithm: 'RS256',
        audiences: undefined,
        leewaySeconds: 60,
      },
    ],
    scopesSupported: ['a', 'b'],
    defaultChallengeScopes: ['a'],
  });
});

test('reads comma-separated lists', () => {
  expect(
    parseConfig({
      MCP_ALLOWED_HOSTS: 'a.example.com, b.example.com:8443,[::1]',
      MCP_ALLOWED_ORIGINS: 'c.example.com',
      ARCADE_DISABLED_TOOLS: 'Weather.Forecast,Weather.Alerts',
    }),
  ).toMatchObject({
    mcp: { allowedHosts: ['a.example.com', 'b.example.com:8443', '[::1]'], allowedOrigins: ['c.example.com'] },
    catalog: { disabledTools: ['Weather.Forecast', 'Weather.Alerts'] },
  });
});

test('lists unknown variables that look intended for the worker', () => {
  expect(parseConfig({ ARCADE_API_KEY: 'k', MCP_DEBUG: '1', PATH: '/bin' }).unknownVariables).toEqual([
    'ARCADE_API_KEY',
    'MCP_DEBUG',
  ]);
});

test('a tool gets the variable that it declares, but none reserved for the worker', () => {
  const reserved = [
    'ARCADE_WORKER_SECRET',
    'arcade_worker_secret',
    'ARCADE_WORKER_SECRET_PREVIOUS',
    'ARCADE_API_KEY',
    '_X',
    'MCP_X',
  ];
  const config = parseConfig({
    ...Object.fromEntries(reserved.map((name) => [name, 'not for tools'])),
    API_TOKEN: 'for the tool',
  });
  expect(config.toolSecret('API_TOKEN')).toBe('for the tool');
  expect(reserved.map((name) => [name, config.toolSecret(name)])).toEqual(reserved.map((name) => [name, undefined]));
});

test('a standard OpenTelemetry variable enables tracing', () => {
  expect(parseConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }).traces).toBe(true);
  expect(parseConfig({ OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'x' }).traces).toBe(false);
  expect(parseConfig({ OTEL_SDK_DISABLED: 'true', OTEL_TRACES_EXPORTER: 'otlp' }).traces).toBe(false);
  expect(parseConfig({ OTEL_SERVICE_NAME: 'x' }).traces).toBe(false);
});

describe('warnings about suspicious settings', () => {
  const collector = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

  test.each<[string, Record<string, string>]>([
    ['ARCADE_WORKER_SECRET ends in a newline', { ARCADE_WORKER_SECRET: 'sixteen-letters!\n' }],
    ['ARCADE_WORKER_SECRET ends in a newline', { ARCADE_WORKER_SECRET: 'sixteen-letters!\r\n' }],
    ['ARCADE_WORKER_SECRET begins or ends in white space', { ARCADE_WORKER_SECRET: ' sixteen-letters!' }],
    [
      'ARCADE_WORKER_SECRET_PREVIOUS ends',
      { ARCADE_WORKER_SECRET: 's', ARCADE_WORKER_SECRET_PREVIOUS: 'old-letters\n' },
    ],
    ['OTEL_EXPORTER_OTLP_PROTOCOL must be', { ...collector, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }],
    ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL must be', { ...collector, OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'GRPC' }],
    ['OTEL_TRACES_EXPORTER must be', { OTEL_TRACES_EXPORTER: 'otlp,console' }],
    ['OTEL_TRACES_EXPORTER must be', { OTEL_TRACES_EXPORTER: 'zipkin' }],
    ['OTEL_EXPORTER_OTLP_ENDPOINT must be', { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }],
    ['OTEL_EXPORTER_OTLP_ENDPOINT must be', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http:collector' }],
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT must be', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'grpc://collector:4317' }],
    ['OTEL_PROPAGATORS must include', { ...collector, OTEL_PROPAGATORS: 'b3,baggage' }],
  ])('%s: %j', (beginning, environment) => {
    const { warnings } = parseConfig(environment);
    expect(warnings).toEqual([expect.stringContaining(beginning)]);
    expect(warnings.join()).not.toMatch(/letters|collector/);
  });

  test('valid settings give no warnings', () => {
    const all = {
      ...collector,
      ARCADE_WORKER_SECRET: 'sixteen letters!',
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_PROPAGATORS: 'tracecontext,baggage',
    };
    expect(parseConfig(all).warnings).toEqual([]);
    // No spans are sent, so the protocol does not matter.
    expect(parseConfig({ OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }).warnings).toEqual([]);
  });

  test('the secret is not trimmed', () => {
    expect(parseConfig({ ARCADE_WORKER_SECRET: 'secret\n' }).engine?.secret.reveal()).toBe('secret\n');
  });
});

test('hides secrets in text, JSON and inspection of the configuration', () => {
  const { engine } = parseConfig({ ARCADE_WORKER_SECRET: 'very-secret', ARCADE_WORKER_SECRET_PREVIOUS: 'less-secret' });
  const shown = `${engine?.secret}${JSON.stringify(engine)}${inspect(engine, { depth: 9, showHidden: true })}`;
  expect(shown).toContain('[secret]');
  expect(shown).not.toMatch(/(very|less)-secret/);
});

function messageOf(environment: Readonly<Record<string, string>>): string {
  try {
    parseConfig(environment);
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  throw new Error('The environment was accepted');
}
