import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CallContext, type CallDetails, type ToolContext } from './context';
import { raised } from './failures';
import type { Clock, FetchInit } from './fetch';

type Respond = (request: IncomingMessage, response: ServerResponse) => void;

let service: Server;
let url: string;
let respond: Respond[] = [];
let received: string[] = [];
beforeAll(async () => {
  service = createServer((request, response) => {
    received.push(`${request.method} ${request.url}`);
    (respond.length > 1 ? respond.shift() : respond[0])?.(request, response);
  });
  await new Promise<void>((done) => service.listen(0, '127.0.0.1', done));
  // The address is a string only for a pipe or a Unix socket.
  url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
});
beforeEach(() => {
  received = [];
  waits = [];
});
afterAll(() => {
  service.closeAllConnections();
  service.close();
});

/** The requested delays, in milliseconds. The fake clock does not wait. */
let waits: number[] = [];
let now = 0;
const clock: Clock = {
  now: () => now,
  wait: async (ms) => void waits.push(ms),
  timeout: () => new AbortController().signal,
};

const answers =
  (status: number, headers: Record<string, string> = {}, body = ''): Respond =>
  (_request, response) =>
    void response.writeHead(status, headers).end(body);

const context = (details: CallDetails = {}): ToolContext => new CallContext({ clock, ...details });

/** The failure that a caller gets from a failed request. */
async function failure(path: string, init?: FetchInit, details?: CallDetails) {
  try {
    await context(details).fetch(`${url}${path}`, init);
  } catch (error) {
    return raised('tool', error).failure;
  }
  throw new Error('The request did not fail');
}

test('retries a read after a transient failure, with the delay that the service requests', async () => {
  respond = [answers(503), answers(429, { 'retry-after': '7' }), answers(200, {}, 'at last')];
  expect(await (await context().fetch(`${url}/a`)).text()).toBe('at last');
  expect(received).toEqual(['GET /a', 'GET /a', 'GET /a']);
  expect(waits).toEqual([expect.any(Number), 7000]);
  expect(waits[0]).toBeLessThanOrEqual(200);
});

test('tries a read at most three times, and never beyond the time limit of its call', async () => {
  respond = [answers(503)];
  expect(await failure('/a')).toMatchObject({ kind: 'UPSTREAM_RUNTIME_SERVER_ERROR', status_code: 503 });
  expect(received).toHaveLength(3);
  respond = [answers(429, { 'retry-after': '31' })];
  const limited = await failure('/b');
  expect(limited).toMatchObject({ kind: 'UPSTREAM_RUNTIME_RATE_LIMIT', retry_after_ms: 31_000, can_retry: true });
  expect(received.slice(3)).toEqual(['GET /b']);
});

test.each(['POST', 'PUT', 'DELETE', 'PATCH'])('never retries %s', async (method) => {
  respond = [answers(503)];
  expect(await failure('/a', { method })).toMatchObject({ status_code: 503 });
  expect(received).toEqual([`${method} /a`]);
});

test.each([
  [401, 'UPSTREAM_RUNTIME_AUTH_ERROR'],
  [404, 'UPSTREAM_RUNTIME_NOT_FOUND'],
  [422, 'UPSTREAM_RUNTIME_BAD_REQUEST'],
  [500, 'UPSTREAM_RUNTIME_SERVER_ERROR'],
])('throws the error for %i unless `answers` includes it', async (status, kind) => {
  respond = [answers(status, {}, 'why')];
  expect(await failure('/a')).toMatchObject({ kind, status_code: status });
  expect(await (await context().fetch(`${url}/a`, { answers: [status] })).text()).toBe('why');
  expect((await context().fetch(`${url}/a`, { answers: 'all' })).status).toBe(status);
  expect(received).toHaveLength(3);
});

test('distinguishes an unreachable service from a dropped connection', async () => {
  respond = [(request) => request.socket.destroy()];
  expect(await failure('/a')).toMatchObject({ kind: 'NETWORK_TRANSPORT_RUNTIME_UNMAPPED', can_retry: true });
  expect(received).toHaveLength(3);
  const gone = createServer();
  await new Promise<void>((done) => gone.listen(0, '127.0.0.1', done));
  const { port } = gone.address() as AddressInfo;
  await new Promise((done) => gone.close(done));
  const error: unknown = await context()
    .fetch(`http://127.0.0.1:${port}/`)
    .catch((reason: unknown) => reason);
  expect(raised('tool', error).failure).toMatchObject({
    kind: 'NETWORK_TRANSPORT_RUNTIME_UNREACHABLE',
    can_retry: true,
  });
});

test('aborts the request when the call is aborted', async () => {
  const call = new CallContext({ clock });
  respond = [() => call.abort(new DOMException('No result within 30 s', 'TimeoutError'))];
  const error: unknown = await call.fetch(`${url}/a`).catch((reason: unknown) => reason);
  expect(raised('tool', error).failure.kind).toBe('NETWORK_TRANSPORT_RUNTIME_TIMEOUT');
  expect(received).toHaveLength(1);
});

test('limits a request to the remaining time of its call, and sends none when no time is left', async () => {
  const given: number[] = [];
  const timeout = (ms: number) => {
    given.push(ms);
    return clock.timeout(ms);
  };
  const timed = { ...clock, timeout };
  const call = context({ clock: timed, startedAt: 0, timeoutSeconds: 10 });
  respond = [answers(200)];
  now = 4000;
  await call.fetch(url);
  expect(given).toEqual([5750]);
  now = 9900;
  const error: unknown = await call.fetch(url).catch((reason: unknown) => reason);
  now = 0;
  expect(raised('tool', error).failure).toMatchObject({ kind: 'NETWORK_TRANSPORT_RUNTIME_TIMEOUT' });
  expect(received).toHaveLength(1);
});

