import { type AuthorizationServer, authorizationServer } from '../../testing/worker/authorization-server';
import { keysTimeoutMs } from '../../testing/worker/mcp-server';
import { tokenCheck } from './access-token';
import { ResourceServer } from './resource-server';

/**
 * Access tokens as vendors document them, with the claims that a resource server reads: real names and formats, invented
 * identifiers. The test adds `iss`, `exp` and `iat`.
 */
interface Shape {
  readonly typ?: string;
  readonly claims: Readonly<Record<string, unknown>>;
  /** The operator's configuration: `expected_audiences`, and the scope as that vendor's clients request it. */
  readonly audiences: readonly string[];
  readonly scope: string;
  /** The identity in the log besides the subject. */
  readonly trace: Readonly<Record<string, string>>;
}

const canonicalUrl = 'https://mcp.example.com/mcp';
const api = '6f3f5bb8-4c3f-4b9e-9d57-2f8a8d0a1c11';
const client = '0b7c1f8e-90d1-4c1e-8f50-6d2c5a3e7b42';
const [oid, tid] = ['690222be-ff1a-4d56-abd1-7e4f7d38e474', '72f988bf-86f1-41af-91ab-2d7cd011db47'];
const now = Math.floor(Date.now() / 1000);

/** learn.microsoft.com, "Access token claims reference" and "Expose a web API". */
const entra: Readonly<Record<string, Shape>> = {
  'Entra v1, a person': {
    typ: 'JWT',
    claims: {
      aud: `api://${api}`,
      ver: '1.0',
      nbf: now,
      appid: client,
      appidacr: '0',
      oid,
      tid,
      sub: 'AAAA',
      scp: 'mcp.invoke',
      upn: 'ada@example.com',
    },
    audiences: [`api://${api}`],
    scope: `api://${api}/mcp.invoke`,
    trace: { oid, tid, appid: client },
  },
  'Entra v1, a program': {
    typ: 'JWT',
    claims: {
      aud: `api://${api}`,
      ver: '1.0',
      nbf: now,
      appid: client,
      appidacr: '1',
      idtyp: 'app',
      oid,
      tid,
      sub: oid,
      roles: ['mcp.invoke'],
    },
    audiences: [`api://${api}`],
    scope: `api://${api}/mcp.invoke`,
    trace: { oid, tid, appid: client },
  },
  'Entra v1, with the canonical URL as Application ID URI': {
    typ: 'JWT',
    claims: {
      aud: canonicalUrl,
      ver: '1.0',
      nbf: now,
      appid: client,
      oid,
      tid,
      sub: 'AAAA',
      scp: 'user_impersonation mcp.invoke',
    },
    audiences: [canonicalUrl, api],
    scope: `${canonicalUrl}/mcp.invoke`,
    trace: { oid, tid, appid: client },
  },
  'Entra v2, a person, with the client id as the audience': {
    typ: 'JWT',
    claims: { aud: api, ver: '2.0', nbf: now, azp: client, azpacr: '0', oid, tid, sub: 'AAAA', scp: 'mcp.invoke' },
    audiences: [api],
    scope: `api://${api}/mcp.invoke`,
    trace: { oid, tid, azp: client },
  },
  'Entra v2, a program': {
    typ: 'JWT',
    claims: {
      aud: api,
      ver: '2.0',
      nbf: now,
      azp: client,
      azpacr: '1',
      oid,
      tid,
      sub: oid,
      roles: ['other', 'mcp.invoke'],
    },
    audiences: [api, canonicalUrl],
    scope: `${canonicalUrl}/mcp.invoke`,
    trace: { oid, tid, azp: client },
  },
};

