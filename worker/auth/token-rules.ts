import { contract } from '../contract';
import { isObject, parsed } from '../json';

/** A refused token. */
export interface TokenRefusal {
  readonly ok: false;
  /** For logs and counters. Contains nothing that the caller wrote. */
  readonly reason: string;
  /**
   * The response body, with the Python server's exact text (arcade-mcp-server 1.26.0). Serialised in advance, because most
   * refusals are created once and sent often.
   */
  readonly body: string;
}

/** Creates a refusal. @param remark the end of the text, taken from the token */
export function refusal(reason: string, remark = ''): TokenRefusal {
  return refusalOf(reason, `Invalid token. Error: ${reason}${remark}`);
}

/** The request carries no token. */
export const notAuthenticated = refusalOf('Not authenticated', 'Not authenticated');

function refusalOf(reason: string, detail: string): TokenRefusal {
  return { ok: false, reason, body: JSON.stringify({ detail }) };
}

/** Formats a token's value for a remark. */
function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value);
  } catch {
    // Nested too deep to serialise.
    return '…';
  }
}

/** Checks the header fields that jsonwebtoken ignores: `crit`, and the type of `kid`. @param segment as received */
export function headerRefusal(segment: string): TokenRefusal | undefined {
  const header = parsed(Buffer.from(segment, 'base64url').toString());
  // jsonwebtoken refuses it.
  if (!isObject(header)) return undefined;
  if (header.kid !== undefined && typeof header.kid !== 'string') return badKid;
  if (!('crit' in header)) return undefined;
  const [name = header.crit] = Array.isArray(header.crit) ? header.crit : [];
  return refusal('Unsupported critical extension', `: ${asText(name)}`);
}

const badKid = refusal('Key ID header parameter must be a string');

/** The tolerated clock skew between engine and worker for `nbf` and `iat`, in seconds. */
const toleranceSeconds = 60;

/** The first error in the claims, checked in the Python server's order (PyJWT 2.15). Undefined for valid claims. */
export function claimsRefusal(claims: unknown, now: number): TokenRefusal | undefined {
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

function audienceRefusal(aud: unknown): TokenRefusal | undefined {
  if (aud === contract.token.audience) return undefined;
  if (aud === undefined || aud === null || aud === '') return noAudience;
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  if (audiences.length === 0) return noAudience;
  if (!audiences.every((audience) => typeof audience === 'string')) return badAudience;
  return audiences.includes(contract.token.audience) ? undefined : otherAudience;
}

export const badPayload = refusal('Invalid payload string: must be a json object');
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
