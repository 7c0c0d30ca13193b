import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateKeyPair, SignJWT } from 'jose';
import { recordedName, recordedToolkit } from '../../testing/exchanges/recorded';
import { type AuthorizationServer, authorizationServer } from '../../testing/worker/authorization-server';
import { keysTimeoutMs, type McpServer, mcpHeaders, mcpServer } from '../../testing/worker/mcp-server';
import { defineTool, z } from '../catalog/define-tool';
import type { ResourceServerSettings } from '../config/resource-server';
import { tokenCheck } from './access-token';
import { ResourceServer } from './resource-server';

const canonicalUrl = 'https://mcp.example.com/mcp';
const metadataUrl = 'https://mcp.example.com/.well-known/oauth-protected-resource/mcp';
const now = () => Math.floor(Date.now() / 1000);

let issuer: AuthorizationServer;
let settings: ResourceServerSettings;
beforeAll(async () => {
  issuer = await authorizationServer(canonicalUrl);
  settings = {
    canonicalUrl,
    authorizationServers: [issuer.server],
    scopesSupported: ['call', 'offline_access'],
    defaultChallengeScopes: ['call'],
  };
});
afterAll(() => issuer.close());

function serverWith(changes: Partial<ResourceServerSettings>): ResourceServer {
  const changed = { ...settings, ...changes };
  return new ResourceServer(changed, tokenCheck(changed, { keysTimeoutMs }));
}

