import { gzipSync } from 'node:zlib';
import { CallToolResultSchema, JSONRPCMessageSchema, ListToolsResultSchema } from '@modelcontextprotocol/sdk/types.js';
import type { InjectOptions } from 'fastify';
import { recordedName, recordedToolkit } from '../../testing/exchanges/recorded';
import { type McpServer, mcpHeaders, mcpServer } from '../../testing/worker/mcp-server';
import { metaKeys } from '../mcp/protocol';

let server: McpServer;
beforeAll(async () => {
  server = await mcpServer({ allowedOrigins: ['app.example.com'], bodyBytes: 1000 });
});
afterAll(() => server.app.close());

const echo = (message: unknown, id: string | number = 1) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: `${recordedName}_Echo`, arguments: { message } },
});
const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };

/** Sends a valid ping with changes. Omits headers that are undefined. */
function ask({
  headers,
  ...rest
}: Omit<InjectOptions, 'headers'> & { headers?: Record<string, string | undefined> } = {}) {
  const sent = Object.entries({ ...mcpHeaders, ...headers }).filter(([, value]) => value !== undefined);
  return server.app.inject({ method: 'POST', url: '/mcp', payload: ping, ...rest, headers: Object.fromEntries(sent) });
}

test('a response is application/json without a charset, and must not be stored', async () => {
  const { statusCode, headers, body } = await ask({ payload: echo('hi') });
  expect(statusCode).toBe(200);
  expect(headers).toMatchObject({
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  expect(JSON.parse(body)).toEqual({
    jsonrpc: '2.0',
    id: 1,
    result: { content: [{ type: 'text', text: 'hi' }], structuredContent: { result: 'hi' }, isError: false },
  });
  expect(JSONRPCMessageSchema.parse(JSON.parse(body))).toEqual(JSON.parse(body));
  expect(CallToolResultSchema.parse(JSON.parse(body).result)).toEqual(JSON.parse(body).result);
});

test.each(['/mcp', '/mcp/'])('serves %s without a redirect', async (url) =>
  expect((await ask({ url })).statusCode).toBe(200),
);

test.each(['/mcp/x', '/MCP', '/mcpx'])('%s is an unknown path', async (url) =>
  expect((await ask({ url })).statusCode).toBe(404),
);

describe('request headers', () => {
  test.each<[string, Record<string, string | undefined>, number]>([
    ['a foreign host', { host: 'evil.example.com' }, 403],
    ['the origin null', { origin: 'null' }, 403],
    ['a foreign origin', { origin: 'https://evil.example.com' }, 403],
    ['a listed origin', { origin: 'https://app.example.com' }, 200],
    ['an origin on this machine', { origin: 'http://localhost:6274' }, 200],
    ['no Accept', { accept: undefined }, 406],
    ['Accept text/html', { accept: 'text/html' }, 406],
    ['Accept: */*', { accept: '*/*' }, 200],
    ['Accept JSON only', { accept: 'application/json' }, 200],
    ['Content-Type text/plain', { 'content-type': 'text/plain' }, 415],
    ['Content-Type of an HTML form', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['another JSON media type', { 'content-type': 'application/json-patch+json' }, 415],
    ['no Content-Type', { 'content-type': undefined }, 415],
    ['a charset', { 'content-type': 'application/json; charset=utf-8' }, 200],
    ['a compressed body', { 'content-encoding': 'gzip' }, 415],
    ['two content encodings', { 'content-encoding': 'identity, br' }, 415],
    ['Content-Encoding identity', { 'content-encoding': 'Identity' }, 200],
    ['a stale session', { 'mcp-session-id': 'stale', 'last-event-id': '7' }, 200],
    ['an unknown revision', { 'mcp-protocol-version': '1999-01-01' }, 400],
  ])('%s: %j gives %i', async (_what, headers, status) => {
    const { statusCode, body } = await ask({ headers, payload: JSON.stringify(ping) });
    expect(statusCode).toBe(status);
    expect(JSON.parse(body)).toMatchObject(status === 200 ? { result: {} } : { error: { code: -32600 } });
  });

  test('a client that accepts only a stream gets a stream with one message', async () => {
    const { statusCode, headers, body } = await ask({ headers: { accept: 'text/event-stream' } });
    expect([statusCode, headers['content-type']]).toEqual([200, 'text/event-stream']);
    expect(body).toBe('event: message\ndata: {"jsonrpc":"2.0","id":1,"result":{}}\n\n');
  });

  test.each(['GET', 'DELETE', 'PUT', 'PATCH', 'HEAD'] as const)('%s is not allowed', async (method) => {
    const { statusCode, headers } = await ask({ method, payload: '' });
    expect([statusCode, headers.allow]).toEqual([405, 'POST, OPTIONS']);
  });

  test('the first failed check decides the response', async () => {
    const all = { host: 'evil.example.com', origin: 'null', accept: 'text/html', 'content-type': 'text/plain' };
    const without = async (...names: (keyof typeof all)[]) => {
      const headers = Object.fromEntries(
        Object.entries(all).filter(([name]) => !names.some((other) => other === name)),
      );
      return (await ask({ method: 'PUT', headers, payload: 'x' })).statusCode;
    };
    expect([await without(), await without('host'), await without('host', 'origin')]).toEqual([403, 403, 405]);
  });
});

test('rejects a compressed body with an explanation', async () => {
  const reply = await ask({ headers: { 'content-encoding': 'gzip' }, payload: gzipSync(JSON.stringify(ping)) });
  expect([reply.statusCode, reply.headers['accept-encoding']]).toEqual([415, 'identity']);
  expect(reply.json().error.message).toContain('Content-Encoding');
});

test.each<[refusal: string, found: string | undefined, changes: Parameters<typeof ask>[0]]>([
  ['host', 'a.ngrok.app', { headers: { host: 'a.ngrok.app' } }],
  ['origin', 'https://evil.example.com', { headers: { origin: 'https://evil.example.com' } }],
  ['method', undefined, { method: 'PUT' }],
  ['accept', 'text/html', { headers: { accept: 'text/html' } }],
  ['accept', undefined, { headers: { accept: undefined } }],
  ['content_type', 'text/plain', { headers: { 'content-type': 'text/plain' }, payload: 'x' }],
  ['content_encoding', 'br', { headers: { 'content-encoding': 'br' } }],
  ['body', undefined, { payload: '{' }],
  ['size', undefined, { payload: echo('a'.repeat(1000)) }],
])('logs why a request is rejected: %s, %p', async (refusal, found, changes) => {
  await ask(changes);
  expect(server.traces.at(-1)).toEqual({ refusal, ...(found === undefined ? {} : { found }) });
});

describe('browsers', () => {
  const origin = 'https://app.example.com';

  test('grants a preflight from an allowed origin', async () => {
    const { statusCode, headers, body } = await ask({
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
      payload: '',
    });
    expect([statusCode, body]).toEqual([204, '']);
    expect(headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'POST, OPTIONS',
      'access-control-allow-headers': expect.stringContaining('Mcp-Name'),
      'access-control-max-age': '86400',
      vary: 'Origin',
    });
    expect(headers).not.toHaveProperty('access-control-allow-credentials');
  });

  test('rejects a preflight from another origin', async () => {
    const headers = { origin: 'https://evil.example.com', 'access-control-request-method': 'POST' };
    expect((await ask({ method: 'OPTIONS', headers, payload: '' })).statusCode).toBe(403);
  });

  test('pages of an allowed origin can read responses, including rejections', async () => {
    const cors = { 'access-control-allow-origin': origin, vary: 'Origin' };
    expect((await ask({ headers: { origin } })).headers).toMatchObject(cors);
    expect((await ask({ headers: { origin, accept: 'text/html' } })).headers).toMatchObject(cors);
    expect((await ask()).headers).not.toHaveProperty('access-control-allow-origin');
  });
});

describe('request body', () => {
  test.each<[string, string | Buffer, number, number]>([
    ['nothing', '', 400, -32700],
    ['a truncated message', '{"jsonrpc":', 400, -32700],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 400, -32700],
    ['__proto__', '{"jsonrpc":"2.0","id":1,"method":"ping","__proto__":{"x":1}}', 400, -32700],
    ['an escaped __proto__', '{"jsonrpc":"2.0","id":1,"method":"ping","\\u005f_proto__":{"x":1}}', 400, -32700],
    ['a nested __proto__', '{"jsonrpc":"2.0","id":1,"method":"ping","params":{"__proto__":{"x":1}}}', 400, -32700],
    ['constructor.prototype', '{"jsonrpc":"2.0","id":1,"constructor":{"prototype":{"x":1}}}', 400, -32700],
    ['a number', '5', 400, -32600],
    ['an empty batch', '[]', 400, -32600],
    ['a batch of one', JSON.stringify([ping]), 400, -32600],
    ['a batch of 101', JSON.stringify(Array(101).fill(1)), 400, -32600],
    ['another version of JSON-RPC', '{"jsonrpc":"1.0","id":1,"method":"ping"}', 400, -32600],
    ['an id that is null', '{"jsonrpc":"2.0","id":null,"method":"ping"}', 400, -32600],
    ['an id that is a fraction', '{"jsonrpc":"2.0","id":1.5,"method":"ping"}', 400, -32600],
    ['more than the limit', JSON.stringify(echo('a'.repeat(1000))), 413, -32600],
  ])('rejects %s', async (_what, payload, status, code) => {
    const { statusCode, body, headers } = await ask({ payload });
    expect(statusCode).toBe(status);
    expect(headers['content-type']).toBe('application/json');
    expect(JSON.parse(body)).toMatchObject({ jsonrpc: '2.0', error: { code } });
    expect(body).not.toContain('"id":null');
  });

  test.each([
    ['{"constructor":{"prototype":{}}}', 'has a member "__proto__", or "prototype" in "constructor"; leave it out'],
    ['{"constructor":', 'is not JSON in UTF-8'],
  ])('rejects %s with a precise message', async (payload, message) => {
    expect((await ask({ payload })).json().error.message).toBe(`Parse error: the body ${message}`);
  });

  test('accepts a body of exactly the limit', async () => {
    const body = (length: number) => JSON.stringify(echo('a'.repeat(length)));
    const rest = body(0).length;
    expect((await ask({ payload: body(1000 - rest) })).statusCode).toBe(200);
    expect((await ask({ payload: body(1001 - rest) })).statusCode).toBe(413);
  });

  test.each(['{"jsonrpc":"2.0","method":"notifications/initialized"}', '{"jsonrpc":"2.0","id":1,"result":{}}'])(
    'accepts %s with an empty response',
    async (payload) => {
      const { statusCode, body, headers } = await ask({ payload });
      expect([statusCode, body, headers['content-type']]).toEqual([202, '', undefined]);
    },
  );

  test.each([0, '', Number.MAX_SAFE_INTEGER, 'ünïcødé 🙂'])('echoes the id %p exactly', async (id) => {
    expect((await ask({ payload: echo('hi', id) })).json()).toMatchObject({ id, result: { isError: false } });
  });
});

describe('calls', () => {
  test.each(['__proto__', 'constructor', 'toString', 'Echo', `${recordedName}_`, ''])(
    'rejects the unknown tool "%s"',
    async (name) => {
      const payload = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name } };
      const { statusCode, body } = await ask({ payload });
      expect(statusCode).toBe(200);
      expect(JSON.parse(body)).toEqual({
        jsonrpc: '2.0',
        id: 1,
        error: { code: -32602, message: `Unknown tool: ${name}` },
      });
    },
  );

  test.each([undefined, [], 'text', { name: `${recordedName}_Echo`, arguments: [] }])(
    'rejects the malformed params %p',
    async (params) => {
      const payload = { jsonrpc: '2.0', id: 1, method: 'tools/call', params };
      expect((await ask({ payload })).json()).toMatchObject({ id: 1, error: { code: -32602 } });
    },
  );

  test.each(['ping', 'constructor'])('ignores a byte order mark before the method %p', async (method) => {
    const payload = `\ufeff${JSON.stringify({ jsonrpc: '2.0', id: 1, method })}`;
    expect((await ask({ payload })).statusCode).toBe(200);
  });

  test('gives each of 2 000 concurrent calls with the same id its own result', async () => {
    const roomy = await mcpServer({ dispatcher: { maxCalls: 5000 } });
    const texts = Array.from({ length: 2000 }, (_, index) => `text ${index}`);
    const answers = await Promise.all(
      texts.map(async (text) => {
        const payload = echo(text, 'same');
        return (await roomy.app.inject({ method: 'POST', url: '/mcp', headers: mcpHeaders, payload })).json();
      }),
    );
    expect(answers.map(({ id, result }) => [id, result.structuredContent.result])).toEqual(
      texts.map((text) => ['same', text]),
    );
    expect(roomy.dispatcher.pending).toBe(0);
    await roomy.app.close();
  });

  test('tools/list is sorted and byte-identical each time', async () => {
    const payload = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} };
    const [first, second] = [await ask({ payload }), await ask({ payload })];
    const names = first.json().result.tools.map(({ name }: { name: string }) => name);
    expect(names).toEqual([...names].sort());
    expect(names).toContain(`${recordedName}_Whoami`);
    expect(second.body).toBe(first.body);
    expect(ListToolsResultSchema.parse(first.json().result)).toEqual(first.json().result);
  });

  test('rejects an unknown handshake method with HTTP status 200', async () => {
    const { statusCode, body } = await ask({ payload: { jsonrpc: '2.0', id: 1, method: 'foo/bar' } });
    expect([statusCode, JSON.parse(body).error.code]).toEqual([200, -32601]);
  });
});

