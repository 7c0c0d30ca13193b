import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { OAuthClientInformationMixed, OAuthTokens } from '@modelcontextprotocol/sdk/shared/auth.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { root } from '../../cli/root';
import { freePort } from '../../testing/free-port';
import { type Recipe, startServer } from '../../testing/processes/server';
import type { Peers } from './peers';

/**
 * Starts a worker whose `/mcp` requires tokens from a real authorization server, oidc-provider (OpenID certified).
 * @param recipe how to start the worker without authorization
 * @returns both, running
 */
export async function withAuthorizationServer(recipe: Recipe, peers: Peers) {
  const [port, workerPort] = [await freePort(), await freePort()];
  const [resource, scope] = [`http://127.0.0.1:${workerPort}/mcp`, 'mcp.invoke'];
  const script = join(root, 'interop/mcp/clients/authorization-server.mjs');
  const issuer = await startServer(
    {
      name: 'oidc-provider',
      command: [peers.node, script, peers.file('oidc-provider'), String(port), resource, scope],
      environment: () => ({}),
      readyPath: '/.well-known/openid-configuration',
    },
    port,
  );
  const settings = [{ authorization_server_url: issuer.url, issuer: issuer.url, jwks_uri: `${issuer.url}/jwks` }];
  const authorization = {
    MCP_RESOURCE_SERVER_CANONICAL_URL: resource,
    MCP_RESOURCE_SERVER_AUTHORIZATION_SERVERS: JSON.stringify(settings),
    MCP_RESOURCE_SERVER_DEFAULT_CHALLENGE_SCOPES: scope,
  };
  const environment = (at: number) => ({ ...recipe.environment(at), ...authorization });
  try {
    const worker = await startServer({ ...recipe, environment }, workerPort);
    // Startup may have delayed its event loop; until that recovers it answers 503.
    while ((await fetch(resource, { method: 'POST' })).status === 503) await sleep(100);
    return { issuer, resource, worker };
  } catch (error) {
    await issuer.kill();
    throw error;
  }
}

/** A client's OAuth state during the sign-in, in memory. */
class Memory implements OAuthClientProvider {
  /** The URL that the client sent the user to. */
  sentTo: URL | undefined;
  #client: OAuthClientInformationMixed | undefined;
  #tokens: OAuthTokens | undefined;
  #verifier = '';
  readonly redirectUrl = 'http://127.0.0.1/callback';
  readonly clientMetadata = {
    client_name: 'interop',
    // Only native clients may use a loopback redirect (OpenID Connect Registration 1.0).
    application_type: 'native',
    redirect_uris: [this.redirectUrl],
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code'],
    response_types: ['code'],
  };

  clientInformation = () => this.#client;
  saveClientInformation = (client: OAuthClientInformationMixed): void => {
    this.#client = client;
  };
  tokens = () => this.#tokens;
  saveTokens = (tokens: OAuthTokens): void => {
    this.#tokens = tokens;
  };
  redirectToAuthorization = (url: URL): void => {
    this.sentTo = url;
  };
  saveCodeVerifier = (verifier: string): void => {
    this.#verifier = verifier;
  };
  codeVerifier = () => this.#verifier;
}

/**
 * Signs in as the official SDK client does: it is rejected, discovers the authorization server, registers, redirects the
 * user, and exchanges the authorization code.
 * @returns a transport with the client's tokens
 * @throws Error when the endpoint does not demand a sign-in, or the redirect carries no code
 */
export async function signedIn(url: string): Promise<Transport> {
  const memory = new Memory();
  const transport = () => new StreamableHTTPClientTransport(new URL(url), { authProvider: memory });
  const first = transport();
  await first.start();
  const refused = await first
    .send({ jsonrpc: '2.0', id: 1, method: 'ping' })
    .then(() => undefined)
    .catch((error: unknown) => error);
  if (memory.sentTo === undefined) throw new Error(`expected a redirect to the authorization server, found ${refused}`);
  await first.finishAuth(await codeFor(memory.sentTo, memory.redirectUrl));
  await first.close();
  // The SDK declares `sessionId` without undefined, which exactOptionalPropertyTypes rejects (1.32.2).
  return transport() as Transport;
}

/** A minimal browser: keeps cookies and follows redirects until one leads back to the client. */
async function codeFor(start: URL, back: string): Promise<string> {
  const cookies = new Map<string, string>();
  let at = start;
  for (let step = 0; step < 10; step += 1) {
    const cookie = [...cookies].map((pair) => pair.join('=')).join('; ');
    const response = await fetch(at, { redirect: 'manual', headers: { cookie } });
    for (const set of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (set.split(';', 1)[0] ?? '').split(/=(.*)/s);
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location === null) throw new Error(`${at.pathname} answered ${response.status}: ${await response.text()}`);
    at = new URL(location, at);
    if (at.href.startsWith(back)) break;
  }
  const code = at.searchParams.get('code');
  if (code === null) throw new Error(`the redirect back to the client has no code: ${at.search}`);
  return code;
}
