import type { KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { EngineAccess } from '../config/config';
import { contract } from '../contract';
import { TokenCache } from './token-cache';
import { badPayload, claimsRefusal, headerRefusal, notAuthenticated, refusal, type TokenRefusal } from './token-rules';

/** The result of verifying an engine token. */
export type TokenVerdict = { readonly ok: true; readonly usedPrevious: boolean } | TokenRefusal;

/**
 * Creates the function that verifies an Authorization header. It never throws.
 * @param nowSeconds Unix time in seconds
 */
export function tokenVerifier(
  { secret, previousSecret }: Pick<EngineAccess, 'secret' | 'previousSecret'>,
  nowSeconds: () => number = () => Math.floor(Date.now() / 1000),
): (authorization: string | undefined) => TokenVerdict {
  const key = secret.toKey();
  const previousKey = previousSecret?.toKey();
  // Two caches, so that a flood of bad tokens cannot evict the engine's.
  const signed = new TokenCache<Signed>(cachedTokens);
  const refused = new TokenCache<TokenRefusal>(cachedTokens);

  // The engine uses the same header for every token.
  let plainHeader = '';

  /** Verifies the parts of a token that do not depend on the time: header and signature. */
  function read(token: string): Signed | TokenRefusal {
    const end = token.indexOf('.');
    if (end === -1) return notEnoughSegments;
    const header = token.slice(0, end);
    if (header !== plainHeader) {
      const fault = headerRefusal(header);
      if (fault !== undefined) return fault;
      if (header.length <= maxCachedLength) plainHeader = header;
    }
    const found = verify(token, key, accepted);
    return found === badSignature && previousKey !== undefined
      ? verify(token, previousKey, acceptedWithPrevious)
      : found;
  }

  return (authorization) => {
    const token = bearerToken(authorization);
    if (token === undefined) return notAuthenticated;
    const cached = signed.get(token) ?? refused.get(token);
    const found = cached ?? withoutStackTraces(() => read(token));
    const isSigned = 'claims' in found;
    // Limits the whole header, including spaces: a substring keeps all of it in memory.
    if (cached === undefined && authorization !== undefined && authorization.length <= maxCachedLength) {
      if (isSigned) signed.set(token, found);
      else refused.set(token, found);
    }
    return isSigned ? (claimsRefusal(found.claims, nowSeconds()) ?? found.verdict) : found;
  };
}

/**
 * The size of each cache. The signature of a cached token is verified once; its claims are checked against the clock on each
 * call. The engine's timestamps are whole seconds, so calls within one second often carry the same token.
 */
const cachedTokens = 100;
/** Longer tokens are not cached, to bound the memory. */
const maxCachedLength = 1024;

/** A token with a valid signature. */
interface Signed {
  readonly claims: unknown;
  readonly verdict: TokenVerdict;
}

const accepted: TokenVerdict = { ok: true, usedPrevious: false };
const acceptedWithPrevious: TokenVerdict = { ok: true, usedPrevious: true };

/** The token of a Bearer header; the scheme may be in any case. Undefined if there is none. */
function bearerToken(authorization: string | undefined): string | undefined {
  if (authorization === undefined || authorization.slice(0, 7).toLowerCase() !== 'bearer ') return undefined;
  return authorization.slice(7).trim() || undefined;
}

const notEnoughSegments = refusal('Not enough segments');
const badAlgorithm = refusal('The specified alg value is not allowed');
const badSignature = refusal('Signature verification failed');
const unexpected = refusal('Invalid payload string');

const options: jwt.VerifyOptions = {
  algorithms: [contract.token.algorithm],
  // `claimsRefusal` checks all claims later, in the Python server's order and with its texts.
  ignoreNotBefore: true,
  ignoreExpiration: true,
};

/** Verifies the signature. @param verdict for a valid one */
function verify(token: string, key: KeyObject, verdict: TokenVerdict): Signed | TokenRefusal {
  // Fails closed: if the callback ever ran asynchronously, every token would be refused.
  let found: Signed | TokenRefusal = unexpected;
  try {
    // With a callback, a refused token throws no exception, which is cheaper (jsonwebtoken 9.0.3).
    jwt.verify(token, key, options, (error, claims) => {
      found = error === null ? { claims, verdict } : (known.get(error.message) ?? badPayload);
    });
  } catch {
    // jsonwebtoken throws for a null payload.
    found = badPayload;
  }
  return found;
}

/** Disables stack traces, which would make a refused token more expensive than an accepted one. */
function withoutStackTraces<T>(run: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return run();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Maps the errors of jsonwebtoken 9.0.3 to the Python server's texts. Any other error means that the payload is not JSON. */
const known: ReadonlyMap<string, TokenRefusal> = new Map([
  ['jwt malformed', notEnoughSegments],
  ['invalid token', notEnoughSegments],
  ['invalid algorithm', badAlgorithm],
  ['jwt signature is required', badAlgorithm],
  ['invalid signature', badSignature],
]);
