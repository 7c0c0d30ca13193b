import { connect } from 'node:net';
import { mint } from '../testing/exchanges/token';
import { authorizationServer } from '../testing/worker/authorization-server';
import { readFixtureTools } from '../testing/worker/fixtures';
import { listening, type TestWorker, testWorker } from '../testing/worker/test-worker';
import { contract } from './contract';

const secret = 'dev-worker-secret-not-for-production';
const { health, tools, invoke } = contract.paths;
const authorization = `Bearer ${mint({ secret, alg: 'HS256', claims: { aud: 'worker', ver: '1' } })}`;

let server: TestWorker;
beforeEach(() => {
  server = testWorker(
    { ARCADE_WORKER_SECRET: secret, ARCADE_WORKER_SECRET_PREVIOUS: 'previous' },
    { tools: readFixtureTools() },
  );
});
afterEach(() => server.app.close());

test('health answers HEAD like GET, without the body', async () => {
  const answer = await server.app.inject({ method: 'HEAD', url: health });
  expect(answer.statusCode).toBe(200);
  expect(answer.body).toBe('');
  expect(answer.headers['content-type']).toBe('application/json');
});

test.each([
  ['HEAD', tools, 'GET'],
  ['POST', tools, 'GET'],
  ['DELETE', health, 'GET'],
  ['OPTIONS', invoke, 'POST'],
  ['PUT', `${invoke}/`, 'POST'],
] as const)('%s %s gets 405 with the allowed method, before the token check', async (method, url, allow) => {
  const answer = await server.app.inject({ method, url, payload: method === 'PUT' ? '{' : '' });
  expect(answer.statusCode).toBe(405);
  expect(answer.headers.allow).toBe(allow);
});

test.each(['/', '/worker', '/worker/', '/Worker/Health', '/worker/health/x', '/metrics', '/docs', '/%', '/worker/%zz'])(
  '%s is an unknown path, with the 404 of the Python server',
  async (url) => {
    for (const [method, type] of [
      ['GET', 'a/b'],
      ['POST', 'a/b'],
      ['POST', '///'],
    ] as const) {
      const answer = await server.app.inject({ method, url, headers: { 'content-type': type }, payload: '{' });
      expect(answer.statusCode).toBe(404);
      expect(answer.json()).toEqual({ detail: 'Not Found' });
      expect(answer.headers['content-type']).toBe('application/json');
    }
  },
);

