import type { KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { EngineAccess } from '../config/config';
import { contract } from '../contract';
import { TokenCache } from './token-cache';
import { badPayload, claimsRefusal, headerRefusal, notAuthenticated, refusal, type TokenRefusal } from './token-rules';

/** What a token of the engine is worth. */
export type TokenVerdict = { readonly ok: true; readonly usedPrevious: boolean } | TokenRefusal;

/**
 * Makes the function that judges an Authorization header. Never throws, whatever the header holds.
 * @param nowSeconds seconds since 1970
 */
export function tokenJudge(
  { secret, previousSecret }: Pick<EngineAccess, 'secret' | 'previousSecret'>,
  nowSeconds: () => number = () => Math.floor(Date.now() / 1000),
): (authorization: string | undefined) => TokenVerdict {
  const key = secret.toKey();
  const previousKey = previousSecret?.toKey();
  // Two caches: strangers can make as many bad tokens as they like, and must not evict the engine's.
  const signed = new TokenCache<Signed>(rememberedTokens);
  const refused = new TokenCache<TokenRefusal>(rememberedTokens);

  // The engine signs every token under the same header.
  let plainHeader = '';

  /** Judges what never changes of a token: its header and its signature. */
  function read(token: string): Signed | TokenRefusal {
    const end = token.indexOf('.');
    if (end === -1) return notEnoughSegments;
    const header = token.slice(0, end);
    if (header !== plainHeader) {
      const fault = headerRefusal(header);
      if (fault !== undefined) return fault;
      if (header.length <= rememberedLength) plainHeader = header;
    }
    const found = verify(token, key, accepted);
    return found === badSignature && previousKey !== undefined
      ? verify(token, previousKey, acceptedWithPrevious)
      : found;
  }

  return (authorization) => {
    const token = bearerToken(authorization);
    if (token === undefined) return notAuthenticated;
    const remembered = signed.get(token) ?? refused.get(token);
    const found = remembered ?? withoutStackTraces(() => read(token));
    const isSigned = 'claims' in found;
    // The length of the whole header counts, blanks included: a substring keeps all of it in memory.
    if (remembered === undefined && authorization !== undefined && authorization.length <= rememberedLength) {
      if (isSigned) signed.set(token, found);
      else refused.set(token, found);
    }
    return isSigned ? (claimsRefusal(found.claims, nowSeconds()) ?? found.verdict) : found;
  };
}

/**
 * How many tokens are remembered, so that their signature is verified once; their claims are judged against the clock each
 * time. The engine signs to the second, so calls within one second often carry the same token.
 */
const rememberedTokens = 100;
/** Longer ones are verified each time, so that nobody can make the worker keep something large. */
const rememberedLength = 1024;

/** A token with a good signature. */
interface Signed {
  readonly claims: unknown;
  readonly verdict: TokenVerdict;
}

const accepted: TokenVerdict = { ok: true, usedPrevious: false };
const acceptedWithPrevious: TokenVerdict = { ok: true, usedPrevious: true };

/** The token of a Bearer header: the scheme in any case, blanks, the token. Undefined when one of them is missing. */
function bearerToken(authorization: string | undefined): string | undefined {
  if (authorization === undefined || authorization.slice(0, 7).toLowerCase() !== 'bearer ') return undefined;
  return authorization.slice(7).trim() || undefined;
}

const notEnoughSegments = refusal('Not enough segments');
const badAlgorithm = refusal('The specified alg value is not allowed');
const badSignature = refusal('Signature verification failed');
const unforeseen = refusal('Invalid payload string');

const options: jwt.VerifyOptions = {
  algorithms: [contract.token.algorithm],
  // All claims are judged afterwards, in the order of the reference and with its words.
  ignoreNotBefore: true,
  ignoreExpiration: true,
};

/** Checks the signature. @param verdict of a good one */
function verify(token: string, key: KeyObject, verdict: TokenVerdict): Signed | TokenRefusal {
  // Should the callback ever come later than the call returns, every token is refused.
  let found: Signed | TokenRefusal = unforeseen;
  try {
    // With a callback nothing is thrown for a refused token, which is cheaper (jsonwebtoken 9.0.3).
    jwt.verify(token, key, options, (error, claims) => {
      found = error === null ? { claims, verdict } : (known.get(error.message) ?? badPayload);
    });
  } catch {
    // It throws for a payload that is null.
    found = badPayload;
  }
  return found;
}

/** A stack trace nobody reads would make a refused token cost more than an accepted one. */
function withoutStackTraces<T>(run: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return run();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** What jsonwebtoken 9.0.3 reports, in the words of the reference. Anything else is about a payload that is not JSON. */
const known: ReadonlyMap<string, TokenRefusal> = new Map([
  ['jwt malformed', notEnoughSegments],
  ['invalid token', notEnoughSegments],
  ['invalid algorithm', badAlgorithm],
  ['jwt signature is required', badAlgorithm],
  ['invalid signature', badSignature],
]);
