import type { KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { EngineAccess } from '../config/config';
import { contract } from '../contract';
import { badPayload, claimsRefusal } from './auth-claims';
import { headerRefusal } from './auth-header';
import { notAuthenticated, type Refusal, refusal } from './auth-refusal';
import { Recent } from './recent';

/** What a token was worth. */
export type Admission = { readonly ok: true; readonly usedPrevious: boolean } | Refusal;

/**
 * Makes the function that judges an Authorization header. Never throws, whatever the header holds.
 * @param nowSeconds seconds since 1970
 */
export function gatekeeper(
  { secret, previousSecret }: Pick<EngineAccess, 'secret' | 'previousSecret'>,
  nowSeconds: () => number = () => Math.floor(Date.now() / 1000),
): (authorization: string | undefined) => Admission {
  const key = secret.toKey();
  const previousKey = previousSecret?.toKey();
  // Strangers can make as many bad tokens as they like, and must not push out the engine's.
  const signed = new Recent<Signed>(rememberedTokens);
  const refused = new Recent<Refusal>(rememberedTokens);

  // An engine signs every token under the same header.
  let plainHeader = '';

  /** What never changes of a token: its header and its signature. */
  function read(token: string): Signed | Refusal {
    const end = token.indexOf('.');
    if (end === -1) return notEnoughSegments;
    const header = token.slice(0, end);
    if (header !== plainHeader) {
      const fault = headerRefusal(header);
      if (fault !== undefined) return fault;
      if (header.length <= rememberedLength) plainHeader = header;
    }
    const found = verify(token, key, admitted);
    return found === badSignature && previousKey !== undefined
      ? verify(token, previousKey, admittedWithPrevious)
      : found;
  }

  return (authorization) => {
    const token = bearerToken(authorization);
    if (token === undefined) return notAuthenticated;
    const remembered = signed.get(token) ?? refused.get(token);
    const found = remembered ?? withoutStackTraces(() => read(token));
    const isSigned = 'claims' in found;
    // The whole value counts, blanks included: a part of a text keeps all of it in memory.
    if (remembered === undefined && authorization !== undefined && authorization.length <= rememberedLength) {
      if (isSigned) signed.set(token, found);
      else refused.set(token, found);
    }
    return isSigned ? (claimsRefusal(found.claims, nowSeconds()) ?? found.admission) : found;
  };
}

/**
 * How many tokens are not verified again when they come again; what time does to their claims is judged each time. An
 * engine signs to the second, so calls of the same second may well carry the same one.
 */
const rememberedTokens = 100;
/** Longer ones are verified each time, so that nobody can make the worker hold on to something large. */
const rememberedLength = 1024;

/** A token with a good signature. */
interface Signed {
  readonly claims: unknown;
  readonly admission: Admission;
}

const admitted: Admission = { ok: true, usedPrevious: false };
const admittedWithPrevious: Admission = { ok: true, usedPrevious: true };

/** The scheme in any case, blanks, the token. Undefined when one of them is not there. */
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

/** Checks the signature. @param admission what a good one is worth */
function verify(token: string, key: KeyObject, admission: Admission): Signed | Refusal {
  // Should the callback ever come later than the call returns, every token is refused.
  let found: Signed | Refusal = unforeseen;
  try {
    // With a callback nothing is thrown for a refused token, which is cheaper (jsonwebtoken 9.0.3).
    jwt.verify(token, key, options, (error, claims) => {
      found = error === null ? { claims, admission } : (known.get(error.message) ?? badPayload);
    });
  } catch {
    // It falls over a payload that is null.
    found = badPayload;
  }
  return found;
}

/** A stack trace nobody reads would make a refused token dearer than an accepted one. */
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
const known: ReadonlyMap<string, Refusal> = new Map([
  ['jwt malformed', notEnoughSegments],
  ['invalid token', notEnoughSegments],
  ['invalid algorithm', badAlgorithm],
  ['jwt signature is required', badAlgorithm],
  ['invalid signature', badSignature],
]);
