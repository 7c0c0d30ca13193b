import { createHash } from 'node:crypto';
import { decodeJwt, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { TokenCache } from '../auth/token-cache';
import type { AuthorizationServerSettings, ResourceServerSettings } from '../config/resource-server';
import { KeysUnavailable, keysOf } from './keys';
import { asFound, nearest, type TokenRefusal, TokenRefused, whyRefused } from './token-refusal';

/** Who a verified token speaks for. */
export interface Caller {
  /** The subject of the token: the user id that tools see. */
  readonly userId: string;
  /** What the token allows, as the authorization server names it. */
  readonly scopes: readonly string[];
  /** What may stand in front of these names where they are asked for: the names of this server at the one that signed. */
  readonly prefixes: readonly string[];
  /** Further identity for the log only, such as Entra's `oid` and `tid`. */
  readonly trace: Readonly<Record<string, string>>;
}

/** What an access token is worth. */
export type TokenVerdict =
  | { readonly kind: 'accepted'; readonly caller: Caller }
  | { readonly kind: 'refused'; readonly refusal: TokenRefusal }
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
  const trusted = trustedIssuers(settings, keysTimeoutMs);
  const accepted = new TokenCache<{ readonly caller: Caller; readonly until: number }>(1000);

  return async (token) => {
    const hash = createHash('sha256').update(token).digest('base64');
    const known = accepted.get(hash);
    if (known && known.until > now()) return { kind: 'accepted', caller: known.caller };

    const iss = issuerOf(token);
    if (iss === unreadable) return { kind: 'refused', refusal: { reason: 'format' } };
    const named = trusted.get(iss);
    // The issuer is trusted only to choose the keys; the issuer it names must have signed.
    if (named === undefined) return { kind: 'refused', refusal: { reason: 'issuer', found: asFound(iss) } };
    const refusals: TokenRefusal[] = [];
    let outOfReach: KeysUnavailable | undefined;
    for (const issuer of named) {
      try {
        const { caller, expiresAt } = await verified(token, issuer, now());
        accepted.set(hash, { caller, until: Math.min(now() + rememberedMs, expiresAt) });
        return { kind: 'accepted', caller };
      } catch (error) {
        if (error instanceof KeysUnavailable) outOfReach = error;
        else refusals.push(whyRefused(error, token));
      }
    }
    // The entry whose keys are out of reach might have let the caller in.
    return outOfReach === undefined
      ? { kind: 'refused', refusal: nearest(refusals) }
      : { kind: 'unknown', cause: outOfReach.cause };
  };
}

const rememberedMs = 300_000;

/** One configured authorization server, ready to judge. */
interface TrustedIssuer {
  readonly server: AuthorizationServerSettings;
  readonly keys: JWTVerifyGetKey;
  readonly audiences: readonly string[];
  readonly prefixes: readonly string[];
}

/** The entries by their issuer. One issuer may have several, such as one for each application; a key set is fetched once. */
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
 * What stands in front of a scope of this audience. Entra takes the Application ID URI, proposes `api://<client id>` as
 * one, and writes the client id alone into tokens of version 2 (learn.microsoft.com, "Access token claims reference" and
 * "Expose a web API", 2026).
 */
function prefixesOf(audience: string): readonly string[] {
  const names = isGuid(audience) ? [audience, `api://${audience}`] : [audience];
  return names.map((name) => (name.endsWith('/') ? name : `${name}/`));
}

function isGuid(text: string): boolean {
  return /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text);
}

const unreadable = Symbol('unreadable');

/** What a token says of its issuer, of any type. `unreadable` for an opaque or encrypted token, and for garbage. */
function issuerOf(token: string): unknown {
  try {
    return decodeJwt(token).iss;
  } catch {
    // jose's message says no more.
    return unreadable;
  }
}

/** @throws KeysUnavailable, or what `whyRefused` explains */
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
  // jose 6.2 compares `iat` with nothing unless a greatest age is given.
  if ((payload.iat ?? 0) > latest) throw new TokenRefused({ reason: 'not_yet', found: 'iat' });
  return { caller: { ...callerOf(payload), prefixes }, expiresAt: (payload.exp ?? 0) * 1000 };
}

/** The person or program a token speaks for. Programs have no scopes but roles (Microsoft Entra ID). */
function callerOf(payload: JWTPayload): Omit<Caller, 'prefixes'> {
  const { sub, scp, scope, roles } = payload;
  // jose looks only for their presence.
  if (typeof sub !== 'string' || sub === '') throw new TokenRefused({ reason: 'claims', found: 'sub' });
  const trace = ['oid', 'tid', 'azp', 'appid', 'cid', 'client_id'].flatMap((claim) => {
    const value = payload[claim];
    return typeof value === 'string' ? [[claim, value.slice(0, 64)] as const] : [];
  });
  const scopes = [...new Set([...namesIn(scp), ...namesIn(scope), ...namesIn(roles)])];
  return { userId: sub, scopes, trace: Object.fromEntries(trace) };
}

/** Text with blanks (RFC 9068, Entra, Auth0, Keycloak), or a list (`scp` of Okta, `scope` of Duende, `roles` of Entra). */
function namesIn(claim: unknown): readonly string[] {
  const parts = Array.isArray(claim) ? claim.filter((part) => typeof part === 'string') : [claim];
  return parts.flatMap((part) => (typeof part === 'string' ? part.split(' ').filter(Boolean) : []));
}
