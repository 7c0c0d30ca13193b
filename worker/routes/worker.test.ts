import { once } from 'node:events';
import { connect } from 'node:net';
import { recordedName } from '../../testing/exchanges/recorded';
import { mint } from '../../testing/exchanges/token';
import { readFixtureTools } from '../../testing/worker/fixtures';
import { listening, type TestWorker, testWorker } from '../../testing/worker/test-worker';
import { contract } from '../contract';
import type { WorkerErrorCode } from './envelope';

const secret = 'dev-worker-secret-not-for-production';
const { tools, invoke } = contract.paths;
const authorization = `Bearer ${mint({ secret, alg: 'HS256', claims: { aud: 'worker', ver: '1' } })}`;
const echo = { tool: { name: 'Echo', toolkit: recordedName }, inputs: { message: 'hi' } };

let server: TestWorker;
beforeEach(() => {
  server = testWorker(
    { ARCADE_WORKER_SECRET: secret, ARCADE_WORKER_SECRET_PREVIOUS: 'previous' },
    { tools: readFixtureTools() },
  );
});
afterEach(() => server.app.close());

test.each([
  undefined,
  '',
  'text/plain',
  'application/xml',
  '///',
  'multipart/form-data',
  'application/json; charset=x',
])('accepts a call with the content type %j', async (type) => {
  const headers = { authorization, ...(type === undefined ? {} : { 'content-type': type }) };
  const answer = await server.app.inject({ method: 'POST', url: invoke, headers, payload: JSON.stringify(echo) });
  expect(answer.json()).toMatchObject({ success: true, output: { value: 'hi' } });
});

test('accepts a body with a byte order mark', async () => {
  expect((await called(`\uFEFF${JSON.stringify(echo)}`)).json()).toMatchObject({ success: true });
});

test.each([
  ['nothing', ''],
  ['truncated JSON', '{'],
  ['bytes that are not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])],
  ['a list', '[]'],
  ['null', 'null'],
  ['a text', '"x"'],
  ['no tool', '{}'],
  ['a tool without a toolkit', '{"tool":{"name":"Echo"}}'],
  ['a version that is a number', JSON.stringify({ ...echo, tool: { ...echo.tool, version: 1 } })],
  ['a secret without a value', JSON.stringify({ ...echo, context: { secrets: [{ key: 'k', value: null }] } })],
  ['secrets as a map', JSON.stringify({ ...echo, context: { secrets: { k: 'v' } } })],
  ['a time that is a number', JSON.stringify({ ...echo, created_at: 5 })],
])('rejects a body of %s with 400 without quoting it', async (_, payload) => {
  const answer = await called(payload);
  expect(answer.statusCode).toBe(400);
  expect(answer.json()).toEqual({ detail: expect.stringMatching(/^Cannot read the (body|call): /) });
});

test('accepts a body of 4 MiB and rejects a longer one', async () => {
  const overhead = JSON.stringify({ ...echo, inputs: { message: '' } }).length;
  const bodyOf = (bytes: number) => JSON.stringify({ ...echo, inputs: { message: 'x'.repeat(bytes - overhead) } });
  const limit = 4 * 1024 * 1024;
  // The tool runs and echoes the text, which is too long for a result.
  const { message } = (await called(bodyOf(limit))).json().output.error;
  expect(message).toContain(
    `The result has ${limit - overhead + 2} bytes as JSON, the limit is 1048576; request less data per call`,
  );
  expect((await called(bodyOf(limit + 1))).statusCode).toBe(413);
});

test('rejects a chunked body over 4 MiB', async () => {
  const { hostname, port } = new URL(await listening(server));
  const bytes = 4 * 1024 * 1024 + 1;
  const socket = connect(Number(port), hostname);
  socket.write(`POST ${invoke} HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n`);
  socket.write(`Transfer-Encoding: chunked\r\n\r\n${bytes.toString(16)}\r\n${' '.repeat(bytes)}\r\n0\r\n\r\n`);
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toMatch(/^HTTP\/1\.1 413 /);
  expect(String(answer)).toContain('it is longer than 4194304 bytes');
  socket.destroy();
});

test('rejects a caller without a token before reading the body', async () => {
  const url = await listening(server);
  const { hostname, port } = new URL(url);
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(port), hostname, () =>
      socket.write(`POST ${invoke} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n{`),
    );
    socket.once('data', (data) => {
      resolve(data.toString());
      socket.destroy();
    });
    socket.once('error', reject);
  });
  expect(answer).toMatch(/^HTTP\/1\.1 401 /);
});

test('logs one line per call with the field names of the Python server, without inputs or outputs', async () => {
  const failing = { tool: { name: 'FatalFail', toolkit: recordedName }, execution_id: 'e-2' };
  await called(JSON.stringify({ ...echo, inputs: { message: 'a private text' }, execution_id: 'e-1' }));
  await called(JSON.stringify(failing));
  expect(server.lines).toHaveLength(2);
  expect(server.lines[0]).toMatchObject({
    level: 'info',
    message: 'tool called',
    tool_name: 'Echo',
    toolkit_name: recordedName,
    toolkit_version: '1.0.0',
    execution_id: 'e-1',
    duration_ms: expect.any(Number),
    request_id: expect.any(String),
  });
  expect(server.lines[1]).toMatchObject({
    level: 'warn',
    error_kind: 'TOOL_RUNTIME_FATAL',
    error_message: expect.stringContaining('Broken'),
    error_developer_message: expect.stringContaining('disk full'),
    error_status_code: 500,
    error_can_retry: false,
    execution_id: 'e-2',
  });
  expect(JSON.stringify(server.lines)).not.toContain('a private text');
});