describe('2026-07-28', () => {
  const meta = {
    [metaKeys.protocolVersion]: '2026-07-28',
    [metaKeys.clientCapabilities]: {},
    [metaKeys.clientInfo]: { name: 'a client\u202e', version: '1'.repeat(99) },
  };
  const serverInfo = { name: recordedToolkit.name, version: '1.0.0', title: recordedToolkit.name };

  function askModern(method: string, params: object = {}, headers: Record<string, string | undefined> = {}) {
    return ask({
      payload: { jsonrpc: '2.0', id: 1, method, params: { _meta: meta, ...params } },
      headers: { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method, ...headers },
    });
  }

  test('server/discover replaces the handshake', async () => {
    const { statusCode, body } = await askModern('server/discover');
    expect(statusCode).toBe(200);
    expect(JSON.parse(body).result).toEqual({
      resultType: 'complete',
      supportedVersions: ['2026-07-28'],
      capabilities: { tools: {} },
      instructions: 'Reference tools used to check an Arcade worker end to end.',
      ttlMs: 300_000,
      cacheScope: 'public',
      _meta: { [metaKeys.serverInfo]: serverInfo },
    });
  });

  test('tools/list has cache hints and the same tools as in the handshake era', async () => {
    const { result } = (await askModern('tools/list')).json();
    const handshake = (await ask({ payload: { jsonrpc: '2.0', id: 1, method: 'tools/list' } })).json();
    expect(result).toMatchObject({ resultType: 'complete', ttlMs: 300_000, cacheScope: 'public' });
    expect(result.tools).toEqual(handshake.result.tools);
    expect(handshake.result).not.toHaveProperty('ttlMs');
  });

  test('successful and failed results have the fields of 2026-07-28', async () => {
    const name = `${recordedName}_Echo`;
    const call = (message: unknown) => askModern('tools/call', { name, arguments: { message } }, { 'mcp-name': name });
    const fields = { resultType: 'complete', _meta: { [metaKeys.serverInfo]: serverInfo } };
    expect((await call('hi')).json().result).toMatchObject({ ...fields, isError: false });
    expect((await call(5)).json().result).toMatchObject({ ...fields, isError: true });
  });

  test.each(['ping', 'initialize', 'foo/bar'])('rejects the unknown method %s with 404', async (method) => {
    const { statusCode, body } = await askModern(method);
    expect([statusCode, JSON.parse(body)]).toMatchObject([404, { id: 1, error: { code: -32601 } }]);
  });

  test('rejects a request with the header but without the key in the body', async () => {
    const { statusCode, body } = await ask({ headers: { 'mcp-protocol-version': '2026-07-28' } });
    expect([statusCode, JSON.parse(body)]).toMatchObject([400, { id: 1, error: { code: -32602 } }]);
  });

  test('trims white space around a header value', async () => {
    const name = `${recordedName}_Echo`;
    const params = { name, arguments: { message: 'hi' } };
    expect((await askModern('tools/call', params, { 'mcp-name': `  ${name}\t` })).statusCode).toBe(200);
  });

  test('limits the length and characters of logged client text', async () => {
    await askModern('tools/call', { name: `${recordedName}_Echo` }, { 'mcp-name': `${recordedName}_Echo` });
    expect(server.traces.at(-1)).toEqual({
      era: 'modern',
      revision: '2026-07-28',
      method: 'tools/call',
      tool: 'Echo',
      isError: true,
      clientName: 'a client?',
      clientVersion: '1'.repeat(64),
    });
    await askModern('tools/call', { name: 'unknown' }, { 'mcp-name': 'unknown' });
    expect(server.traces.at(-1)).not.toHaveProperty('tool');
    await askModern('unknown/method');
    expect(server.traces.at(-1)).not.toHaveProperty('method');
  });
});

