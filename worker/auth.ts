import type { KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { EngineAccess } from './config';
import { contract } from './contract';

/** What a token was worth. The reason is the reference's text, word for word (arcade-mcp-server 1.26.0). */
export type Admission =
  | { readonly ok: true; readonly usedPrevious: boolean }
  | { readonly ok: false; readonly code: 'TOKEN_MISSING' | 'TOKEN_REFUSED'; readonly detail: string };

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

  return (authorization) => {
    const token = bearerToken(authorization);
    if (token === undefined) return notAuthenticated;
    const headerReason = headers.refusalOf(token);
    if (headerReason !== undefined) return refused(headerReason);
    const now = nowSeconds();
    const reason = judge(token, key, now);
    if (reason === undefined) return admitted;
    if (reason !== badSignature || previousKey === undefined) return refused(reason);
    const previousReason = judge(token, previousKey, now);
    return previousReason === undefined ? admittedWithPrevious : refused(previousReason);
  };
}

const admitted: Admission = { ok: true, usedPrevious: false };
const admittedWithPrevious: Admission = { ok: true, usedPrevious: true };
const notAuthenticated: Admission = { ok: false, code: 'TOKEN_MISSING', detail: 'Not authenticated' };
const badSignature = 'Signature verification failed';

function refused(reason: string): Admission {
  return { ok: false, code: 'TOKEN_REFUSED', detail: `Invalid token. Error: ${reason}` };
}

/** The scheme in any case, blanks, the token. Undefined when one of them is not there. */
function bearerToken(authorization: string | undefined): string | undefined {
  if (authorization === undefined || authorization.slice(0, 7).toLowerCase() !== 'bearer ') return undefined;
  return authorization.slice(7).trim() || undefined;
}

/** Why a token is refused, or undefined when it is good. */
function judge(token: string, key: KeyObject, now: number): string | undefined {
  // A stack trace nobody reads would make a refused token dearer than an accepted one.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    const claims: unknown = jwt.verify(token, key, {
      algorithms: [contract.token.algorithm],
      audience: contract.token.audience,
      clockTimestamp: now,
      // Judged below, with a tolerance that `exp` must not get.
      ignoreNotBefore: true,
    });
    return claimsRefusal(claims, now);
  } catch (error) {
    return reasonOf(error, token, now);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** What jsonwebtoken 9.0.3 reports, in the words of the reference. */
const reasons: Readonly<Record<string, string>> = {
  'jwt malformed': 'Not enough segments',
  'invalid token': 'Not enough segments',
  'invalid algorithm': 'The specified alg value is not allowed',
  'jwt signature is required': 'The specified alg value is not allowed',
  'invalid signature': badSignature,
};

const notAnObject = 'Invalid payload string: must be a json object';

function reasonOf(error: unknown, token: string, now: number): string {
  const known = error instanceof Error ? reasons[error.message] : undefined;
  if (known !== undefined) return known;
  // Anything but its own class means that it fell over the payload: text that is not JSON, or null.
  if (!(error instanceof jwt.JsonWebTokenError)) return notAnObject;
  // The signature is good, so the claims may be told. The reference looks at them in another order.
  return claimsRefusal(decoded(token.split('.')[1]), now) ?? 'Invalid payload string';
}

/** How far apart the clocks of engine and worker may be, for `nbf` and `iat`, in seconds. */
const toleranceSeconds = 60;

/** The first thing wrong with the claims, in the order in which the reference looks (PyJWT 2.15). */
function claimsRefusal(claims: unknown, now: number): string | undefined {
  if (!isObject(claims)) return notAnObject;
  const { iat, nbf, exp, aud, sub, jti, ver } = claims;
  if (iat !== undefined) {
    if (typeof iat !== 'number') return 'Issued At claim (iat) must be an integer.';
    if (iat > now + toleranceSeconds) return 'The token is not yet valid (iat)';
  }
  if (nbf !== undefined) {
    if (typeof nbf !== 'number') return 'Not Before claim (nbf) must be an integer.';
    if (nbf > now + toleranceSeconds) return 'The token is not yet valid (nbf)';
  }
  if (exp !== undefined) {
    if (typeof exp !== 'number') return 'Expiration Time claim (exp) must be an integer.';
    if (exp <= now) return 'Signature has expired';
  }
  return audienceRefusal(aud) ?? identifierRefusal(sub, jti) ?? versionRefusal(ver);
}

function audienceRefusal(aud: unknown): string | undefined {
  if (aud === undefined || aud === null || aud === '' || (Array.isArray(aud) && aud.length === 0)) {
    return 'Token is missing the "aud" claim';
  }
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  if (!audiences.every((audience) => typeof audience === 'string')) return 'Invalid claim format in token';
  return audiences.includes(contract.token.audience) ? undefined : "Audience doesn't match";
}

function identifierRefusal(sub: unknown, jti: unknown): string | undefined {
  if (sub !== undefined && typeof sub !== 'string') return 'Subject must be a string';
  if (jti !== undefined && typeof jti !== 'string') return 'JWT ID must be a string';
  return undefined;
}

function versionRefusal(ver: unknown): string | undefined {
  if (ver === contract.token.version) return undefined;
  return `Unsupported token version: ${ver === undefined || ver === null ? 'None' : asText(ver)}`;
}

/**
 * Judges what jsonwebtoken does not look at in a header: `crit`, and the type of `kid`. An engine signs every token
 * under the same header, so the last good one is remembered and not decoded again.
 */
class PlainHeaders {
  #good = '';

  refusalOf(token: string): string | undefined {
    const end = token.indexOf('.');
    const segment = end === -1 ? token : token.slice(0, end);
    if (segment === this.#good) return undefined;
    const header = decoded(segment);
    // What cannot be decoded is jsonwebtoken's to refuse.
    if (!isObject(header)) return undefined;
    if (header.kid !== undefined && typeof header.kid !== 'string') return 'Key ID header parameter must be a string';
    if ('crit' in header) {
      const [name = header.crit] = Array.isArray(header.crit) ? header.crit : [];
      return `Unsupported critical extension: ${asText(name)}`;
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