const others: Readonly<Record<string, Shape>> = {
  // developer.okta.com, "Access tokens", custom authorization server: `scp` is a list.
  'Okta, a person': {
    claims: {
      ver: 1,
      jti: 'AT.1',
      aud: 'api://default',
      cid: '0oa1',
      uid: '00u1',
      sub: 'ada@example.com',
      scp: ['openid', 'mcp.invoke'],
      auth_time: now,
    },
    audiences: ['api://default'],
    scope: 'mcp.invoke',
    trace: { cid: '0oa1' },
  },
  'Okta, a program, with its id as the subject': {
    claims: { ver: 1, jti: 'AT.2', aud: 'api://default', cid: '0oa2', sub: '0oa2', scp: ['mcp.invoke'] },
    audiences: ['api://default'],
    scope: 'mcp.invoke',
    trace: { cid: '0oa2' },
  },
  // auth0.com, "Access token profiles": the Auth0 profile and the one of RFC 9068.
  'Auth0, a person': {
    typ: 'JWT',
    claims: {
      aud: ['https://api.example.com/', 'https://tenant.auth0.com/userinfo'],
      azp: 'my_client',
      sub: 'auth0|123456',
      scope: 'openid profile mcp.invoke',
    },
    audiences: ['https://api.example.com/'],
    scope: 'mcp.invoke',
    trace: { azp: 'my_client' },
  },
  'Auth0, the RFC 9068 profile': {
    typ: 'at+jwt',
    claims: {
      aud: 'https://api.example.com/',
      client_id: 'my_client',
      sub: 'auth0|123456',
      jti: 'URI',
      scope: 'mcp.invoke',
    },
    audiences: ['https://api.example.com/'],
    scope: 'mcp.invoke',
    trace: { client_id: 'my_client' },
  },
  'Auth0, a program': {
    typ: 'JWT',
    claims: {
      aud: 'https://api.example.com/',
      azp: 'my_client',
      gty: 'client-credentials',
      sub: 'my_client@clients',
      scope: 'mcp.invoke',
    },
    audiences: ['https://api.example.com/'],
    scope: 'mcp.invoke',
    trace: { azp: 'my_client' },
  },
  // keycloak.org, Server Administration Guide, "Audience support": a custom audience in addition to `account` (26.x).
  'Keycloak, a person': {
    typ: 'JWT',
    claims: {
      typ: 'Bearer',
      aud: ['mcp', 'account'],
      azp: 'my-client',
      sub: 'f:1',
      sid: 's',
      acr: '1',
      scope: 'openid email mcp.invoke',
      realm_access: { roles: ['offline_access'] },
      resource_access: { account: { roles: ['view-profile'] } },
    },
    audiences: ['mcp'],
    scope: 'mcp.invoke',
    trace: { azp: 'my-client' },
  },
  'Keycloak, a program, from a release that sets nbf to 0': {
    typ: 'JWT',
    claims: {
      typ: 'Bearer',
      nbf: 0,
      aud: 'mcp',
      azp: 'robot',
      clientId: 'robot',
      client_id: 'robot',
      sub: 'f:2',
      scope: 'mcp.invoke',
    },
    audiences: ['mcp'],
    scope: 'mcp.invoke',
    trace: { azp: 'robot', client_id: 'robot' },
  },
  // docs.duendesoftware.com, "Authorization based on scopes", "Scope claim format": a list, or optionally text (since 5).
  'Duende, a person, with scope as a list': {
    typ: 'at+jwt',
    claims: {
      nbf: now,
      aud: 'mcp',
      client_id: 'web',
      sub: '123',
      amr: ['pwd'],
      jti: 'A1',
      scope: ['openid', 'mcp.invoke'],
    },
    audiences: ['mcp'],
    scope: 'mcp.invoke',
    trace: { client_id: 'web' },
  },
  'Duende, a person, with scope as text': {
    typ: 'at+jwt',
    claims: {
      nbf: now,
      aud: ['mcp', 'https://identity.example.com/resources'],
      client_id: 'web',
      sub: '123',
      scope: 'openid mcp.invoke',
    },
    audiences: ['mcp'],
    scope: 'mcp.invoke',
    trace: { client_id: 'web' },
  },
};

const shapes = Object.entries({ ...entra, ...others });

