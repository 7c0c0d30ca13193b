import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { AuthorizationServerSettings } from '../../worker/config/resource-server';

/** The part of an authorization server that a resource server uses: a key set over HTTP, and signed tokens. */
export interface AuthorizationServer {
  /** The worker's settings for it. */
  readonly server: AuthorizationServerSettings;
  /** How often the key set was requested. */
  readonly fetches: () => number;
  /** Signs a valid token with changes; a claim that is undefined is left out. */
  token(
    claims?: Readonly<Record<string, unknown>>,
    header?: { readonly kid?: string; readonly typ?: string },
  ): Promise<string>;
  /** The key set, to test tokens that misuse the public key as a shared secret. */
  readonly jwks: string;
  close(): void;
}

/** Starts an authorization server on 127.0.0.1. */
export async function authorizationServer(audience: string): Promise<AuthorizationServer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'first', alg: 'RS256', use: 'sig' }] });
  let fetches = 0;
  const http = createServer((_request, response) => {
    fetches += 1;
    response.setHeader('content-type', 'application/json').end(jwks);
  });
  await new Promise<void>((listening) => http.listen(0, '127.0.0.1', listening));
  // The address of a TCP listener is an object.
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
