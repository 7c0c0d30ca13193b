import { once } from 'node:events';
import { createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { recordedName, recordedToolkit } from '../../testing/exchanges/recorded';
import { authorizationServer } from '../../testing/worker/authorization-server';
import { readFixtureTools } from '../../testing/worker/fixtures';
import { mcpHeaders } from '../../testing/worker/mcp-server';
import { listening, type TestWorker, testWorker } from '../../testing/worker/test-worker';
import { defineTool, z } from '../catalog/define-tool';
import type { Tracing } from '../telemetry/tracing';
import { metaKeys } from './protocol';
import { RequestStates } from './request-state';

const base = { ARCADE_SERVER_TRANSPORT: 'http', ARCADE_WORKER_SECRET: 'a-secret-for-tests' };

function call(server: TestWorker, name: string, args: object = {}, headers: Record<string, string> = {}) {
  return server.app.inject({
    method: 'POST',
    url: '/mcp/',
    headers: { ...mcpHeaders, ...headers },
    payload: {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: `${recordedName}_${name}`, arguments: args },
    },
  });
}

test('logs one line per request, without its content', async () => {
  const server = testWorker(base);
  await call(server, 'Echo', { message: 'hush' }, { 'x-request-id': 'r-1' });
  expect(server.lines.filter(({ message }) => message === 'MCP request')).toEqual([
    {
      level: 'info',
      time: expect.any(String),
      message: 'MCP request',
      route: '/mcp',
      era: 'handshake',
      revision: '2025-03-26',
      method: 'tools/call',
      tool_name: 'Echo',
      toolkit_name: recordedName,
      toolkit_version: '1.0.0',
      is_error: false,
      duration_ms: expect.any(Number),
      status: 200,
      request_id: 'r-1',
    },
  ]);
  expect(JSON.stringify(server.lines)).not.toContain('hush');
  await server.app.close();
});

test('logs a second line for a failed call, with the field names of the Python server', async () => {
  const server = testWorker(base, { tools: readFixtureTools() });
  await call(server, 'Boom', {}, { 'x-request-id': 'r-2' });
  expect(server.lines).toContainEqual(
    expect.objectContaining({
      level: 'warn',
      message: 'tool call failed',
      way: 'mcp',
      tool_name: 'Boom',
      request_id: 'r-2',
      error_kind: 'TOOL_RUNTIME_FATAL',
      error_developer_message: expect.stringContaining('kaboom'),
    }),
  );
  await server.app.close();
});

test('counts requests, calls and pending calls', async () => {
  const server = testWorker(base);
  await call(server, 'Echo', { message: 'hi' });
  await call(server, 'Echo', { message: 5 });
  await server.app.inject({ method: 'GET', url: '/mcp' });
  const text = await server.metrics.registry.metrics();
  expect(text).toContain('mcp_requests_total{era="handshake",method="tools/call",status="200"} 2');
  expect(text).toContain('mcp_requests_total{era="none",method="none",status="405"} 1');
  expect(text).toContain('tool_call{way="mcp",tool="Echo",outcome="ok"} 1');
  expect(text).toContain('tool_call{way="mcp",tool="Echo",outcome="TOOL_RUNTIME_BAD_INPUT_VALUE"} 1');
  expect(text).toContain('mcp_remembered_calls 0');
  await server.app.close();
});

test('anonymous calls get ARCADE_USER_ID as their user id, or a random one each', async () => {
  const anonymous = testWorker(base);
  const named = testWorker({ ...base, ARCADE_USER_ID: 'ada@example.com' });
  const whoami = async (server: TestWorker) => (await call(server, 'Whoami')).json().result.structuredContent.result;
  const [first, second] = [await whoami(anonymous), await whoami(anonymous)];
  expect(first).toMatch(/^[0-9a-f-]{36}$/);
  expect(second).not.toBe(first);
  expect(await whoami(named)).toBe('ada@example.com');
  await Promise.all([anonymous.app.close(), named.app.close()]);
});

test('disabled tools are in neither catalogue, and the environment sets the name separator', async () => {
  const { app, catalog } = testWorker({
    ...base,
    ARCADE_DISABLED_TOOLS: `${recordedName.toLowerCase()}.ECHO, ${recordedName}.Gone`,
    ARCADE_TOOL_NAME_SEPARATOR: '::',
  });
  expect(JSON.parse(catalog.engineJson).map((tool: Record<string, unknown>) => tool.fully_qualified_name)).toEqual([
    `${recordedName}::Add`,
    `${recordedName}::Whoami`,
  ]);
  expect(catalog.mcpTools.map(({ mcpName }) => mcpName)).toEqual([`${recordedName}_Add`, `${recordedName}_Whoami`]);
  expect(catalog.unknownDisabledTools).toEqual([`${recordedName}.Gone`]);
  const none = testWorker({ ...base, ARCADE_DISABLED_TOOLKITS: `other,${recordedToolkit.name}` });
  expect(none.catalog.tools).toEqual([]);
  await Promise.all([app.close(), none.app.close()]);
});

test('instructions come from the environment, and /mcp requires no worker secret', async () => {
  const server = testWorker({ ARCADE_SERVER_TRANSPORT: 'http', MCP_SERVER_INSTRUCTIONS: 'Be brief.' });
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'a', version: '1' } };
  const payload = { jsonrpc: '2.0', id: 1, method: 'initialize', params };
  const reply = await server.app.inject({ method: 'POST', url: '/mcp', headers: mcpHeaders, payload });
  expect(reply.json().result.instructions).toBe('Be brief.');
  await server.app.close();
});