test.each([
  ['BODY_MALFORMED', 400, '{'],
  ['ENVELOPE_INVALID', 400, '{}'],
  ['TOOL_UNKNOWN', 404, JSON.stringify({ tool: { name: 'x'.repeat(1000), toolkit: recordedName } })],
] as const satisfies [WorkerErrorCode, number, string][])(
  'logs a rejected call with the code %s',
  async (code, status, payload) => {
    expect((await called(payload)).statusCode).toBe(status);
    expect(server.lines).toMatchObject([{ level: 'info', message: 'call refused', code, status }]);
    expect(String(server.lines[0]?.reason).length).toBeLessThanOrEqual(200);
  },
);

test('puts the stack of an unexpected error of a tool into the log, not into the response', async () => {
  const answer = await called(JSON.stringify({ tool: { name: 'Boom', toolkit: recordedName } }));
  expect(answer.json().output.error.stacktrace).toBeNull();
  expect(answer.body).not.toContain(__dirname);
  expect(server.lines[0]).toMatchObject({ err: { stack: expect.stringContaining('kaboom') } });
});

test('throttles the log of rejected tokens and counts them in one series', async () => {
  for (let times = 0; times < 50; times += 1) {
    await server.app.inject({ url: tools, headers: { authorization: `Bearer junk-${times}` } });
  }
  expect(server.lines).toHaveLength(1);
  expect(server.lines[0]).toMatchObject({ reason: 'Not enough segments', message: 'token refused' });
  expect(await server.metrics.registry.metrics()).toContain(
    'worker_refused_tokens_total{reason="Not enough segments"} 50',
  );
});

test('serves and counts calls with a token of the previous secret', async () => {
  const old = `Bearer ${mint({ secret: 'previous', alg: 'HS256', claims: { aud: 'worker', ver: '1' } })}`;
  expect((await server.app.inject({ url: tools, headers: { authorization: old } })).statusCode).toBe(200);
  expect(server.lines).toMatchObject([{ message: 'token signed with the previous secret', times: 1 }]);
  expect(await server.metrics.registry.metrics()).toMatch(/^worker_previous_secret_total 1$/m);
});

test('counts calls by outcome and responses by status', async () => {
  await called(JSON.stringify(echo));
  await called(JSON.stringify({ tool: { name: 'Boom', toolkit: recordedName } }));
  await called('{');
  const text = await server.metrics.registry.metrics();
  expect(text).toContain('tool_call{way="worker",tool="Echo",outcome="ok"} 1');
  expect(text).toContain('tool_call{way="worker",tool="Boom",outcome="TOOL_RUNTIME_FATAL"} 1');
  expect(text).toContain(`worker_answers_total{route="${invoke}",status="200"} 2`);
  expect(text).toContain(`worker_answers_total{route="${invoke}",status="400"} 1`);
  expect(text).toContain('worker_tool_call_duration_seconds_count{way="worker",tool="Echo"} 1');
});

test('gives each of 2 000 concurrent calls with the same id its own response', async () => {
  const answers = await Promise.all(
    Array.from({ length: 2000 }, (_, index) =>
      called(JSON.stringify({ ...echo, execution_id: 'the-same', inputs: { message: `text ${index}` } })),
    ),
  );
  expect(answers.map((answer) => answer.json().output.value)).toEqual(answers.map((_, index) => `text ${index}`));
});

test('without authentication, rejects web pages: foreign origins and DNS rebinding', async () => {
  const open = testWorker({ ARCADE_WORKER_SECRET: secret, ARCADE_AUTH_DISABLED: 'true' });
  const status = async (headers: Record<string, string>) =>
    (await open.app.inject({ method: 'POST', url: invoke, headers, payload: JSON.stringify(echo) })).statusCode;
  expect(await status({ host: '127.0.0.1:8000' })).toBe(200);
  expect(await status({ host: 'localhost:8000', origin: 'https://attacker.example' })).toBe(403);
  expect(await status({ host: 'attacker.example' })).toBe(403);
  await open.app.close();
});

test('rejects a deeply nested call before parsing it', async () => {
  const payload = `{"tool":{"name":"Echo","toolkit":"${recordedName}"},"inputs":{"message":${'['.repeat(40_000)}`;
  const answer = await server.app.inject({ method: 'POST', url: invoke, headers: { authorization }, payload });
  expect([answer.statusCode, answer.body]).toEqual([400, expect.stringContaining('nested too deeply')]);
});

function called(payload: string | Buffer) {
  return server.app.inject({ method: 'POST', url: invoke, headers: { authorization }, payload });
}

test('rejects a compressed body with an explanation, after the token check and before reading it', async () => {
  const send = (more: Record<string, string>) =>
    server.app.inject({ method: 'POST', url: invoke, headers: { 'content-encoding': 'gzip', ...more }, payload: '{' });
  expect((await send({})).statusCode).toBe(401);
  const answer = await send({ authorization });
  expect([answer.statusCode, answer.headers['accept-encoding']]).toEqual([415, 'identity']);
  expect(answer.json().detail).toContain('compressed');
});
