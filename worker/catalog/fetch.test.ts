import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CallContext, type CallDetails, type ToolContext } from './context';
import { raised } from './failures';
import type { Clock, FetchInit } from './fetch';

type Respond = (request: IncomingMessage, response: ServerResponse) => void;

let service: Server;
let url: string;
let respond: Respond[] = [];
let heard: string[] = [];
beforeAll(async () => {
  service = createServer((request, response) => {
    heard.push(`${request.method} ${request.url}`);
    (respond.length > 1 ? respond.shift() : respond[0])?.(request, response);
  });
  await new Promise<void>((done) => service.listen(0, '127.0.0.1', done));
  // Listening on a port, the address is never a text.
  url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
});
beforeEach(() => {
  heard = [];
  waits = [];
});
afterAll(() => {
  service.closeAllConnections();
  service.close();
});

/** How long was waited for, in milliseconds. Nothing really waits. */
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

/** What a caller sees of a request that fails. */
async function failure(path: string, init?: FetchInit, details?: CallDetails) {
  try {
    await context(details).fetch(`${url}${path}`, init);
  } catch (error) {
    return raised('tool', error).failure;
  }
  throw new Error('The request did not fail');
}

test('a read that fails in passing is tried again, and waits for as long as the service asks', async () => {
  respond = [answers(503), answers(429, { 'retry-after': '7' }), answers(200, {}, 'at last')];
  expect(await (await context().fetch(`${url}/a`)).text()).toBe('at last');
  expect(heard).toEqual(['GET /a', 'GET /a', 'GET /a']);
  expect(waits).toEqual([expect.any(Number), 7000]);
  expect(waits[0]).toBeLessThanOrEqual(200);
});

test('a read is tried three times in all, and no longer than its call may take', async () => {
  respond = [answers(503)];
  expect(await failure('/a')).toMatchObject({ kind: 'UPSTREAM_RUNTIME_SERVER_ERROR', status_code: 503 });
  expect(heard).toHaveLength(3);
  respond = [answers(429, { 'retry-after': '31' })];
  const limited = await failure('/b');
  expect(limited).toMatchObject({ kind: 'UPSTREAM_RUNTIME_RATE_LIMIT', retry_after_ms: 31_000, can_retry: true });
  expect(heard.slice(3)).toEqual(['GET /b']);
});

test.each(['POST', 'PUT', 'DELETE', 'PATCH'])('%s is never sent twice', async (method) => {
  respond = [answers(503)];
  expect(await failure('/a', { method })).toMatchObject({ status_code: 503 });
  expect(heard).toEqual([`${method} /a`]);
});

test.each([
  [401, 'UPSTREAM_RUNTIME_AUTH_ERROR'],
  [404, 'UPSTREAM_RUNTIME_NOT_FOUND'],
  [422, 'UPSTREAM_RUNTIME_BAD_REQUEST'],
  [500, 'UPSTREAM_RUNTIME_SERVER_ERROR'],
])('a refusal with %i is the error for it, unless the tool asks for the answer', async (status, kind) => {
  respond = [answers(status, {}, 'why')];
  expect(await failure('/a')).toMatchObject({ kind, status_code: status });
  expect(await (await context().fetch(`${url}/a`, { answers: [status] })).text()).toBe('why');
  expect((await context().fetch(`${url}/a`, { answers: 'all' })).status).toBe(status);
  expect(heard).toHaveLength(3);
});

test('a service that is not there, and one that hangs up, are told apart from one that refuses', async () => {
  respond = [(request) => request.socket.destroy()];
  expect(await failure('/a')).toMatchObject({ kind: 'NETWORK_TRANSPORT_RUNTIME_UNMAPPED', can_retry: true });
  expect(heard).toHaveLength(3);
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

test('the call’s own end ends the request', async () => {
  const call = new CallContext({ clock });
  respond = [() => call.abort(new DOMException('No result within 30 s', 'TimeoutError'))];
  const error: unknown = await call.fetch(`${url}/a`).catch((reason: unknown) => reason);
  expect(raised('tool', error).failure.kind).toBe('NETWORK_TRANSPORT_RUNTIME_TIMEOUT');
  expect(heard).toHaveLength(1);
});

test('a request gets the time that its call has left, and none when there is none', async () => {
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
  expect(heard).toHaveLength(1);
});

test('the time that a person takes is none of the call’s', async () => {
  const ask = () => {
    now += 60_000;
    return { action: 'accept' } as const;
  };
  const call = context({ startedAt: 0, timeoutSeconds: 10, reach: () => ({ ask, log: () => undefined }) });
  respond = [answers(200)];
  await call.ask({}, 'Sure?');
  expect((await call.fetch(url)).status).toBe(200);
  now = 0;
});

test('a body that is longer than it may be ends in an error, said beforehand or not', async () => {
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
  ['a header that HTTP does not allow', '/a', { headers: { 'x-key': 'hunter2secret\n\u0000' } }],
  ['a method that there is not', '/a', { method: 'hunter2secret secret' }],
])('a secret in %s is in no error', async (_what, path, init) => {
  respond = [answers(404)];
  const failed = await failure(path, init, { secrets });
  expect(JSON.stringify(failed)).not.toContain('hunter2secret');
});

test.each([
  ['https://user:hunter2secret@example.com/', 'user name or password'],
  ['/hunter2secret', 'has to be absolute'],
  ['file:///hunter2secret', 'it has https: and http:'],
])('%s is refused without its own words', async (address, text) => {
  const error: unknown = await context()
    .fetch(address)
    .catch((reason: unknown) => reason);
  const { developer_message: message } = raised('tool', error).failure;
  expect(message).toContain(text);
  expect(JSON.stringify(String(error))).not.toContain('hunter2secret');
});

test('a redirect takes no secret to another origin, in whatever header it is, and keeps the rest', async () => {
  const [own, other] = [url, url.replace('127.0.0.1', 'localhost')];
  const headers = { authorization: 'Bearer hunter2secret', 'x-key': 'hunter2secret', accept: 'text/plain' };
  const got: unknown[] = [];
  const hears: Respond = ({ headers: { authorization, 'x-key': key, accept } }, response) => {
    got.push([authorization, key, accept]);
    response.end('there');
  };
  for (const to of [own, other]) {
    respond = [answers(302, { location: `${to}/b` }), hears];
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
])('a %s with a key and the body %s goes on after %i as `fetch` does it', async (method, body, status, requests) => {
  for (const key of ['hunter2secret', 'no secret']) {
    heard = [];
    respond = [answers(status, { location: '/b' }), answers(200)];
    const init = { method, headers: { 'x-key': key }, ...(body === undefined ? {} : { body }) };
    expect((await context({ secrets }).fetch(`${url}/a`, init)).status).toBe(200);
    expect(heard).toEqual(requests);
  }
});

test.each([
  ['with the body once more', { method: 'POST', body: 'x' }, '/b', 308, 1],
  ['to what is no service', {}, 'ftp://example.com/', 302, 1],
  ['in circles', {}, '/a', 302, 21],
])('a request with a key is not redirected %s', async (_what, init, location, status, times) => {
  respond = [answers(status, { location })];
  const failed = await failure('/a', { ...init, headers: { 'x-key': 'hunter2secret' } }, { secrets });
  expect(failed).toMatchObject({ status_code: status });
  expect(heard).toHaveLength(times);
});

test('a trace goes along with the request', async () => {
  const facts: unknown[] = [];
  respond = [(request, response) => void response.end(request.headers.traceparent)];
  const call = context({
    secrets,
    reach: () => ({
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
