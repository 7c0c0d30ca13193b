import { connect } from 'node:net';
import { mint } from '../testing/exchanges/token';
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

test('health answers a HEAD as it answers a GET, without the body', async () => {
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
] as const)('%s %s is told which method to use, before any token is asked for', async (method, url, allow) => {
  const answer = await server.app.inject({ method, url, payload: method === 'PUT' ? '{' : '' });
  expect(answer.statusCode).toBe(405);
  expect(answer.headers.allow).toBe(allow);
});

test.each(['/', '/worker', '/worker/', '/Worker/Health', '/worker/health/x', '/metrics', '/docs', '/%', '/worker/%zz'])(
  '%s is unknown, in the form of the reference',
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
])('what is not HTTP gets a 4xx and the end of its connection: %#', async (bytes) => {
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

test('a defect is 500 with the request id and nothing else, and the log has all of it', async () => {
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

test('from the signal to stop on every answer ends its connection', async () => {
  server.lifecycle.ready();
  expect((await server.app.inject(health)).headers.connection).not.toBe('close');
  server.lifecycle.drain();
  for (const url of [health, tools, '/nowhere']) {
    expect((await server.app.inject(url)).headers.connection).toBe('close');
  }
});

test('a late event loop turns MCP clients away and goes on serving the engine', async () => {
  const late = testWorker({ ARCADE_WORKER_SECRET: secret }, { isLate: () => true });
  const ask = { accept: '*/*', 'content-type': 'application/json' };
  const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
  const turnedAway = await late.app.inject({ method: 'POST', url: contract.paths.mcp, headers: ask, payload: ping });
  expect(turnedAway.statusCode).toBe(503);
  expect((await late.app.inject({ url: tools, headers: { authorization } })).statusCode).toBe(200);
  await late.app.close();
});
