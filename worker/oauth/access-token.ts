import { createHash } from 'node:crypto';
import { createRemoteJWKSet, decodeJwt, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { TokenCache } from '../auth/token-cache';
import type { AuthorizationServerSettings, ResourceServerSettings } from '../config/resource-server';

/** Who a verified token speaks for. */
export interface Caller {
  /** The subject of the token: the user id that tools see. */
  readonly userId: string;
  /** What the token allows, as the authorization server names it. */
  readonly scopes: readonly string[];
  /** Further identity for the log only, such as Entra's `oid` and `tid`. */
  readonly trace: Readonly<Record<string, string>>;
}

/** What an access token is worth. */
export type TokenVerdict =
  | { readonly kind: 'accepted'; readonly caller: Caller }
  | { readonly kind: 'refused'; readonly reason: 'expired' | 'invalid' }
  /** The keys to verify it with could not be fetched: not the caller's fault. */
  | { readonly kind: 'unknown'; readonly cause: unknown };

/** Judges a bearer token. Never rejects. */
export type TokenCheck = (token: string) => Promise<TokenVerdict>;

export interface TokenCheckOptions {
  /** The time in milliseconds. @default - the clock */
  readonly now?: () => number;
  /** How long a key set may take to come. @default - 3000 */
  readonly keysTimeoutMs?: number;
}

/**
 * Verifies access tokens of the configured authorization servers, and remembers the good ones: a verification costs
 * about as much as the rest of a request, a look into the memory a twentieth of that.
 */
export function tokenCheck(
  settings: ResourceServerSettings,
  { now = Date.now, keysTimeoutMs = 3000 }: TokenCheckOptions = {},
): TokenCheck {
  const issuers = new Map(
    settings.authorizationServers.map((server) => [server.issuer, { server, keys: keysOf(server, keysTimeoutMs) }]),
  );
  const accepted = new TokenCache<{ readonly caller: Caller; readonly until: number }>(1000);

  return async (token) => {
    const hash = createHash('sha256').update(token).digest('base64');
    const known = accepted.get(hash);
    if (known && known.until > now()) return { kind: 'accepted', caller: known.caller };

    try {
      // The issuer is trusted only to choose the keys; the issuer it names must have signed.
      const trusted = issuers.get(decodeJwt(token).iss ?? '');
      if (trusted === undefined) return { kind: 'refused', reason: 'invalid' };
      const { payload } = await jwtVerify(token, trusted.keys, {
        algorithms: [trusted.server.algorithm],
        issuer: trusted.server.issuer,
        audience: [...(trusted.server.audiences ?? [settings.canonicalUrl])],
        requiredClaims: ['exp', 'iat', 'sub'],
        clockTolerance: trusted.server.leewaySeconds,
        currentDate: new Date(now()),
      });
      const latest = now() / 1000 + trusted.server.leewaySeconds;
      // jose 6.2 compares `iat` with nothing unless a greatest age is given.
      if ((payload.iat ?? 0) > latest) return { kind: 'refused', reason: 'invalid' };
      const caller = callerOf(payload);
      if (caller === undefined) return { kind: 'refused', reason: 'invalid' };
      accepted.set(hash, { caller, until: Math.min(now() + rememberedMs, (payload.exp ?? 0) * 1000) });
      return { kind: 'accepted', caller };
    } catch (error) {
      if (error instanceof KeysUnavailable) return { kind: 'unknown', cause: error.cause };
      return { kind: 'refused', reason: error instanceof errors.JWTExpired ? 'expired' : 'invalid' };
    }
  };
}

const rememberedMs = 300_000;
const downMs = 2000;

/** The key set could not be had. */
class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

/**
 * The keys of a server, fetched when needed. jose 6.2 keeps them for 10 minutes and fetches at most every 30 s for a
 * key it does not know.
 */
function keysOf({ jwksUri }: AuthorizationServerSettings, timeoutMs: number): JWTVerifyGetKey {
  const fetchKey = createRemoteJWKSet(new URL(jwksUri), { timeoutDuration: timeoutMs });
  let downUntil = 0;
  return async (header, token) => {
    // Without keys every forged token would be a request to the authorization server.
    if (!fetchKey.fresh && Date.now() < downUntil) throw new KeysUnavailable('The keys were out of reach a moment ago');
    try {
      return await fetchKey(header, token);
    } catch (error) {
      const isAboutToken =
        error instanceof errors.JWKSNoMatchingKey ||
        error instanceof errors.JWKSMultipleMatchingKeys ||
        error instanceof errors.JOSENotSupported;
      if (isAboutToken) throw error;
      downUntil = Date.now() + downMs;
      throw new KeysUnavailable('Cannot fetch the keys of the authorization server', { cause: error });
    }
  };
}

/** The person or program a token speaks for. Programs have no scopes but roles (Microsoft Entra ID). */
function callerOf(payload: JWTPayload): Caller | undefined {
  const { sub, scp, scope, roles } = payload;
  // jose looks only for their presence.
  if (typeof sub !== 'string' || sub === '') return undefined;
  const spoken = [scp, scope].flatMap((text) => (typeof text === 'string' ? text.split(' ').filter(Boolean) : []));
  const granted = Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [];
  const trace = ['oid', 'tid', 'azp', 'appid'].flatMap((claim) => {
    const value = payload[claim];
    return typeof value === 'string' ? [[claim, value.slice(0, 64)] as const] : [];
  });
  return { userId: sub, scopes: [...new Set([...spoken, ...granted])], trace: Object.fromEntries(trace) };
}
