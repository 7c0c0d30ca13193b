import type { KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { EngineAccess } from './config';
import { contract } from './contract';
import { Recent } from './recent';

/** What a token was worth. */
export type Admission = { readonly ok: true; readonly usedPrevious: boolean } | Refusal;

export interface Refusal {
  readonly ok: false;
  /** Without anything the caller wrote: for logs and counters. */
  readonly reason: string;
  /** The reference's text, word for word (arcade-mcp-server 1.26.0). */
  readonly detail: string;
}

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
const notAuthenticated: Refusal = { ok: false, reason: 'Not authenticated', detail: 'Not authenticated' };

/** @param remark what the text goes on with, out of the token itself */
function refusal(reason: string, remark = ''): Refusal {
  return { ok: false, reason, detail: `Invalid token. Error: ${reason}${remark}` };
}

const notEnoughSegments = refusal('Not enough segments');
const badAlgorithm = refusal('The specified alg value is not allowed');
const badSignature = refusal('Signature verification failed');
const badPayload = refusal('Invalid payload string: must be a json object');
const badKid = refusal('Key ID header parameter must be a string');
const badIat = refusal('Issued At claim (iat) must be an integer.');
const futureIat = refusal('The token is not yet valid (iat)');
const badNbf = refusal('Not Before claim (nbf) must be an integer.');
const futureNbf = refusal('The token is not yet valid (nbf)');
const badExp = refusal('Expiration Time claim (exp) must be an integer.');
const expired = refusal('Signature has expired');
const noAudience = refusal('Token is missing the "aud" claim');
const otherAudience = refusal("Audience doesn't match");
const badAudience = refusal('Invalid claim format in token');
const badSubject = refusal('Subject must be a string');
const badIdentifier = refusal('JWT ID must be a string');
const unforeseen = refusal('Invalid payload string');

/** The scheme in any case, blanks, the token. Undefined when one of them is not there. */
function bearerToken(authorization: string | undefined): string | undefined {
  if (authorization === undefined || authorization.slice(0, 7).toLowerCase() !== 'bearer ') return undefined;
  return authorization.slice(7).trim() || undefined;
}

const options: jwt.VerifyOptions = {
  algorithms: [contract.token.algorithm],
  // All claims are judged below, in the order of the reference and with its words.
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

/** How far apart the clocks of engine and worker may be, for `nbf` and `iat`, in seconds. */
const toleranceSeconds = 60;

/** The first thing wrong with the claims, in the order in which the reference looks (PyJWT 2.15). */
function claimsRefusal(claims: unknown, now: number): Refusal | undefined {
  if (!isObject(claims)) return badPayload;
  const { iat, nbf, exp, aud, sub, jti, ver } = claims;
  if (iat !== undefined) {
    if (typeof iat !== 'number') return badIat;
    if (iat > now + toleranceSeconds) return futureIat;
  }
  if (nbf !== undefined) {
    if (typeof nbf !== 'number') return badNbf;
    if (nbf > now + toleranceSeconds) return futureNbf;
  }
  if (exp !== undefined) {
    if (typeof exp !== 'number') return badExp;
    if (exp <= now) return expired;
  }
  const audience = audienceRefusal(aud);
  if (audience !== undefined) return audience;
  if (sub !== undefined && typeof sub !== 'string') return badSubject;
  if (jti !== undefined && typeof jti !== 'string') return badIdentifier;
  if (ver === contract.token.version) return undefined;
  return refusal('Unsupported token version', `: ${asText(ver ?? 'None')}`);
}

function audienceRefusal(aud: unknown): Refusal | undefined {
  if (aud === contract.token.audience) return undefined;
  if (aud === undefined || aud === null || aud === '') return noAudience;
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  if (audiences.length === 0) return noAudience;
  if (!audiences.every((audience) => typeof audience === 'string')) return badAudience;
  return audiences.includes(contract.token.audience) ? undefined : otherAudience;
}

/** Judges what jsonwebtoken does not look at in a header: `crit`, and the type of `kid`. @param segment as it was sent */
function headerRefusal(segment: string): Refusal | undefined {
  const header = decoded(segment);
  // Jsonwebtoken's to refuse.
  if (!isObject(header)) return undefined;
  if (header.kid !== undefined && typeof header.kid !== 'string') return badKid;
  if (!('crit' in header)) return undefined;
  const [name = header.crit] = Array.isArray(header.crit) ? header.crit : [];
  return refusal('Unsupported critical extension', `: ${asText(name)}`);
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value);
  } catch {
    // A token may nest deeper than JSON can be written.
    return '…';
  }
}

function decoded(segment: string): unknown {
  try {
    return JSON.parse(Buffer.from(segment, 'base64url').toString());
  } catch {
    // Not JSON: the caller takes undefined for "cannot be looked into".
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
