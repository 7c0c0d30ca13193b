import { readdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import jwt from 'jsonwebtoken';
import { replay, type ServerKind, serverKinds, type Vector, vectorsFor } from './replay';
import { mint } from './token';

test('every vector belongs to a kind of server', () => {
  for (const area of ['worker', 'mcp'] as const) {
    const files = readdirSync(join(__dirname, 'vectors', area)).map((file) => file.replace(/\.json$/, ''));
    const names = serverKinds.flatMap((kind) => vectorsFor(area, kind).map(({ name }) => name));
    expect(files.length).toBeGreaterThan(40);
    expect(names.sort()).toEqual(files.sort());
  }
});

test('resolves same_as to the answer of the other vector', () => {
  const [expected] = named('tools-extra-space').answers;
  expect(expected.body).toEqual(named('tools-three').answers[0].body);
  expect(expected.headers).toEqual({ 'content-type': 'application/json' });
});

test('a JWT library accepts a minted token until it expires', () => {
  const secret = 'a-secret';
  const token = mint({ secret, alg: 'HS256', claims: { aud: ['worker', '<now+300>'], exp: '<now+300>' } }, 1000.9);
  expect(jwt.verify(token, secret, { clockTimestamp: 1000 })).toEqual({ aud: ['worker', 1300], exp: 1300 });
  expect(() => jwt.verify(token, secret, { clockTimestamp: 1300 })).toThrow('jwt expired');
  expect(() => jwt.verify(token, 'another')).toThrow('invalid signature');
});

test('the header of a minted token can be changed and removed, and `none` leaves the signature empty', () => {
  const recipe = { secret: 's', claims: null, header: { typ: null, kid: 5 } };
  const [header, payload, signature] = mint({ ...recipe, alg: 'none' }).split('.');
  expect(JSON.parse(Buffer.from(header ?? '', 'base64url').toString())).toEqual({ alg: 'none', kid: 5 });
  expect(Buffer.from(payload ?? '', 'base64url').toString()).toBe('null');
  expect(signature).toBe('');
  expect(() => mint({ ...recipe, alg: 'RS256' })).toThrow('Cannot sign with "RS256"');
});

describe('against a server', () => {
  const seen: { line: string; session: string | undefined; body: string }[] = [];
  let respond: (request: IncomingMessage, response: ServerResponse, body: string) => void;
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const session = request.headers['mcp-session-id'];
    seen.push({ line: `${request.method} ${request.url}`, session: session?.toString(), body });
    respond(request, response, body);
  });
  let url = '';

  beforeAll(async () => {
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    // The address of a TCP listener is an object.
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    seen.length = 0;
  });
  afterAll(() => new Promise((done) => server.close(done)));

  function answerWith(status: number, body: unknown, headers: Record<string, string> = {}) {
    respond = (_, response) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    };
  }

  test('distinguishes the recorded answer, an alternative and a wrong answer', async () => {
    answerWith(200, { status: 'ok', tool_count: '3' });
    expect(await replay(named('health-ok'), url)).toMatchObject({ fits: true, form: 0, differences: [] });
    expect(await replay(named('health-trailing-slash'), url)).toMatchObject({ fits: true, form: 1 });
    answerWith(200, { status: 'ok', tool_count: 3 });
    expect(await replay(named('health-ok'), url)).toMatchObject({
      fits: false,
      differences: ['body.tool_count: wanted "3", found 3'],
    });
    answerWith(307, '', { location: `${url}/worker/health` });
    expect(await replay(named('health-trailing-slash'), url)).toMatchObject({ fits: false });
  });

  test('sends a GET with a body, and duplicate members unchanged', async () => {
    answerWith(200, {});
    await replay(named('tools-get-with-garbage-body'), url);
    await replay(named('invoke-duplicate-keys'), url);
    expect(seen[0]).toMatchObject({ line: 'GET /worker/tools', body: 'not json' });
    expect(seen[1]?.body).toContain('"message":"first","message":"hi"');
  });

  test('opens a session in the state of the vector, and sends its id', async () => {
    respond = (_, response, body) => {
      const notified = body.includes('notifications/');
      response.writeHead(notified ? 202 : 200, { 'content-type': 'application/json', 'mcp-session-id': 'f00' });
      response.end(notified ? '' : '{"jsonrpc":"2.0","id":2,"result":{}}');
    };
    expect(await replay(named('ping-open', 'mcp'), url)).toMatchObject({ fits: true });
    expect(seen.map(({ session }) => session)).toEqual([undefined, 'f00']);
    seen.length = 0;
    await replay({ ...named('list', 'mcp'), state: 'closed' }, url);
    expect(seen.map(({ line, session }) => [line, session])).toEqual([
      ['POST /mcp', undefined],
      ['POST /mcp', 'f00'],
      ['DELETE /mcp', 'f00'],
      ['POST /mcp', 'f00'],
    ]);
  });

  test('throws if the handshake is rejected', async () => {
    answerWith(400, {});
    await expect(replay(named('ping-open', 'mcp'), url)).rejects.toThrow('answered 400 to initialize');
  });

  test('a stateless server must answer without a session id, and one with sessions must not', async () => {
    answerWith(200, { jsonrpc: '2.0', id: 2, result: {} });
    expect(await replay(named('no-id', 'mcp'), url, { stateless: true })).toMatchObject({ fits: true });
    expect(await replay(named('no-id', 'mcp'), url)).toMatchObject({ fits: false });
    answerWith(400, {});
    expect(await replay(named('no-id', 'mcp'), url, { stateless: true })).toMatchObject({ fits: false });
    expect(await replay(named('no-id', 'mcp'), url)).toMatchObject({ fits: true });
  });

  test('reads only the headers of a stream', async () => {
    respond = (request, response) => {
      if (request.method === 'POST') response.writeHead(seen.length === 1 ? 200 : 202).end();
      else
        response
          .writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache, no-transform' })
          .write(':');
    };
    expect(await replay(named('get-stream', 'mcp'), url)).toMatchObject({ fits: true });
    server.closeAllConnections();
  });
});

function named(name: string, area: 'worker' | 'mcp' = 'worker', kind: ServerKind = 'base'): Vector {
  const vector = vectorsFor(area, kind).find((candidate) => candidate.name === name);
  if (vector === undefined) throw new Error(`There is no vector "${name}"`);
  return vector;
}