describe('/mcp as a resource server', () => {
  let server: McpServer;
  beforeAll(async () => {
    server = await mcpServer({ resourceServer: settings });
  });
  afterAll(() => server.app.close());

  function call(authorization?: string, method = 'tools/call', name = `${recordedName}_Whoami`) {
    return server.app.inject({
      method: 'POST',
      url: '/mcp',
      headers: { ...mcpHeaders, ...(authorization === undefined ? {} : { authorization }) },
      payload: { jsonrpc: '2.0', id: 1, method, params: { name } },
    });
  }

  const challenge = `Bearer resource_metadata="${metadataUrl}", scope="call"`;

  test("the caller's user id is the token's subject", async () => {
    const reply = await call(`Bearer ${await issuer.token()}`);
    expect(reply.statusCode).toBe(200);
    expect(reply.json().result.structuredContent).toEqual({ result: 'ada' });
  });

  test.each(['initialize', 'tools/list', 'tools/call'])('challenges %s without a token', async (method) => {
    const reply = await call(undefined, method);
    expect(reply.statusCode).toBe(401);
    expect(reply.headers['www-authenticate']).toBe(challenge);
    expect(reply.headers['cache-control']).toBe('no-store');
    expect(reply.json()).toEqual({ error: 'unauthorized', error_description: expect.any(String) });
  });

  test.each(['', 'Basic YTpi', 'Bearer', 'Bearer ', 'Bearer a b'])(
    'challenges the header "%s" as without a token',
    async (authorization) => {
      expect((await call(authorization)).headers['www-authenticate']).toBe(challenge);
    },
  );

  const unsigned = (claims: object) =>
    [{ alg: 'none', typ: 'JWT' }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
  const sharedSecret = () =>
    new SignJWT({ iss: issuer.server.issuer, aud: canonicalUrl, sub: 'ada', iat: now(), exp: now() + 300 })
      .setProtectedHeader({ alg: 'HS256', kid: 'first' })
      .sign(new TextEncoder().encode(issuer.jwks));
  const otherKey = async () =>
    new SignJWT({ iss: issuer.server.issuer, aud: canonicalUrl, sub: 'ada', iat: now(), exp: now() + 300 })
      .setProtectedHeader({ alg: 'RS256', kid: 'first' })
      .sign((await generateKeyPair('RS256')).privateKey);

  test.each<[what: string, token: () => Promise<string> | string, refusal: string, found?: string]>([
    ['garbage', () => 'garbage', 'format'],
    ['three invalid segments', () => 'a.b.c', 'format'],
    ['an encrypted token', () => 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..a.b.c', 'format'],
    ['an expired token', () => issuer.token({ exp: now() - 61 }), 'expired'],
    [
      'another audience',
      () => issuer.token({ aud: 'https://other.example.com/mcp' }),
      'audience',
      'https://other.example.com/mcp',
    ],
    ['other audiences', () => issuer.token({ aud: ['one', 'two'] }), 'audience', 'one two'],
    ['no audience', () => issuer.token({ aud: undefined }), 'audience'],
    ['another issuer', () => issuer.token({ iss: 'https://login.example.com' }), 'issuer', 'https://login.example.com'],
    ['a numeric issuer', () => issuer.token({ iss: 5 }), 'issuer'],
    ['no issuer', () => issuer.token({ iss: undefined }), 'issuer'],
    ['no expiry', () => issuer.token({ exp: undefined }), 'claims', 'exp'],
    ['no issue time', () => issuer.token({ iat: undefined }), 'claims', 'iat'],
    ['no subject', () => issuer.token({ sub: undefined }), 'claims', 'sub'],
    ['an empty subject', () => issuer.token({ sub: '' }), 'claims', 'sub'],
    ['nbf in the future', () => issuer.token({ nbf: now() + 120 }), 'not_yet', 'nbf'],
    ['iat in the future', () => issuer.token({ iat: now() + 120 }), 'not_yet', 'iat'],
    ['an invalid nbf', () => issuer.token({ nbf: 'soon' }), 'claims', 'nbf'],
    ['an unknown key', () => issuer.token({}, { kid: 'other' }), 'key', 'other'],
    ['the signature of another key', otherKey, 'signature'],
    ['the public key as a shared secret', sharedSecret, 'algorithm', 'HS256'],
    [
      'no signature',
      () => `${unsigned({ iss: issuer.server.issuer, aud: canonicalUrl, sub: 'ada', exp: 9e9 })}.`,
      'algorithm',
      'none',
    ],
  ])(
    'rejects %s with a generic text for the caller and the reason for the operator',
    async (_what, token, ...[refusal, found]) => {
      const reply = await call(`Bearer ${await token()}`);
      const description = refusal === 'expired' ? 'The token has expired' : 'The token is not valid here';
      expect(reply.statusCode).toBe(401);
      expect(reply.headers['www-authenticate']).toBe(
        `${challenge}, error="invalid_token", error_description="${description}"`,
      );
      expect(reply.json()).toEqual({ error: 'invalid_token', error_description: description });
      expect(server.traces.at(-1)).toEqual({ refusal, ...(found === undefined ? {} : { found }) });
    },
  );

  test('accepts a token that has just expired, to tolerate clock skew', async () => {
    expect((await call(`Bearer ${await issuer.token({ exp: now() - 30 })}`)).statusCode).toBe(200);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['no scope', { scp: undefined }, ''],
    ['another scope', { scp: 'read callback' }, 'read callback'],
    ['another role', { scp: undefined, roles: ['read'] }, 'read'],
  ])('rejects a token with %s', async (_what, claims, found) => {
    const reply = await call(`bearer ${await issuer.token(claims)}`);
    expect(reply.statusCode).toBe(403);
    expect(reply.headers['www-authenticate']).toContain('scope="call", error="insufficient_scope"');
    expect(server.traces.at(-1)).toEqual({ refusal: 'scope', found });
  });

  test.each<[string, Record<string, unknown>]>([
    ['several scopes', { scp: 'read call' }],
    ['scope instead of scp', { scp: undefined, scope: 'call' }],
    ['a role instead of a scope', { scp: undefined, roles: ['call'] }],
  ])('accepts a token with %s', async (_what, claims) => {
    expect((await call(`Bearer ${await issuer.token(claims)}`)).statusCode).toBe(200);
  });

  test('OPTIONS needs no token, and a wrong method is rejected before the token is checked', async () => {
    expect((await server.app.inject({ method: 'OPTIONS', url: '/mcp' })).statusCode).toBe(204);
    expect((await server.app.inject({ method: 'GET', url: '/mcp', headers: { host: 'localhost' } })).statusCode).toBe(
      405,
    );
  });

  test.each(['/.well-known/oauth-protected-resource/mcp', '/.well-known/oauth-protected-resource'])(
    '%s tells clients where to sign in',
    async (url) => {
      const reply = await server.app.inject({ url });
      expect(reply.headers).toMatchObject({
        'content-type': 'application/json',
        'access-control-allow-origin': '*',
      });
      expect(reply.json()).toEqual({
        resource: canonicalUrl,
        authorization_servers: [issuer.server.url],
        scopes_supported: ['call'],
        bearer_methods_supported: ['header'],
        resource_name: recordedToolkit.name,
      });
    },
  );

  test('logs the caller or the reason of a refusal, and never the token', async () => {
    const token = await issuer.token({ oid: 'o-1', tid: 't-1', azp: 'a-1' });
    await call(`Bearer ${token}`);
    expect(server.traces.at(-1)?.caller).toMatchObject({
      userId: 'ada',
      scopes: ['call'],
      trace: { oid: 'o-1', tid: 't-1', azp: 'a-1' },
    });
    await call(`Bearer ${await issuer.token({ aud: 'another', sub: 'grace', oid: 'o-2' })}`);
    expect(server.traces.at(-1)).toEqual({ refusal: 'audience', found: 'another' });
    expect(JSON.stringify(server.traces)).not.toContain(token);
  });
});

test('a tool with secrets runs for a caller with a token and gets only the secrets it declares', async () => {
  const spend = defineTool({
    description: 'Spend a secret.',
    input: z.strictObject({}),
    output: z.string(),
    requires: { secrets: ['API_TOKEN'] },
    examples: [{ input: {}, context: { secrets: [{ key: 'API_TOKEN', value: 's' }] }, output: 's' }],
    run: (_input, { secrets }) => secrets.entries.map(({ key, value }) => `${key}=${value}`).join(),
  });
  const server = await mcpServer({
    resourceServer: settings,
    tools: new Map([['spend', spend]]),
    dependencies: { secretOf: (key) => `the ${key}` },
  });
  const reply = await server.app.inject({
    method: 'POST',
    url: '/mcp',
    headers: { ...mcpHeaders, authorization: `Bearer ${await issuer.token()}` },
    payload: { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: `${recordedName}_Spend` } },
  });
  expect(reply.json().result.structuredContent).toEqual({ result: 'API_TOKEN=the API_TOKEN' });
  await server.app.close();
});

test('responds 503 if the keys cannot be fetched', async () => {
  const broken = createServer((_request, response) => response.writeHead(500).end());
  await new Promise<void>((listening) => broken.listen(0, '127.0.0.1', listening));
  // The address is a string only for a pipe or a Unix socket.
  const jwksUri = `http://127.0.0.1:${(broken.address() as AddressInfo).port}/keys`;
  const server = await mcpServer({
    resourceServer: { ...settings, authorizationServers: [{ ...issuer.server, jwksUri }] },
  });
  const ask = async () =>
    server.app.inject({
      method: 'POST',
      url: '/mcp',
      headers: { ...mcpHeaders, authorization: `Bearer ${await issuer.token()}` },
      payload: { jsonrpc: '2.0', id: 1, method: 'ping' },
    });
  expect(await ask()).toMatchObject({ statusCode: 503, headers: { 'retry-after': '5' } });
  broken.close();
  expect(await ask()).toMatchObject({ statusCode: 503, headers: { 'retry-after': '5' } });
  await server.app.close();
});

test('verifies a token only with the keys of the issuer it names', async () => {
  const other = await authorizationServer(canonicalUrl);
  const resourceServer = serverWith({ authorizationServers: [issuer.server, other.server] });
  expect(await resourceServer.authorize(`Bearer ${await other.token()}`)).toMatchObject({ kind: 'admitted' });
  const forged = await other.token({ iss: issuer.server.issuer });
  expect(await resourceServer.authorize(`Bearer ${forged}`)).toMatchObject({ challenge: { reason: 'signature' } });
  other.close();
});

describe('two entries with one issuer', () => {
  const entry = (audience: string) => ({ ...issuer.server, audiences: [audience] });

  test('are both tried, with one fetch of their keys', async () => {
    const before = issuer.fetches();
    const resourceServer = serverWith({ authorizationServers: [entry('first'), entry('second')] });
    for (const aud of ['first', 'second', 'first']) {
      expect(await resourceServer.authorize(`Bearer ${await issuer.token({ aud })}`)).toMatchObject({
        kind: 'admitted',
      });
    }
    expect(issuer.fetches() - before).toBe(1);
  });

  test('report the reason of the entry that passed the most checks', async () => {
    const other = await authorizationServer(canonicalUrl);
    const otherKeys = { ...entry('first'), jwksUri: other.server.jwksUri };
    const fresh = { aud: 'third' };
    for (const authorizationServers of [
      [otherKeys, entry('second')],
      [entry('second'), otherKeys],
    ]) {
      const decision = await serverWith({ authorizationServers }).authorize(`Bearer ${await issuer.token(fresh)}`);
      expect(decision).toMatchObject({ challenge: { reason: 'audience', found: 'third' } });
    }
    other.close();
  });

  test('leave a token undecided if the keys of one are unavailable and the other does not admit it', async () => {
    const gone = await authorizationServer(canonicalUrl);
    gone.close();
    const unavailable = { ...entry('first'), jwksUri: gone.server.jwksUri };
    const resourceServer = serverWith({ authorizationServers: [unavailable, entry('second')] });
    const kindFor = async (aud: string) =>
      (await resourceServer.authorize(`Bearer ${await issuer.token({ aud })}`)).kind;
    expect([await kindFor('first'), await kindFor('second')]).toEqual(['undecided', 'admitted']);
  });

  test('appear once in the metadata document', () => {
    const { url } = issuer.server;
    const authorizationServers = [
      entry('first'),
      entry('second'),
      { ...entry('third'), url: 'https://login.example.com' },
    ];
    expect(serverWith({ authorizationServers }).metadata('it')).toMatchObject({
      authorization_servers: [url, 'https://login.example.com'],
    });
  });
});
