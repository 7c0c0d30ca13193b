import { recordedName } from '../../testing/exchanges/recorded';
import { authorizationServer } from '../../testing/worker/authorization-server';
import { mcpHeaders } from '../../testing/worker/mcp-server';
import { type TestWorker, testWorker } from '../../testing/worker/test-worker';
import { defineTool, z } from '../catalog/define-tool';
import { metaKeys } from './protocol';

const remove = defineTool({
  description: 'Delete everything.',
  input: z.strictObject({}),
  output: z.string(),
  examples: [{ input: {}, output: 'deleted' }],
  confirm: true,
  run: (_input, { userId }) => `deleted by ${userId}`,
});
const name = `${recordedName}_Remove`;
const _meta = { [metaKeys.protocolVersion]: '2026-07-28', [metaKeys.clientCapabilities]: { elicitation: {} } };

async function call({ app }: TestWorker, token: string, params: object = {}) {
  const headers = {
    ...mcpHeaders,
    host: 'localhost',
    authorization: `Bearer ${token}`,
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': name,
  };
  const payload = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: {}, _meta, ...params } };
  return (await app.inject({ method: 'POST', url: '/mcp', headers, payload })).json();
}

test('accepts answers only from the caller that was asked, on any replica, also during a secret rotation', async () => {
  const issuer = await authorizationServer('https://mcp.example.com/mcp');
  const { url, issuer: iss, jwksUri } = issuer.server;
  const servers = [{ authorization_server_url: url, issuer: iss, jwks_uri: jwksUri }];
  const environment = {
    MCP_ALLOWED_HOSTS: 'localhost',
    MCP_RESOURCE_SERVER_CANONICAL_URL: 'https://mcp.example.com/mcp',
    MCP_RESOURCE_SERVER_AUTHORIZATION_SERVERS: JSON.stringify(servers),
  };
  const replica = (secrets: Record<string, string>) =>
    testWorker({ ...environment, ...secrets }, { tools: new Map([['remove', remove]]) });
  const old = replica({ ARCADE_WORKER_SECRET: 'the previous secret' });
  const rotating = replica({
    ARCADE_WORKER_SECRET: 'the current secret',
    ARCADE_WORKER_SECRET_PREVIOUS: 'the previous secret',
  });
  const foreign = replica({ ARCADE_WORKER_SECRET: 'secret of another server' });

  const [ada, bob] = [await issuer.token({ sub: 'ada' }), await issuer.token({ sub: 'bob' })];
  const { requestState, inputRequests } = (await call(old, ada)).result;
  const inputResponses = Object.fromEntries(Object.keys(inputRequests).map((key) => [key, { action: 'accept' }]));
  const answered = { requestState, inputResponses };
  expect((await call(old, bob, answered)).error).toMatchObject({
    code: -32602,
    message: expect.stringContaining('was issued to another caller'),
  });
  expect((await call(foreign, ada, answered)).error.message).toContain('was not issued by this server');
  // A renewed token identifies the same person.
  const renewed = await issuer.token({ sub: 'ada', jti: 'another' });
  expect((await call(rotating, renewed, answered)).result.structuredContent).toEqual({ result: 'deleted by ada' });
  expect((await call(rotating, ada, answered)).error.message).toContain('was already used');
  const calls = await rotating.metrics.registry.metrics();
  expect(calls).toMatch(/tool="Remove",outcome="ok"\} 1/);
  expect(await old.metrics.registry.metrics()).toMatch(/tool="Remove",outcome="asked"\} 1/);
  issuer.close();
  await Promise.all([old, rotating, foreign].map(({ app }) => app.close()));
});