test('rejects requests beyond the rate limit with Retry-After', async () => {
  const slow = await mcpServer({ requestsPerMinute: 2 });
  const statuses = [];
  for (const _ of [1, 2, 3]) {
    const reply = await slow.app.inject({ method: 'POST', url: '/mcp', headers: mcpHeaders, payload: ping });
    statuses.push([reply.statusCode, reply.headers['retry-after'], reply.headers['content-type']]);
  }
  expect(statuses.map(([status]) => status)).toEqual([200, 200, 429]);
  expect(statuses[2]).toEqual([429, '60', 'application/json']);
  expect(slow.traces.map(({ refusal }) => refusal)).toEqual([undefined, undefined, 'rate']);
  await slow.app.close();
});

test('rejects calls beyond the concurrency limit', async () => {
  const full = await mcpServer({ dispatcher: { maxCalls: 0 } });
  const reply = await full.app.inject({ method: 'POST', url: '/mcp', headers: mcpHeaders, payload: ping });
  expect([reply.statusCode, reply.headers['retry-after'], reply.json().error.code]).toEqual([503, '1', -32600]);
  await full.app.close();
});

test('rejects requests while the event loop lags, and serves them again afterwards', async () => {
  let isLate = true;
  const late = await mcpServer({ isLate: () => isLate });
  const send = () => late.app.inject({ method: 'POST', url: '/mcp', headers: mcpHeaders, payload: ping });
  const refused = await send();
  expect([refused.statusCode, refused.headers['retry-after'], refused.json().error.code]).toEqual([503, '1', -32600]);
  isLate = false;
  expect((await send()).statusCode).toBe(200);
  await late.app.close();
});
