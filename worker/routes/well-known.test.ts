import { authorizationServer } from '../../testing/worker/authorization-server';
import { type TestWorker, testWorker } from '../../testing/worker/test-worker';

const origin = 'https://app.example.com';
const document = '/.well-known/oauth-protected-resource/mcp';
let open: TestWorker;
let guarded: TestWorker;

beforeAll(async () => {
  const issuer = await authorizationServer('https://mcp.example.com/mcp');
  issuer.close();
  const common = {
    ARCADE_WORKER_SECRET: 'a-long-enough-secret',
    MCP_ALLOWED_ORIGINS: new URL(origin).hostname,
    LOG_LEVEL: 'fatal',
  };
  open = testWorker(common);
  guarded = testWorker({
    ...common,
    MCP_RESOURCE_SERVER_CANONICAL_URL: 'https://mcp.example.com/mcp',
    MCP_RESOURCE_SERVER_AUTHORIZATION_SERVERS: JSON.stringify([
      { authorization_server_url: issuer.server.url, issuer: issuer.server.issuer, jwks_uri: issuer.server.jwksUri },
    ]),
  });
});
afterAll(() => Promise.all([open.app.close(), guarded.app.close()]));

/** The preflight of a browser before a page of `origin` may send a request with these headers. */
function preflight({ app }: TestWorker, url: string, method: string, headers: string) {
  const requested = { 'access-control-request-method': method, 'access-control-request-headers': headers };
  return app.inject({ method: 'OPTIONS', url, headers: { host: 'localhost', origin, ...requested } });
}

/** Whether a browser would let the request through (Fetch standard, "CORS-preflight fetch"). */
function passes(
  { statusCode, headers }: Awaited<ReturnType<typeof preflight>>,
  method: string,
  names: string,
): boolean {
  const listed = (name: string) =>
    String(headers[name] ?? '')
      .toLowerCase()
      .split(/,\s*/);
  const allowed = listed('access-control-allow-headers');
  return (
    statusCode >= 200 &&
    statusCode < 300 &&
    ['*', origin].includes(String(headers['access-control-allow-origin'])) &&
    (['GET', 'HEAD', 'POST'].includes(method) ||
      listed('access-control-allow-methods').includes(method.toLowerCase())) &&
    names.split(',').every((name) => allowed.includes(name) || (allowed.includes('*') && name !== 'authorization'))
  );
}

const sent = 'accept,authorization,content-type,mcp-method,mcp-name,mcp-protocol-version,traceparent';

test.each<[path: string, method: string, names: string, ofOpen: boolean, ofGuarded: boolean]>([
  ['/mcp', 'POST', sent, true, true],
  ['/mcp/', 'POST', sent, true, true],
  [document, 'GET', 'mcp-protocol-version', true, true],
  [document, 'HEAD', `${sent},x-anything`, true, true],
  ['/.well-known/oauth-protected-resource', 'GET', 'mcp-protocol-version', true, true],
  ['/.well-known/oauth-authorization-server', 'GET', 'mcp-protocol-version', true, true],
  ['/.well-known/oauth-authorization-server/mcp', 'GET', 'mcp-protocol-version', true, true],
  ['/.well-known/openid-configuration', 'GET', 'mcp-protocol-version', true, true],
  // Not for web pages: the engine's routes and unknown paths.
  ['/worker/health', 'GET', 'authorization', false, false],
  ['/worker/tools', 'GET', 'authorization', false, false],
  ['/worker/tools/invoke', 'POST', 'authorization,content-type', false, false],
  ['/', 'GET', 'x-anything', false, false],
  ['/nowhere', 'GET', 'x-anything', false, false],
])('the preflight of %s for %s with %s', async (path, method, names, ofOpen, ofGuarded) => {
  const answers = [await preflight(open, path, method, names), await preflight(guarded, path, method, names)];
  expect(answers.map((answer) => passes(answer, method, names))).toEqual([ofOpen, ofGuarded]);
  for (const answer of answers) expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
});

test('answers a preflight of the metadata document with an empty 204', async () => {
  const { statusCode, body, headers } = await preflight(guarded, document, 'GET', 'mcp-protocol-version');
  expect([statusCode, body, headers['access-control-max-age']]).toEqual([204, '', '86400']);
});

test.each([document, '/.well-known/oauth-protected-resource', `${document}/`])(
  'HEAD %s is answered like GET, without the body',
  async (url) => {
    const [get, head] = [await guarded.app.inject({ url }), await guarded.app.inject({ method: 'HEAD', url })];
    expect([get.statusCode, head.statusCode, head.body]).toEqual([200, 200, '']);
    for (const name of ['content-type', 'content-length', 'cache-control', 'access-control-allow-origin']) {
      expect(get.headers[name]).toBeTruthy();
      expect(head.headers[name]).toBe(get.headers[name]);
    }
  },
);

test.each(['POST', 'PUT', 'DELETE'] as const)('rejects %s of the metadata document', async (method) => {
  const { statusCode, headers } = await guarded.app.inject({ method, url: document });
  expect([statusCode, headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS']);
});

test.each(['GET', 'HEAD', 'POST'] as const)(
  'a page can read the 404 of other metadata documents: %s',
  async (method) => {
    for (const worker of [open, guarded]) {
      for (const url of ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration/mcp']) {
        const { statusCode, headers, body } = await worker.app.inject({ method, url, headers: { origin } });
        expect([statusCode, headers['access-control-allow-origin']]).toEqual([404, '*']);
        expect(body).toBe(method === 'HEAD' ? '' : '{"detail":"Not Found"}');
      }
    }
  },
);

test('an open server has no metadata document', async () => {
  expect((await open.app.inject({ url: document })).statusCode).toBe(404);
});
