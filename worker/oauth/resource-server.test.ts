import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateKeyPair, SignJWT } from 'jose';
import { recordedName, recordedToolkit } from '../../testing/exchanges/recorded';
import { type AuthorizationServer, authorizationServer } from '../../testing/worker/authorization-server';
import { keysTimeoutMs, type McpServer, mcpServer, sound } from '../../testing/worker/mcp-server';
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
      headers: { ...sound, ...(authorization === undefined ? {} : { authorization }) },
      payload: { jsonrpc: '2.0', id: 1, method, params: { name } },
    });
  }

  const challenge = `Bearer resource_metadata="${metadataUrl}", scope="call"`;

  test('the subject of a good token is who calls', async () => {
    const reply = await call(`Bearer ${await issuer.token()}`);
    expect(reply.statusCode).toBe(200);
    expect(reply.json().result.structuredContent).toEqual({ result: 'ada' });
  });

  test.each(['initialize', 'tools/list', 'tools/call'])('without a token %s is challenged', async (method) => {
    const reply = await call(undefined, method);
    expect(reply.statusCode).toBe(401);
    expect(reply.headers['www-authenticate']).toBe(challenge);
    expect(reply.headers['cache-control']).toBe('no-store');
    expect(reply.json()).toEqual({ error: 'unauthorized', error_description: expect.any(String) });
  });

  test.each(['', 'Basic YTpi', 'Bearer', 'Bearer ', 'Bearer a b'])('"%s" is no token', async (authorization) => {
    expect((await call(authorization)).headers['www-authenticate']).toBe(challenge);
  });

  const invalid = 'The token is not valid here';
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

  test.each<[what: string, token: () => Promise<string> | string, description: string]>([
    ['garbage', () => 'garbage', invalid],
    ['three parts of nothing', () => 'a.b.c', invalid],
    ['an expired token', () => issuer.token({ exp: now() - 61 }), 'The token has expired'],
    ['another audience', () => issuer.token({ aud: 'https://other.example.com/mcp' }), invalid],
    ['another issuer', () => issuer.token({ iss: 'https://login.example.com' }), invalid],
    ['no issuer', () => issuer.token({ iss: undefined }), invalid],
    ['no expiry', () => issuer.token({ exp: undefined }), invalid],
    ['no issue time', () => issuer.token({ iat: undefined }), invalid],
    ['no subject', () => issuer.token({ sub: undefined }), invalid],
    ['an empty subject', () => issuer.token({ sub: '' }), invalid],
    ['a token for later', () => issuer.token({ nbf: now() + 120 }), invalid],
    ['a key nobody knows', () => issuer.token({}, { kid: 'other' }), invalid],
    ['the signature of another key', otherKey, invalid],
    ['the public key as a shared secret', sharedSecret, invalid],
    [
      'no signature',
      () => `${unsigned({ iss: issuer.server.issuer, aud: canonicalUrl, sub: 'ada', exp: 9e9 })}.`,
      invalid,
    ],
  ])('%s is refused', async (_what, token, description) => {
    const reply = await call(`Bearer ${await token()}`);
    expect(reply.statusCode).toBe(401);
    expect(reply.headers['www-authenticate']).toBe(
      `${challenge}, error="invalid_token", error_description="${description}"`,
    );
    expect(reply.json()).toEqual({ error: 'invalid_token', error_description: description });
  });

  test('a token that has just expired is still accepted: clocks differ', async () => {
    expect((await call(`Bearer ${await issuer.token({ exp: now() - 30 })}`)).statusCode).toBe(200);
  });

  test.each<[string, Record<string, unknown>]>([
    ['no scope', { scp: undefined }],
    ['another scope', { scp: 'read callback' }],
    ['another role', { scp: undefined, roles: ['read'] }],
  ])('%s is not enough', async (_what, claims) => {
    const reply = await call(`bearer ${await issuer.token(claims)}`);
    expect(reply.statusCode).toBe(403);
    expect(reply.headers['www-authenticate']).toContain('scope="call", error="insufficient_scope"');
  });

  test.each<[string, Record<string, unknown>]>([
    ['several scopes', { scp: 'read call' }],
    ['scope instead of scp', { scp: undefined, scope: 'call' }],
    ['a role, for programs', { scp: undefined, roles: ['call'] }],
  ])('%s is enough', async (_what, claims) => {
    expect((await call(`Bearer ${await issuer.token(claims)}`)).statusCode).toBe(200);
  });

  test('OPTIONS needs no token, and other methods are refused before the token is looked at', async () => {
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

  test('the log says who was refused and why, and nothing of the token', async () => {
    const token = await issuer.token({ oid: 'o-1', tid: 't-1', azp: 'a-1' });
    await call(`Bearer ${token}`);
    expect(server.traces.at(-1)?.caller).toEqual({
      userId: 'ada',
      scopes: ['call'],
      trace: { oid: 'o-1', tid: 't-1', azp: 'a-1' },
    });
    await call('Bearer garbage');
    expect(server.traces.at(-1)).toEqual({ refusal: 'invalid' });
    expect(JSON.stringify(server.traces)).not.toContain(token);
  });
});

