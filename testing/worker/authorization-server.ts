import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { AuthorizationServerSettings } from '../../worker/config/resource-server';

/** An authorization server's half that a resource server sees: a key set over HTTP, and tokens made with the key. */
export interface AuthorizationServer {
  /** What to configure for it. */
  readonly server: AuthorizationServerSettings;
  /** How often the key set has been asked for. */
  readonly fetches: () => number;
  /** Makes a token that is right in everything but the changes; a claim that is undefined is left out. */
  token(
    claims?: Readonly<Record<string, unknown>>,
    header?: { readonly kid?: string; readonly typ?: string },
  ): Promise<string>;
  /** The public key as anybody can have it, for those who would use it as a shared secret. */
  readonly jwks: string;
  close(): void;
}

/** Starts one on this machine. */
export async function authorizationServer(audience: string): Promise<AuthorizationServer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'first', alg: 'RS256', use: 'sig' }] });
  let fetches = 0;
  const http = createServer((_request, response) => {
    fetches += 1;
    response.setHeader('content-type', 'application/json').end(jwks);
  });
  await new Promise<void>((listening) => http.listen(0, '127.0.0.1', listening));
  // Listening on a port, the address is never a text.
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return {
    server: {
      url,
      issuer: `${url}/issuer`,
      jwksUri: `${url}/keys`,
      algorithm: 'RS256',
      audiences: undefined,
      leewaySeconds: 60,
    },
    fetches: () => fetches,
    token: (claims = {}, header = {}) => {
      const now = Math.floor(Date.now() / 1000);
      const payload = {
        iss: `${url}/issuer`,
        aud: audience,
        sub: 'ada',
        iat: now,
        exp: now + 300,
        scp: 'call',
        ...claims,
      };
      return new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: 'first', ...header }).sign(privateKey);
    },
    jwks,
    close: () => {
      http.closeAllConnections();
      http.close();
    },
  };
}
