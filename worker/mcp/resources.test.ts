import { recordedName, recordedToolkit, recordedTools } from '../../testing/exchanges/recorded';
import { mcpHeaders, mcpServer, toolServiceOf } from '../../testing/worker/mcp-server';
import { testWorker } from '../../testing/worker/test-worker';
import { defineResource, defineTool, FatalToolError, z } from '../catalog/define-tool';
import { loadCatalog } from '../catalog/load';
import { metaKeys } from './protocol';
import type { ToolDependencies } from './tool-dependencies';

const pixel = Buffer.from('89504e470d0a1a0a0000', 'hex');
const sources = new Map<string, unknown>([
  [
    'resources/guide',
    defineResource({ uri: 'docs://guide', title: 'Guide', description: 'How to.', file: 'guide.md' }),
  ],
  ['resources/guide.md', Buffer.from('# Grüße')],
  ['resources/logo', defineResource({ uri: 'docs://logo.png', file: 'logo.png', ttlMs: 5, cacheScope: 'private' })],
  ['resources/logo.png', pixel],
  [
    'resources/view',
    defineResource({ text: '<p>hi</p>', page: { csp: { connectDomains: ['https://a.example.com'] } } }),
  ],
  [
    'resources/weather',
    defineResource({
      uri: 'weather://{city}/now',
      mimeType: 'application/json',
      timeoutSeconds: 7,
      read({ city }, { userId }) {
        if (city === 'broken') throw new Error('a secret in a message');
        // As `fetch` fails where nothing listens (Node 20 to 24).
        if (city === 'away') throw new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } });
        if (city === 'closed') throw new FatalToolError('The station is closed');
        return city === 'nowhere' ? null : Promise.resolve(JSON.stringify({ city, userId }));
      },
    }),
  ],
  [
    'resources/account',
    defineResource({
      uri: 'account://balance',
      requires: { secrets: ['API_KEY'] },
      read: (_, { secrets }) => `balance of ${secrets.get('API_KEY')}`,
    }),
  ],
  [
    'show',
    defineTool({
      description: 'Shows it.',
      input: z.strictObject({}),
      ui: 'view',
      examples: [{ input: {}, output: {} }],
      run: () => undefined,
    }),
  ],
]);
const pageUri = `ui://${recordedName}/1.0.0/view.html`;

/** Sends a request in the handshake era or, with `modern`, in the modern one. */
async function ask(method: string, params: object, { modern = false, ...dependencies }: Asking = {}) {
  const server = await mcpServer({ tools: sources, dependencies });
  const _meta = { [metaKeys.protocolVersion]: '2026-07-28', [metaKeys.clientCapabilities]: {} };
  const uri = 'uri' in params ? { 'mcp-name': String(params.uri) } : {};
  const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method, ...uri };
  const answer = await server.app.inject({
    method: 'POST',
    url: '/mcp',
    headers: { ...mcpHeaders, ...(modern ? headers : {}) },
    payload: { jsonrpc: '2.0', id: 1, method, params: modern ? { ...params, _meta } : params },
  });
  return { ...answer.json(), status: answer.statusCode, defects: server.defects };
}

type Asking = { readonly modern?: boolean } & Partial<ToolDependencies>;

test.each([false, true])('lists resources and templates by URI with their descriptions; modern: %s', async (modern) => {
  const { result } = await ask('resources/list', {}, { modern });
  expect(result.resources).toEqual([
    { uri: 'account://balance', name: 'account', mimeType: 'text/plain' },
    {
      uri: 'docs://guide',
      name: 'guide',
      title: 'Guide',
      description: 'How to.',
      mimeType: 'text/markdown',
      size: 9,
    },
    { uri: 'docs://logo.png', name: 'logo', mimeType: 'image/png', size: 10 },
    { uri: pageUri, name: 'view', mimeType: 'text/html;profile=mcp-app', size: 9, ...view },
  ]);
  const templates = await ask('resources/templates/list', {}, { modern });
  expect(templates.result.resourceTemplates).toEqual([
    { uriTemplate: 'weather://{city}/now', name: 'weather', mimeType: 'application/json' },
  ]);
  expect([result.ttlMs, result.cacheScope]).toEqual(modern ? [300_000, 'public'] : [undefined, undefined]);
});

const view = { _meta: { ui: { csp: { connectDomains: ['https://a.example.com'] } } } };

test.each([
  ['docs://guide', { mimeType: 'text/markdown', text: '# Grüße' }, [300_000, 'public']],
  ['docs://logo.png', { mimeType: 'image/png', blob: pixel.toString('base64') }, [5, 'private']],
  [pageUri, { mimeType: 'text/html;profile=mcp-app', text: '<p>hi</p>', ...view }, [300_000, 'public']],
  [
    'weather://K%C3%B6ln/now',
    { mimeType: 'application/json', text: '{"city":"Köln","userId":"nobody-in-particular"}' },
    [0, 'private'],
  ],
])('reads %s in both eras, with cache hints only in 2026-07-28', async (uri, contents, hints) => {
  const [handshake, modern] = [
    await ask('resources/read', { uri }),
    await ask('resources/read', { uri }, { modern: true }),
  ];
  expect(handshake.result).toEqual({ contents: [{ uri, ...contents }] });
  const { ttlMs, cacheScope, contents: again, resultType } = modern.result;
  expect([again, [ttlMs, cacheScope], resultType]).toEqual([[{ uri, ...contents }], hints, 'complete']);
});

