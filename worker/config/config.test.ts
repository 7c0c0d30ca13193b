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

test("the container's four variables are enough", () => {
  const config = parseConfig({
    ARCADE_SERVER_TRANSPORT: 'http',
    ARCADE_SERVER_HOST: '0.0.0.0',
    ARCADE_SERVER_PORT: '8000',
    ARCADE_WORKER_SECRET: ' a secret ',
  });
  expect(config).toMatchObject({ transport: 'http', host: '0.0.0.0', port: 8000, withoutEffect: [], traces: false });
  // The bytes as they are: no trimming.
  expect(config.engine?.secret.reveal()).toBe(' a secret ');
});

test('nothing at all is a server for local MCP clients', () => {
  expect(parseConfig({})).toMatchObject({ transport: 'stdio', host: '127.0.0.1', port: 8000, engine: undefined });
});

test('every bad variable is named at once, with what it wants and without its value', () => {
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
  expect(message.split('\n')[0]).toBe('Cannot start the worker: the environment is not right');
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
])('%s is refused where it contradicts the rest or is half of a whole', (name, environment) => {
  expect(messageOf(environment)).toContain(`  ${name} `);
});

test('authentication may be switched off on this machine only, and not by itself', () => {
  const open = { ARCADE_AUTH_DISABLED: 'true', ARCADE_WORKER_SECRET: 's' };
  for (const host of ['127.0.0.1', '127.8.9.1', 'localhost', '::1']) {
    expect(parseConfig({ ...open, ARCADE_SERVER_HOST: host }).engine?.isOpen).toBe(true);
  }
  expect(parseConfig({ ARCADE_AUTH_DISABLED: 'true' }).engine).toBeUndefined();
});

test('the settings of the resource server are read whole', () => {
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

test('lists are separated by commas', () => {
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

test('variables that look meant for the worker and are not are named', () => {
  expect(parseConfig({ ARCADE_API_KEY: 'k', MCP_DEBUG: '1', PATH: '/bin' }).withoutEffect).toEqual([
    'ARCADE_API_KEY',
    'MCP_DEBUG',
  ]);
});

test('a tool gets the variable it declares and none of the worker’s own', () => {
  const own = [
    'ARCADE_WORKER_SECRET',
    'arcade_worker_secret',
    'ARCADE_WORKER_SECRET_PREVIOUS',
    'ARCADE_API_KEY',
    '_X',
    'MCP_X',
  ];
  const config = parseConfig({
    ...Object.fromEntries(own.map((name) => [name, 'not for tools'])),
    API_TOKEN: 'for the tool',
  });
  expect(config.toolSecret('API_TOKEN')).toBe('for the tool');
  expect(own.map((name) => [name, config.toolSecret(name)])).toEqual(own.map((name) => [name, undefined]));
});

test('spans are wanted when a standard variable asks for them', () => {
  expect(parseConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }).traces).toBe(true);
  expect(parseConfig({ OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'x' }).traces).toBe(false);
  expect(parseConfig({ OTEL_SDK_DISABLED: 'true', OTEL_TRACES_EXPORTER: 'otlp' }).traces).toBe(false);
  expect(parseConfig({ OTEL_SERVICE_NAME: 'x' }).traces).toBe(false);
});

describe('what is seldom meant is warned about', () => {
  const collector = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

  test.each<[string, Record<string, string>]>([
    ['ARCADE_WORKER_SECRET ends in a newline', { ARCADE_WORKER_SECRET: 'sixteen-letters!\n' }],
    ['ARCADE_WORKER_SECRET ends in a newline', { ARCADE_WORKER_SECRET: 'sixteen-letters!\r\n' }],
    ['ARCADE_WORKER_SECRET begins or ends in white space', { ARCADE_WORKER_SECRET: ' sixteen-letters!' }],
    [
      'ARCADE_WORKER_SECRET_PREVIOUS ends',
      { ARCADE_WORKER_SECRET: 's', ARCADE_WORKER_SECRET_PREVIOUS: 'old-letters\n' },
    ],
    ['OTEL_EXPORTER_OTLP_PROTOCOL wants', { ...collector, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }],
    ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL wants', { ...collector, OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'GRPC' }],
    ['OTEL_TRACES_EXPORTER wants', { OTEL_TRACES_EXPORTER: 'otlp,console' }],
    ['OTEL_TRACES_EXPORTER wants', { OTEL_TRACES_EXPORTER: 'zipkin' }],
    ['OTEL_EXPORTER_OTLP_ENDPOINT wants', { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }],
    ['OTEL_EXPORTER_OTLP_ENDPOINT wants', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http:collector' }],
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT wants', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'grpc://collector:4317' }],
    ['OTEL_PROPAGATORS wants', { ...collector, OTEL_PROPAGATORS: 'b3,baggage' }],
  ])('%s: %j', (beginning, environment) => {
    const { warnings } = parseConfig(environment);
    expect(warnings).toEqual([expect.stringContaining(beginning)]);
    expect(warnings.join()).not.toMatch(/letters|collector/);
  });

  test('and what is meant is not', () => {
    const all = {
      ...collector,
      ARCADE_WORKER_SECRET: 'sixteen letters!',
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_PROPAGATORS: 'tracecontext,baggage',
    };
    expect(parseConfig(all).warnings).toEqual([]);
    // Nothing is sent, so nothing can go wrong with it.
    expect(parseConfig({ OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }).warnings).toEqual([]);
  });

  test('the bytes of the secret stay as they are', () => {
    expect(parseConfig({ ARCADE_WORKER_SECRET: 'secret\n' }).engine?.secret.reveal()).toBe('secret\n');
  });
});

test('a secret shows in no text, no JSON and no inspection of the configuration', () => {
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