test.each([
  ['not signed with a short secret', 'dev', 'changed'],
  ['signed with a long secret, for all replicas', 'a-secret-for-tests', 'call'],
])('request states are %s', async (_what, secret, fault) => {
  const remove = defineTool({
    description: 'Delete everything.',
    input: z.strictObject({}),
    examples: [{ input: {}, output: {} }],
    confirm: true,
    run: () => undefined,
  });
  const server = testWorker({ ...base, ARCADE_WORKER_SECRET: secret }, { tools: new Map([['remove', remove]]) });
  const name = `${recordedName}_Remove`;
  const _meta = {
    [metaKeys.protocolVersion]: '2026-07-28',
    [metaKeys.clientCapabilities]: { elicitation: {} },
  };
  const answer = await server.app.inject({
    method: 'POST',
    url: '/mcp',
    headers: { ...mcpHeaders, 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': name },
    payload: { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: {}, _meta } },
  });
  const other = { tool: 'another', args: {}, caller: ['anybody'] };
  expect(new RequestStates([secret]).redeem(answer.json().result.requestState, other)).toBe(fault);
  await server.app.close();
});

test('a configured resource server guards /mcp, publishes its metadata, and does not affect /worker', async () => {
  const canonicalUrl = 'https://mcp.example.com/mcp';
  const issuer = await authorizationServer(canonicalUrl);
  const { url, issuer: name, jwksUri } = issuer.server;
  const server = testWorker({
    ...base,
    MCP_RESOURCE_SERVER_CANONICAL_URL: canonicalUrl,
    MCP_RESOURCE_SERVER_AUTHORIZATION_SERVERS: JSON.stringify([
      { authorization_server_url: url, issuer: name, jwks_uri: jwksUri },
    ]),
  });
  expect((await call(server, 'Whoami')).statusCode).toBe(401);
  const authorization = `Bearer ${await issuer.token({ oid: 'o-1' })}`;
  let reply = await call(server, 'Whoami', {}, { authorization });
  // The key fetch has its production timeout, which a busy machine may exceed.
  while (reply.statusCode === 503) reply = await call(server, 'Whoami', {}, { authorization });
  expect(reply.json().result.structuredContent).toEqual({ result: 'ada' });
  expect(server.lines.at(-1)).toMatchObject({ user_id: 'ada', caller: { oid: 'o-1' } });
  expect(await server.metrics.registry.metrics()).toContain('worker_refused_tokens_total{reason="mcp_missing"} 1');
  const metadata = await server.app.inject({ url: '/.well-known/oauth-protected-resource/mcp' });
  expect(metadata.json()).toMatchObject({ resource: canonicalUrl });
  expect((await server.app.inject({ url: '/worker/health' })).statusCode).toBe(200);
  await server.app.close();
  issuer.close();
});

test('warns on a non-loopback address that Host is not checked, unless host names are configured', async () => {
  const warnings = async (environment: Record<string, string>) => {
    const server = testWorker({ ...base, ARCADE_SERVER_HOST: '0.0.0.0', ...environment });
    await server.app.ready();
    await server.app.close();
    return server.lines.filter(({ level, message }) => level === 'warn' && String(message).includes('Host')).length;
  };
  expect(await warnings({})).toBe(1);
  expect(await warnings({ MCP_ALLOWED_HOSTS: 'mcp.example.com' })).toBe(0);
});

test('two workers behind a round-robin proxy serve the official client', async () => {
  const workers = [testWorker(base), testWorker(base)];
  const ports = await Promise.all(workers.map(async (worker) => Number(new URL(await listening(worker)).port)));
  let turn = 0;
  const proxy = createServer((incoming, outgoing) => {
    turn += 1;
    const { method, url, headers } = incoming;
    const sent = forward({ host: '127.0.0.1', port: ports[turn % 2], method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(sent);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  // A server that listens on a port never has a string address.
  const url = new URL(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}/mcp`);

  const client = new Client({ name: 'official', version: '1.0.0' });
  // The class declares `sessionId` without undefined, which exactOptionalPropertyTypes rejects (SDK 1.32.2).
  await client.connect(new StreamableHTTPClientTransport(url) as Transport);
  await client.listTools();
  const texts = Array.from({ length: 40 }, (_, index) => `text ${index}`);
  const results = await Promise.all(
    texts.map((message) => client.callTool({ name: `${recordedName}_Echo`, arguments: { message } })),
  );
  expect(results.map(({ structuredContent }) => structuredContent)).toEqual(texts.map((result) => ({ result })));
  await client.close();

  const servedBy = (worker: TestWorker | undefined) =>
    worker?.lines.filter(({ tool_name: tool, client_name: name }) => tool === 'Echo' || name === 'official').length;
  expect(servedBy(workers[0])).toBeGreaterThan(10);
  expect(servedBy(workers[1])).toBeGreaterThan(10);
  proxy.closeAllConnections();
  proxy.close();
  await Promise.all(workers.map(({ app }) => app.close()));
});

test('a span joins the trace of the message, otherwise the trace of the request', async () => {
  const seen: unknown[] = [];
  const tracing: Tracing = {
    catalogRequested: () => undefined,
    fetch: (_facts, send) => send({}),
    call: async (_tool, headers, run) => {
      seen.push(headers.traceparent);
      return run();
    },
    stop: async () => undefined,
  };
  const { app } = testWorker(base, { tracing });
  for (const _meta of [undefined, { traceparent: 'of the message' }]) {
    const params = { name: `${recordedName}_Echo`, arguments: { message: 'hi' }, _meta };
    const payload = { jsonrpc: '2.0', id: 1, method: 'tools/call', params };
    const headers = { ...mcpHeaders, traceparent: 'of the request' };
    expect((await app.inject({ method: 'POST', url: '/mcp', headers, payload })).json().result.isError).toBe(false);
  }
  expect(seen).toEqual(['of the request', 'of the message']);
  await app.close();
});
