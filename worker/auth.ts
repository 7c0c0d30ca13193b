import type { KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { EngineAccess } from './config';
import { contract } from './contract';

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
  const headers = new PlainHeaders();

  function judge(token: string): Admission {
    const now = nowSeconds();
    const refusal = headers.refusalOf(token) ?? verify(token, key, now);
    if (refusal === undefined) return admitted;
    if (refusal !== badSignature || previousKey === undefined) return refusal;
    return verify(token, previousKey, now) ?? admittedWithPrevious;
  }

  return (authorization) => {
    const token = bearerToken(authorization);
    if (token === undefined) return notAuthenticated;
    // A stack trace nobody reads would make a refused token dearer than an accepted one.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      return judge(token);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  };
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
  audience: contract.token.audience,
  // Both are judged below: `nbf` with a tolerance that `exp` must not get, and `exp` without the cost of an error.
  ignoreNotBefore: true,
  ignoreExpiration: true,
};

/** Why a token is refused, or undefined when it is good. */
function verify(token: string, key: KeyObject, now: number): Refusal | undefined {
  // Should the callback ever come later than the call returns, every token is refused.
  let found: Refusal | undefined = unforeseen;
  try {
    // With a callback nothing is thrown for a refused token, which is cheaper (jsonwebtoken 9.0.3).
    jwt.verify(token, key, { ...options, clockTimestamp: now }, (error, claims) => {
      found = error === null ? claimsRefusal(claims, now) : refusalFor(error, token, now);
    });
  } catch {
    // It falls over a payload that is null.
    return badPayload;
  }
  return found;
}

/** What jsonwebtoken 9.0.3 reports, in the words of the reference. */
const known: ReadonlyMap<string, Refusal> = new Map([
  ['jwt malformed', notEnoughSegments],
  ['invalid token', notEnoughSegments],
  ['invalid algorithm', badAlgorithm],
  ['jwt signature is required', badAlgorithm],
  ['invalid signature', badSignature],
]);

function refusalFor(error: Error, token: string, now: number): Refusal {
  const simple = known.get(error.message);
  if (simple !== undefined) return simple;
  // Anything but its own class means that it fell over the payload: text that is not JSON.
  if (!(error instanceof jwt.JsonWebTokenError)) return badPayload;
  // The signature is good, so the claims may be told. The reference looks at them in another order.
  return claimsRefusal(decoded(token.split('.')[1]), now) ?? unforeseen;
}

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

/**
 * Judges what jsonwebtoken does not look at in a header: `crit`, and the type of `kid`. An engine signs every token
 * under the same header, so the last good one is remembered and not decoded again.
 */
class PlainHeaders {
  #good = '';

  refusalOf(token: string): Refusal | undefined {
    const end = token.indexOf('.');
    // No segments at all: jsonwebtoken's to refuse, as is what cannot be decoded.
    if (end === -1) return undefined;
    const segment = token.slice(0, end);
    if (segment === this.#good) return undefined;
    const header = decoded(segment);
    if (!isObject(header)) return undefined;
    if (header.kid !== undefined && typeof header.kid !== 'string') return badKid;
    if ('crit' in header) {
      const [name = header.crit] = Array.isArray(header.crit) ? header.crit : [];
      return refusal('Unsupported critical extension', `: ${asText(name)}`);
    }
    // Short, so that a stranger cannot make the worker hold on to something large.
    if (segment.length <= 200) this.#good = segment;
    return undefined;
  }
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function decoded(segment: string | undefined): unknown {
  try {
    return JSON.parse(Buffer.from(segment ?? '', 'base64url').toString());
  } catch {
    // Not JSON: the callers take undefined for "cannot be looked into".
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