test.each([
  'GARBAGE\r\n\r\n',
  'GET / HTTP/1.1\r\n\r\n',
  `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
])('answers invalid HTTP with a 4xx and closes the connection: %#', async (bytes) => {
  const { hostname, port } = new URL(await listening(server));
  const answer = await new Promise<string>((resolve, reject) => {
    let text = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.on('data', (data) => {
      text += data.toString();
    });
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
  expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
});

test('a defect is answered with 500 and the request id only, and logged in full', async () => {
  server.app.get('/defect', () => {
    throw new Error('a private text');
  });
  const answer = await server.app.inject({ url: '/defect', headers: { 'x-request-id': 'from-the-proxy' } });
  expect(answer.statusCode).toBe(500);
  expect(answer.json()).toEqual({ detail: 'Internal Server Error: from-the-proxy' });
  expect(server.lines[0]).toMatchObject({
    level: 'error',
    err: { message: 'a private text' },
    request_id: 'from-the-proxy',
  });
});

test('closes the connection after every response once draining', async () => {
  server.lifecycle.ready();
  expect((await server.app.inject(health)).headers.connection).not.toBe('close');
  server.lifecycle.drain();
  for (const url of [health, tools, '/nowhere']) {
    expect((await server.app.inject(url)).headers.connection).toBe('close');
  }
});

test('a lagging event loop rejects MCP clients and keeps serving the engine', async () => {
  const late = testWorker({ ARCADE_WORKER_SECRET: secret }, { isLate: () => true });
  const ask = { accept: '*/*', 'content-type': 'application/json' };
  const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
  const rejected = await late.app.inject({ method: 'POST', url: contract.paths.mcp, headers: ask, payload: ping });
  expect(rejected.statusCode).toBe(503);
  expect((await late.app.inject({ url: tools, headers: { authorization } })).statusCode).toBe(200);
  await late.app.close();
});

describe('logs and counters of rejected requests', () => {
  const ask = { accept: '*/*', 'content-type': 'application/json', host: 'localhost' };
  const post = ({ app }: TestWorker, headers: Record<string, string>) =>
    app.inject({ method: 'POST', url: contract.paths.mcp, headers: { ...ask, ...headers }, payload: ping });
  const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };

  test('counts foreign hosts and origins, and logs them with the variable that would allow them', async () => {
    const local = testWorker({});
    const [host, origin] = ['name.of-a-tunnel.example.com\u202e', 'https://app.example.com'];
    for (const headers of [{ host }, { host }, { origin }]) expect((await post(local, headers)).statusCode).toBe(403);
    const warnings = local.lines.filter(({ level }) => level === 'warn');
    expect(warnings).toMatchObject([
      { found: 'host name.of-a-tunnel.example.com?', message: expect.stringContaining('MCP_ALLOWED_HOSTS') },
      { found: 'origin https://app.example.com', message: expect.stringContaining('MCP_ALLOWED_ORIGINS') },
    ]);
    expect(local.lines.filter(({ message }) => message === 'MCP request')).toMatchObject([
      { status: 403, refusal: 'host', found: 'name.of-a-tunnel.example.com?' },
      { status: 403, refusal: 'host' },
      { status: 403, refusal: 'origin', found: origin },
    ]);
    const counted = await local.metrics.registry.metrics();
    expect(counted).toContain('mcp_rejected_requests_total{reason="host"} 2');
    expect(counted).toContain('mcp_rejected_requests_total{reason="origin"} 1');
    await local.app.close();
  });

  test('distinguishes tokens with a wrong issuer and a wrong audience in the log and in the counter', async () => {
    const issuer = await authorizationServer('https://mcp.example.com/mcp');
    const { url, issuer: name, jwksUri } = issuer.server;
    const guarded = testWorker({
      MCP_RESOURCE_SERVER_CANONICAL_URL: 'https://mcp.example.com/mcp',
      MCP_ALLOWED_HOSTS: 'localhost',
      MCP_RESOURCE_SERVER_AUTHORIZATION_SERVERS: JSON.stringify([
        { authorization_server_url: url, issuer: name, jwks_uri: jwksUri },
      ]),
    });
    const v1 = 'https://sts.windows.net/72f988bf-86f1-41af-91ab-2d7cd011db47/';
    const tokens = [{ iss: v1 }, { aud: 'api://another' }, {}, undefined];
    const answers = [];
    for (const claims of tokens) {
      const authorization = claims && `Bearer ${await issuer.token(claims)}`;
      answers.push(await post(guarded, authorization === undefined ? {} : { authorization }));
    }
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([401, 401, 200, 401]);
    expect(answers[1]?.body).toBe(answers[0]?.body);
    expect(guarded.lines.filter(({ message }) => message === 'MCP request')).toMatchObject([
      { refusal: 'issuer', found: v1 },
      { refusal: 'audience', found: 'api://another' },
      { user_id: 'ada' },
      { refusal: 'missing' },
    ]);
    const counted = await guarded.metrics.registry.metrics();
    for (const reason of ['mcp_issuer', 'mcp_audience', 'mcp_missing']) {
      expect(counted).toContain(`worker_refused_tokens_total{reason="${reason}"} 1`);
    }
    issuer.close();
    await guarded.app.close();
  });
});

test('the rate limit ignores the port that a gateway appends to the client address', async () => {
  const busy = testWorker({ MCP_REQUESTS_PER_MINUTE: '2', WORKER_TRUSTED_HOPS: '1' });
  const statusFor = async (from: string) => {
    const headers = { accept: '*/*', 'content-type': 'application/json', host: 'localhost', 'x-forwarded-for': from };
    const payload = { jsonrpc: '2.0', id: 1, method: 'ping' };
    return (await busy.app.inject({ method: 'POST', url: contract.paths.mcp, headers, payload })).statusCode;
  };
  const callers = [1, 2, 3].flatMap((port) => [`203.0.113.7:500${port}`, `[2001:db8::7]:500${port}`]);
  const statuses = [];
  for (const caller of callers) statuses.push(await statusFor(caller));
  expect(statuses).toEqual([200, 200, 200, 200, 429, 429]);
  expect(await statusFor('203.0.113.8:5001')).toBe(200);
  await busy.app.close();
});
