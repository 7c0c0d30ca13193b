import { createHash } from 'node:crypto';
import { decodeJwt, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { TokenCache } from '../auth/token-cache';
import type { AuthorizationServerSettings, ResourceServerSettings } from '../config/resource-server';
import { KeysUnavailable, keysOf } from './keys';
import { asFound, nearest, type TokenRefusal, TokenRefused, whyRefused } from './token-refusal';

/** The caller of a verified token. */
export interface Caller {
  /** The token's subject: the user id that tools see. */
  readonly userId: string;
  /** The scopes and roles in the token. */
  readonly scopes: readonly string[];
  /** The prefixes that a requested scope may have: the names of this server at the issuer. */
  readonly prefixes: readonly string[];
  /** Further identity, only for the log, such as Entra's `oid` and `tid`. */
  readonly trace: Readonly<Record<string, string>>;
}

/** The result of verifying an access token. */
export type TokenVerdict =
  | { readonly kind: 'accepted'; readonly caller: Caller }
  | { readonly kind: 'refused'; readonly refusal: TokenRefusal }
  /** The keys could not be fetched, which is not the caller's fault. */
  | { readonly kind: 'unknown'; readonly cause: unknown };

/** Verifies a bearer token. The promise never rejects. */
export type TokenCheck = (token: string) => Promise<TokenVerdict>;

export interface TokenCheckOptions {
  /** Unix time in milliseconds. @default - the system clock */
  readonly now?: () => number;
  /** The timeout for fetching a key set. @default - 3000 */
  readonly keysTimeoutMs?: number;
}

/**
 * Verifies access tokens of the configured authorization servers and caches valid ones: a verification costs about as much
 * as the rest of a request, a cache hit a twentieth of that.
 */
export function tokenCheck(
  settings: ResourceServerSettings,
  { now = Date.now, keysTimeoutMs = 3000 }: TokenCheckOptions = {},
): TokenCheck {
  const trusted = trustedIssuers(settings, keysTimeoutMs);
  const accepted = new TokenCache<{ readonly caller: Caller; readonly until: number }>(1000);

  return async (token) => {
    const hash = createHash('sha256').update(token).digest('base64');
    const known = accepted.get(hash);
    if (known && known.until > now()) return { kind: 'accepted', caller: known.caller };

    const iss = issuerOf(token);
    if (iss === unreadable) return { kind: 'refused', refusal: { reason: 'format' } };
    const named = trusted.get(iss);
    // The unverified issuer only selects the keys; the signature must match them.
    if (named === undefined) return { kind: 'refused', refusal: { reason: 'issuer', found: asFound(iss) } };
    const refusals: TokenRefusal[] = [];
    let unavailable: KeysUnavailable | undefined;
    for (const issuer of named) {
      try {
        const { caller, expiresAt } = await verified(token, issuer, now());
        accepted.set(hash, { caller, until: Math.min(now() + cachedMs, expiresAt) });
        return { kind: 'accepted', caller };
      } catch (error) {
        if (error instanceof KeysUnavailable) unavailable = error;
        else refusals.push(whyRefused(error, token));
      }
    }
    // The entry whose keys are unavailable might have accepted the token.
    return unavailable === undefined
      ? { kind: 'refused', refusal: nearest(refusals) }
      : { kind: 'unknown', cause: unavailable.cause };
  };
}

const cachedMs = 300_000;

/** One configured authorization server with its keys. */
interface TrustedIssuer {
  readonly server: AuthorizationServerSettings;
  readonly keys: JWTVerifyGetKey;
  readonly audiences: readonly string[];
  readonly prefixes: readonly string[];
}

/** The entries by issuer. One issuer may have several entries, such as one per application, which share a key set. */
function trustedIssuers({ authorizationServers, canonicalUrl }: ResourceServerSettings, keysTimeoutMs: number) {
  const keySets = new Map<string, JWTVerifyGetKey>();
  const trusted = new Map<unknown, TrustedIssuer[]>();
  for (const server of authorizationServers) {
    const keys = keySets.get(server.jwksUri) ?? keysOf(server.jwksUri, keysTimeoutMs);
    keySets.set(server.jwksUri, keys);
    const audiences = server.audiences ?? [canonicalUrl];
    const prefixes = [...new Set([canonicalUrl, ...audiences].flatMap(prefixesOf))];
    trusted.set(server.issuer, [...(trusted.get(server.issuer) ?? []), { server, keys, audiences, prefixes }]);
  }
  return trusted;
}

/**
 * The prefixes of a scope for this audience. Entra uses the Application ID URI, by default `api://<client id>`; a version 2
 * token has only the client id (learn.microsoft.com, "Access token claims reference" and "Expose a web API", 2026).
 */
function prefixesOf(audience: string): readonly string[] {
  const names = isGuid(audience) ? [audience, `api://${audience}`] : [audience];
  return names.map((name) => (name.endsWith('/') ? name : `${name}/`));
}

function isGuid(text: string): boolean {
  return /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text);
}

const unreadable = Symbol('unreadable');

/** The token's `iss`, of any type. `unreadable` for an opaque or encrypted token, and for garbage. */
function issuerOf(token: string): unknown {
  try {
    return decodeJwt(token).iss;
  } catch {
    // jose's message adds nothing.
    return unreadable;
  }
}

/** @throws KeysUnavailable, or an error for `whyRefused` */
async function verified(token: string, { server, keys, audiences, prefixes }: TrustedIssuer, nowMs: number) {
  const { payload } = await jwtVerify(token, keys, {
    algorithms: [server.algorithm],
    issuer: server.issuer,
    audience: [...audiences],
    requiredClaims: ['exp', 'iat', 'sub'],
    clockTolerance: server.leewaySeconds,
    currentDate: new Date(nowMs),
  });
  const latest = nowMs / 1000 + server.leewaySeconds;
  // jose 6.2 checks `iat` only if maxTokenAge is set.
  if ((payload.iat ?? 0) > latest) throw new TokenRefused({ reason: 'not_yet', found: 'iat' });
  return { caller: { ...callerOf(payload), prefixes }, expiresAt: (payload.exp ?? 0) * 1000 };
}

/** The person or program of a token. Programs have roles instead of scopes (Microsoft Entra ID). */
function callerOf(payload: JWTPayload): Omit<Caller, 'prefixes'> {
  const { sub, scp, scope, roles } = payload;
  // jose only checks that it exists.
  if (typeof sub !== 'string' || sub === '') throw new TokenRefused({ reason: 'claims', found: 'sub' });
  const trace = ['oid', 'tid', 'azp', 'appid', 'cid', 'client_id'].flatMap((claim) => {
    const value = payload[claim];
    return typeof value === 'string' ? [[claim, value.slice(0, 64)] as const] : [];
  });
  const scopes = [...new Set([...namesIn(scp), ...namesIn(scope), ...namesIn(roles)])];
  return { userId: sub, scopes, trace: Object.fromEntries(trace) };
}

/** Space-separated text (RFC 9068, Entra, Auth0, Keycloak) or a list (`scp` of Okta, `scope` of Duende, `roles` of Entra). */
function namesIn(claim: unknown): readonly string[] {
  const parts = Array.isArray(claim) ? claim.filter((part) => typeof part === 'string') : [claim];
  return parts.flatMap((part) => (typeof part === 'string' ? part.split(' ').filter(Boolean) : []));
}
