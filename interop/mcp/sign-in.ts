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
 * A worker whose `/mcp` has a real authorization server in front, oidc-provider (OpenID certified).
 * @param recipe of the worker without it
 * @returns both, running
 */
export async function withFrontDoor(recipe: Recipe, peers: Peers) {
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
  const door = {
    MCP_RESOURCE_SERVER_CANONICAL_URL: resource,
    MCP_RESOURCE_SERVER_AUTHORIZATION_SERVERS: JSON.stringify(settings),
    MCP_RESOURCE_SERVER_DEFAULT_CHALLENGE_SCOPES: scope,
  };
  const environment = (at: number) => ({ ...recipe.environment(at), ...door });
  try {
    const worker = await startServer({ ...recipe, environment }, workerPort);
    // Its own start may have made its event loop late; it takes nobody then.
    while ((await fetch(resource, { method: 'POST' })).status === 503) await sleep(100);
    return { issuer, resource, worker };
  } catch (error) {
    await issuer.kill();
    throw error;
  }
}

/** What a client keeps while it signs a person in. */
class Memory implements OAuthClientProvider {
  /** Where the person was sent. */
  sentTo: URL | undefined;
  #client: OAuthClientInformationMixed | undefined;
  #tokens: OAuthTokens | undefined;
  #verifier = '';
  readonly redirectUrl = 'http://127.0.0.1/callback';
  readonly clientMetadata = {
    client_name: 'interop',
    // An address on this machine is for programs that run on it (OpenID Connect Registration 1.0).
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
 * Signs in as the official SDK's client does: it is refused, finds out where to sign in, registers, sends a person there,
 * and exchanges the code that comes back.
 * @returns the way to the endpoint of a client that is signed in
 * @throws Error when the endpoint asks nobody to sign in, or the person does not come back with a code
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
  if (memory.sentTo === undefined) throw new Error(`Nobody was sent anywhere: ${refused}`);
  await first.finishAuth(await codeFor(memory.sentTo, memory.redirectUrl));
  await first.close();
  // The class declares `sessionId` without undefined, which exactOptionalPropertyTypes tells apart (SDK 1.32.2).
  return transport() as Transport;
}

/** A browser as far as it is needed: it keeps cookies and follows redirects until one leads back to the client. */
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
    if (location === null) throw new Error(`${at.pathname} answers ${response.status}: ${await response.text()}`);
    at = new URL(location, at);
    if (at.href.startsWith(back)) break;
  }
  const code = at.searchParams.get('code');
  if (code === null) throw new Error(`The person comes back without a code: ${at.search}`);
  return code;
}