let issuer: AuthorizationServer;
beforeAll(async () => {
  issuer = await authorizationServer(canonicalUrl);
});
afterAll(() => issuer.close());

function serverFor(...entries: readonly Pick<Shape, 'audiences' | 'scope'>[]): ResourceServer {
  const settings = {
    canonicalUrl,
    authorizationServers: entries.map(({ audiences }) => ({ ...issuer.server, audiences: [...audiences] })),
    scopesSupported: [],
    defaultChallengeScopes: entries.slice(0, 1).map(({ scope }) => scope),
  };
  return new ResourceServer(settings, tokenCheck(settings, { keysTimeoutMs }));
}

/** A token with these claims plus `iss`, `exp` and `iat`. */
const bearer = async ({ claims, typ }: Pick<Shape, 'claims' | 'typ'>) =>
  `Bearer ${await issuer.token({ scp: undefined, sub: undefined, ...claims }, typ === undefined ? {} : { typ })}`;

test.each(shapes)('admits %s', async (_name, shape) => {
  expect(await serverFor(shape).authorize(await bearer(shape))).toMatchObject({
    kind: 'admitted',
    caller: { userId: shape.claims.sub, trace: shape.trace },
  });
});

test.each(shapes)('admits %s by the second of two entries for its issuer', async (_name, shape) => {
  const server = serverFor({ audiences: ['another'], scope: shape.scope }, shape);
  expect(await server.authorize(await bearer(shape))).toMatchObject({ kind: 'admitted' });
});

test.each(shapes)('challenges %s for the exact configured scope', async (_name, shape) => {
  const scope = `${shape.scope}.more`;
  expect(await serverFor({ ...shape, scope }).authorize(await bearer(shape))).toMatchObject({
    challenge: { status: 403, reason: 'scope', wwwAuthenticate: expect.stringContaining(`scope="${scope}"`) },
  });
});

test.each(shapes)('rejects %s issued for another server', async (_name, shape) => {
  const token = await bearer({ ...shape, claims: { ...shape.claims, aud: 'https://other.example.com' } });
  expect(await serverFor(shape).authorize(token)).toMatchObject({
    challenge: { status: 401, reason: 'audience', found: 'https://other.example.com' },
  });
});

describe('the prefix of a scope', () => {
  const audiences = [`api://${api}`];
  const refused = { challenge: { reason: 'scope' } };

  test.each([
    ['of another server', 'api://another/mcp.invoke', audiences],
    ['without a slash', `api://${api}mcp.invoke`, audiences],
    ['that only a client id gets', 'api://mcp/mcp.invoke', ['mcp']],
  ])('is not stripped: one %s', async (_what, scope, expected) => {
    const claims = { aud: expected[0], sub: 'ada', scp: 'mcp.invoke' };
    expect(await serverFor({ audiences: expected, scope }).authorize(await bearer({ claims }))).toMatchObject(refused);
  });

  test('is stripped only for the entry with that audience', async () => {
    const scope = `api://${api}/mcp.invoke`;
    const server = serverFor({ audiences, scope }, { audiences: ['another'], scope });
    const at = async (aud: string | undefined) =>
      server.authorize(await bearer({ claims: { aud, sub: 'ada', scp: 'mcp.invoke' } }));
    expect([await at(audiences[0]), await at('another')]).toMatchObject([{ kind: 'admitted' }, refused]);
  });
});

test('rejects a Duende program without a subject and names the claim in the log', async () => {
  // docs.duendesoftware.com, "Requesting a token": with client credentials there is no user, and so no `sub` (7.x).
  const claims = { nbf: now, aud: 'mcp', client_id: 'robot', jti: 'A2', scope: ['mcp.invoke'] };
  expect(
    await serverFor({ audiences: ['mcp'], scope: 'mcp.invoke' }).authorize(await bearer({ claims, typ: 'at+jwt' })),
  ).toMatchObject({
    challenge: { status: 401, reason: 'claims', found: 'sub' },
  });
});
