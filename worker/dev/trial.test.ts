import { recordedName } from '../../testing/exchanges/recorded';
import { readFixtureTools } from '../../testing/worker/fixtures';
import { testWorker } from '../../testing/worker/test-worker';
import { givenIn, missingVariables } from './given';
import { trialOf } from './trial';

const given = { TOOL_SECRET_API_TOKEN: 's3cr3t', TOOL_SECRET_OTHER_KEY: 'other', TOOL_TOKEN_GITHUB: 'tok-1' };
const closing: (() => unknown)[] = [];
afterEach(() => Promise.all(closing.splice(0).map((close) => close())));

interface Asked {
  readonly environment?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the file was built for `npm run dev`. */
  readonly isDev?: boolean;
}

/** The text of a tool call over `/mcp`, or the status of a rejected request. */
async function callOf(tool: string, { environment = given, headers = {}, isDev = true }: Asked = {}) {
  const parts = { tools: readFixtureTools(), ...(isDev ? { trialOf } : {}) };
  const { app } = testWorker({ ARCADE_SERVER_TRANSPORT: 'http', ...environment }, parts);
  closing.push(() => app.close());
  const { statusCode, body } = await app.inject({
    method: 'POST',
    url: '/mcp',
    headers: { accept: '*/*', 'content-type': 'application/json', host: 'localhost:8000', ...headers },
    payload: { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: `${recordedName}_${tool}` } },
  });
  return statusCode === 200 ? JSON.parse(body).result.content[0].text : statusCode;
}

test.each([
  ['UseSecret', 's3cr3t'],
  ['UseAuth', 'tok-1'],
])('in dev, a caller on this machine uses %s with the given secrets', async (tool, text) => {
  expect(await callOf(tool)).toBe(text);
  expect(await callOf(tool, { headers: { host: '127.0.0.1:8000', origin: 'http://localhost:6274' } })).toBe(text);
  expect(await callOf(tool, { environment: { ...given, ARCADE_SERVER_HOST: '::1' }, headers: { host: '[::1]' } })).toBe(
    text,
  );
});

test('passes no other variable to tools, and names the variables to set', async () => {
  expect(await callOf('UseSecret', { environment: { API_TOKEN: 'own', TOOL_SECRET_OTHER_KEY: 'x' } })).toBe(
    `Cannot call "${recordedName}_UseSecret" here: its requirements are not set; ` +
      'start the worker with TOOL_SECRET_API_TOKEN=… npm run dev',
  );
  expect(await callOf('UseSecret', { environment: {} })).toBe(
    `Cannot call "${recordedName}_UseSecret" here: its requirements are not set; ` +
      'start the worker with TOOL_SECRET_API_TOKEN=… TOOL_SECRET_OTHER_KEY=… npm run dev',
  );
  expect(await callOf('UseAuth', { environment: {} })).toContain(
    'start the worker with TOOL_TOKEN_GITHUB=… npm run dev',
  );
});

const everywhere = { ...given, API_TOKEN: 's3cr3t', ARCADE_SERVER_HOST: '0.0.0.0', MCP_ALLOWED_HOSTS: 'localhost' };

/** OAuth settings: every call needs a token. */
const door = {
  MCP_RESOURCE_SERVER_CANONICAL_URL: 'https://tools.example.com/mcp',
  MCP_RESOURCE_SERVER_AUTHORIZATION_SERVERS: JSON.stringify([
    {
      authorization_server_url: 'https://login.example.com',
      issuer: 'https://login.example.com',
      jwks_uri: 'https://login.example.com/keys',
      expected_audiences: ['tools'],
    },
  ]),
};

describe.each(['UseSecret', 'UseAuth'])('no other caller can use %s:', (tool) => {
  test.each<[string, Asked]>([
    ['in an image or with npm start, whatever the variables are', { isDev: false }],
    ['on an address that others can reach', { environment: everywhere }],
    ['on the IPv6 address that others can reach', { environment: { ...everywhere, ARCADE_SERVER_HOST: '::' } }],
    ['behind a proxy that names the client', { headers: { 'x-forwarded-for': '203.0.113.7' } }],
    ['behind a proxy that names this machine as the client', { headers: { 'x-forwarded-for': '127.0.0.1' } }],
    ['through a tunnel', { headers: { 'cf-connecting-ip': '203.0.113.7' } }],
    ['behind a proxy of RFC 7239', { headers: { forwarded: 'for=203.0.113.7' } }],
    ['behind a proxy that names itself', { headers: { via: '1.1 proxy.example.com' } }],
    [
      'under the allowed name of a tunnel',
      { environment: { ...given, MCP_ALLOWED_HOSTS: 'a.ngrok.app' }, headers: { host: 'a.ngrok.app' } },
    ],
    [
      'from an allowed web page',
      {
        environment: { ...given, MCP_ALLOWED_ORIGINS: 'app.example.com' },
        headers: { origin: 'https://app.example.com' },
      },
    ],
  ])('%s', async (_where, asked) => {
    expect(await callOf(tool, asked)).toMatch(/^Cannot call ".*" here: it (uses secrets|requires the user)/);
  });

  test.each<[string, Asked, number]>([
    ['a web page whose name resolves to this machine', { headers: { host: 'rebound.example.com' } }, 403],
    ['a name that starts like a loopback name', { headers: { host: 'localhost.example.com' } }, 403],
    ['a name that ends in an address', { headers: { host: 'example.com@127.0.0.1.example.com' } }, 403],
    ['a web page of another host', { headers: { origin: 'https://example.com' } }, 403],
    ['a page in a sandbox', { headers: { origin: 'null' } }, 403],
    ['a caller that must sign in', { environment: { ...given, ...door } }, 401],
  ])('%s', async (_who, asked, status) => {
    expect(await callOf(tool, asked)).toBe(status);
  });
});

test('variable names ignore case and replace characters that a shell cannot set', () => {
  const environment = givenIn({ TOOL_TOKEN_MICROSOFT_POWERBI: 'a', tool_secret_api_key: 'b', OTHER: 'c' });
  expect(environment.tokenOf('microsoft-powerbi')).toBe('a');
  expect(environment.secretOf('api-key')).toBe('b');
  expect(environment.secretOf('other')).toBeUndefined();
  expect(missingVariables({ secrets: ['api-key', 'x'], authorization: 'my idp' }, environment)).toEqual([
    'TOOL_SECRET_X',
    'TOOL_TOKEN_MY_IDP',
  ]);
});