test.each(['docs://nothing', 'weather://a/b/now', 'weather://%/now', 'weather://nowhere/now', 'weather://{city}/now'])(
  'rejects the unknown resource %s with the error code of each era',
  async (uri) => {
    const message = `Resource not found: ${uri}`;
    const answers = [await ask('resources/read', { uri }), await ask('resources/read', { uri }, { modern: true })];
    expect(answers.map(({ error, status }) => ({ error, status }))).toEqual([
      { status: 200, error: { code: -32002, message, data: { uri } } },
      { status: 200, error: { code: -32602, message, data: { uri } } },
    ]);
  },
);

test('sends the message of a ToolError to the caller and hides every other error', async () => {
  const { error, defects } = await ask('resources/read', { uri: 'weather://closed/now' });
  expect([error, defects]).toEqual([{ code: -32603, message: 'The station is closed' }, []]);
  const away = await ask('resources/read', { uri: 'weather://away/now' });
  expect([away.error, away.defects]).toEqual([{ code: -32603, message: 'The service cannot be reached' }, []]);
  const broken = await ask('resources/read', { uri: 'weather://broken/now' });
  expect(broken.error).toEqual({ code: -32603, message: 'Internal error' });
  expect(broken.defects).toEqual([new Error('a secret in a message')]);
});

test('uses a secret only for the caller that started the process', async () => {
  const secretOf = (key: string) => `${key}-1`;
  const refused = await ask('resources/read', { uri: 'account://balance' }, { secretOf });
  expect(refused.error.code).toBe(-32600);
  expect(refused.error.message).toMatch(/^Cannot read "account:\/\/balance" here: it uses secrets of this server/);
  const { result } = await ask('resources/read', { uri: 'account://balance' }, { secretOf, isLocal: true });
  expect(result.contents[0].text).toBe('balance of API_KEY-1');
});

test('rejects a read without a URI, and gives each read the time limit of its resource', async () => {
  expect((await ask('resources/read', {})).error.code).toBe(-32602);
  const service = toolServiceOf(sources);
  const limit = (uri: string) => service.timeLimitOf?.({ method: 'resources/read', params: { uri } });
  expect([limit('weather://a/now'), limit('docs://guide'), limit('x:y')]).toEqual([7000, 30_000, undefined]);
});

test('a tool announces its page to MCP clients and to the engine; a server without resources announces none', async () => {
  const { result } = await ask('tools/list', {});
  expect(result.tools[0]._meta).toEqual({ ui: { resourceUri: pageUri } });
  const [shown] = loadCatalog(recordedToolkit, sources).tools;
  expect(shown?.engine).toHaveProperty('_meta', { ui: { resourceUri: pageUri } });
  expect(toolServiceOf(sources).capabilities).toEqual({ tools: {}, resources: {} });
  expect(toolServiceOf(recordedTools).capabilities).toEqual({ tools: {} });
  expect(JSON.stringify(loadCatalog(recordedToolkit, recordedTools).tools.map(({ engine }) => engine))).not.toContain(
    '_meta',
  );
});

test('sends a long text completely, with its length, headers and log line, also while the server drains', async () => {
  const text = 'ü'.repeat(20_000);
  const tools = new Map([['resources/long', defineResource({ uri: 'docs://long', mimeType: 'text/plain', text })]]);
  const { app, lifecycle, lines } = testWorker({ ARCADE_WORKER_SECRET: 'secret' }, { tools });
  const payload = { jsonrpc: '2.0', id: 'ü', method: 'resources/read', params: { uri: 'docs://long' } };
  const read = (accept: string) =>
    app.inject({ method: 'POST', url: '/mcp', headers: { ...mcpHeaders, accept }, payload });
  const answer = await read('application/json');
  expect(answer.json()).toMatchObject({ id: 'ü', result: { contents: [{ uri: 'docs://long', text }] } });
  expect(answer.headers).toMatchObject({
    'content-type': 'application/json',
    'content-length': String(answer.rawPayload.length),
    'cache-control': 'no-store',
  });
  expect(answer.headers.connection).not.toBe('close');
  lifecycle.drain();
  expect((await read('application/json')).headers.connection).toBe('close');
  expect((await read('text/event-stream')).body).toMatch(/^event: message\ndata: \{"jsonrpc".*ü"\}\]\}\}\n\n$/);
  expect(lines.filter(({ method }) => method === 'resources/read')).toHaveLength(3);
  await app.close();
});