test('excludes the time a person takes to answer from the time limit', async () => {
  const ask = () => {
    now += 60_000;
    return { action: 'accept' } as const;
  };
  const call = context({ startedAt: 0, timeoutSeconds: 10, channel: () => ({ ask, log: () => undefined }) });
  respond = [answers(200)];
  await call.ask({}, 'Sure?');
  expect((await call.fetch(url)).status).toBe(200);
  now = 0;
});

test('rejects a body longer than maxBytes, with or without a content-length', async () => {
  respond = [answers(200, { 'content-length': '11' }, 'hello world')];
  expect(await failure('/a', { maxBytes: 10 })).toMatchObject({ kind: 'UPSTREAM_RUNTIME_UNMAPPED', can_retry: false });
  respond = [answers(200, { 'transfer-encoding': 'chunked' }, 'hello world')];
  const response = await context().fetch(`${url}/a`, { maxBytes: 10 });
  await expect(response.text()).rejects.toThrow('more than 10 bytes');
  const whole = await context().fetch(`${url}/a`, { maxBytes: 11 });
  expect({ text: await whole.text(), url: whole.url }).toEqual({ text: 'hello world', url: `${url}/a` });
});

const secrets = [{ key: 'KEY', value: 'hunter2secret' }];

test.each<[string, string, FetchInit]>([
  ['a path', '/bot-hunter2secret/send?key=hunter2secret', {}],
  ['an invalid header', '/a', { headers: { 'x-key': 'hunter2secret\n\u0000' } }],
  ['an invalid method', '/a', { method: 'hunter2secret secret' }],
])('never puts a secret from %s into an error', async (_what, path, init) => {
  respond = [answers(404)];
  const failed = await failure(path, init, { secrets });
  expect(JSON.stringify(failed)).not.toContain('hunter2secret');
});

test.each([
  ['https://user:hunter2secret@example.com/', 'user name or password'],
  ['/hunter2secret', 'must be absolute'],
  ['file:///hunter2secret', 'use https: or http:'],
])('rejects %s without quoting it', async (address, text) => {
  const error: unknown = await context()
    .fetch(address)
    .catch((reason: unknown) => reason);
  const { developer_message: message } = raised('tool', error).failure;
  expect(message).toContain(text);
  expect(JSON.stringify(String(error))).not.toContain('hunter2secret');
});

test('drops a secret in any header on a redirect to another origin, and keeps the other headers', async () => {
  const [own, other] = [url, url.replace('127.0.0.1', 'localhost')];
  const headers = { authorization: 'Bearer hunter2secret', 'x-key': 'hunter2secret', accept: 'text/plain' };
  const got: unknown[] = [];
  const record: Respond = ({ headers: { authorization, 'x-key': key, accept } }, response) => {
    got.push([authorization, key, accept]);
    response.end('there');
  };
  for (const to of [own, other]) {
    respond = [answers(302, { location: `${to}/b` }), record];
    const response = await context({ secrets }).fetch(`${url}/a`, { headers });
    expect([response.url, await response.text()]).toEqual([`${to}/b`, 'there']);
  }
  expect(got).toEqual([
    ['Bearer hunter2secret', 'hunter2secret', 'text/plain'],
    [undefined, undefined, 'text/plain'],
  ]);
});

test.each([
  ['POST', 'x', 303, ['POST /a', 'GET /b']],
  ['POST', 'x', 302, ['POST /a', 'GET /b']],
  ['DELETE', undefined, 307, ['DELETE /a', 'DELETE /b']],
  ['HEAD', undefined, 303, ['HEAD /a', 'HEAD /b']],
])(
  'follows a redirect of a %s with a key and the body %s after %i as `fetch` does',
  async (method, body, status, requests) => {
    for (const key of ['hunter2secret', 'no secret']) {
      received = [];
      respond = [answers(status, { location: '/b' }), answers(200)];
      const init = { method, headers: { 'x-key': key }, ...(body === undefined ? {} : { body }) };
      expect((await context({ secrets }).fetch(`${url}/a`, init)).status).toBe(200);
      expect(received).toEqual(requests);
    }
  },
);

test.each([
  ['that needs the body again', { method: 'POST', body: 'x' }, '/b', 308, 1],
  ['to a protocol other than HTTP', {}, 'ftp://example.com/', 302, 1],
  ['in a loop', {}, '/a', 302, 21],
])('does not follow a redirect of a request with a key %s', async (_what, init, location, status, times) => {
  respond = [answers(status, { location })];
  const failed = await failure('/a', { ...init, headers: { 'x-key': 'hunter2secret' } }, { secrets });
  expect(failed).toMatchObject({ status_code: status });
  expect(received).toHaveLength(times);
});

test('propagates the trace in the request headers', async () => {
  const facts: unknown[] = [];
  respond = [(request, response) => void response.end(request.headers.traceparent)];
  const call = context({
    secrets,
    channel: () => ({
      ask: () => ({ action: 'cancel' }),
      log: () => undefined,
      trace: (given, send) => {
        facts.push(given);
        return send({ traceparent: '00-a-b-01' });
      },
    }),
  });
  expect(await (await call.fetch(`${url}/hunter2secret?q=1`)).text()).toBe('00-a-b-01');
  expect(facts).toEqual([{ method: 'GET', url: `${url}/[secret]` }]);
});