test('tools with secrets run for callers with a token, and only with what they declare', async () => {
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
    surroundings: { secretOf: (key) => `the ${key}` },
  });
  const reply = await server.app.inject({
    method: 'POST',
    url: '/mcp',
    headers: { ...sound, authorization: `Bearer ${await issuer.token()}` },
    payload: { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: `${recordedName}_Spend` } },
  });
  expect(reply.json().result.structuredContent).toEqual({ result: 'API_TOKEN=the API_TOKEN' });
  await server.app.close();
});

test('keys that cannot be fetched are not the caller’s fault', async () => {
  const broken = createServer((_request, response) => response.writeHead(500).end());
  await new Promise<void>((listening) => broken.listen(0, '127.0.0.1', listening));
  // Listening on a port, the address is never a text.
  const jwksUri = `http://127.0.0.1:${(broken.address() as AddressInfo).port}/keys`;
  const server = await mcpServer({
    resourceServer: { ...settings, authorizationServers: [{ ...issuer.server, jwksUri }] },
  });
  const ask = async () =>
    server.app.inject({
      method: 'POST',
      url: '/mcp',
      headers: { ...sound, authorization: `Bearer ${await issuer.token()}` },
      payload: { jsonrpc: '2.0', id: 1, method: 'ping' },
    });
  expect(await ask()).toMatchObject({ statusCode: 503, headers: { 'retry-after': '5' } });
  broken.close();
  expect(await ask()).toMatchObject({ statusCode: 503, headers: { 'retry-after': '5' } });
  await server.app.close();
});

describe('Microsoft Entra ID', () => {
  test('asks for scopes with the resource in front and issues them without it', async () => {
    const resourceServer = serverWith({ defaultChallengeScopes: [`${canonicalUrl}/call`] });
    expect(await resourceServer.authorize(`Bearer ${await issuer.token()}`)).toMatchObject({ kind: 'admitted' });
    expect(await resourceServer.authorize(undefined)).toMatchObject({
      challenge: { wwwAuthenticate: expect.stringContaining(`scope="${canonicalUrl}/call"`) },
    });
  });

  test('version 2 tokens carry the client identifier as audience, version 1 tokens the URL: both may be configured', async () => {
    const client = '6f3f5bb8-4c3f-4b9e-9d57-2f8a8d0a1c11';
    const audiences = [client, canonicalUrl];
    const resourceServer = serverWith({ authorizationServers: [{ ...issuer.server, audiences }] });
    for (const aud of audiences) {
      expect(await resourceServer.authorize(`Bearer ${await issuer.token({ aud })}`)).toMatchObject({
        kind: 'admitted',
      });
    }
    expect(await resourceServer.authorize(`Bearer ${await issuer.token({ aud: 'another' })}`)).toMatchObject({
      kind: 'challenged',
    });
  });

  test('a token is judged by the keys of the issuer it names, and no other’s', async () => {
    const other = await authorizationServer(canonicalUrl);
    const resourceServer = serverWith({ authorizationServers: [issuer.server, other.server] });
    expect(await resourceServer.authorize(`Bearer ${await other.token()}`)).toMatchObject({ kind: 'admitted' });
    const forged = await other.token({ iss: issuer.server.issuer });
    expect(await resourceServer.authorize(`Bearer ${forged}`)).toMatchObject({ challenge: { reason: 'invalid' } });
    other.close();
  });
});
