import { decodeProtectedHeader, errors } from 'jose';

/** Why a token is refused, for the operator. The caller only learns whether it is expired or invalid. */
export interface TokenRefusal {
  readonly reason: TokenRefusalReason;
  /**
   * The part of the token to compare with the configuration: its issuer, audience, algorithm or key id, or the name of the
   * invalid claim. Never personal data. The caller controls it, so sanitise it before logging.
   * @default - the token has none
   */
  readonly found?: string | undefined;
}

/** In the order of the checks: a later reason means that more of the token was valid. */
export const tokenRefusalReasons = [
  /** Not a signed JWT: an opaque or encrypted token, or garbage. */
  'format',
  /** No configured authorization server has this issuer. */
  'issuer',
  /** Signed with an algorithm other than the configured one. */
  'algorithm',
  /** The issuer's key set does not have the key. */
  'key',
  'signature',
  /** A claim is missing or of the wrong type. */
  'claims',
  /** Issued for another server. */
  'audience',
  /** `nbf` or `iat` is in the future. */
  'not_yet',
  'expired',
] as const;

export type TokenRefusalReason = (typeof tokenRefusalReasons)[number];

/** Thrown to refuse a token. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';

  constructor(readonly refusal: TokenRefusal) {
    super(refusal.reason);
  }
}

/** Of the refusals by several entries, the one that passed the most checks. */
export function nearest(refusals: readonly TokenRefusal[]): TokenRefusal {
  const rank = ({ reason }: TokenRefusal) => tokenRefusalReasons.indexOf(reason);
  return refusals.reduce((best, each) => (rank(each) > rank(best) ? each : best), { reason: 'format' });
}

/** Converts an error of jose 6.2 to a refusal. */
export function whyRefused(error: unknown, token: string): TokenRefusal {
  if (error instanceof TokenRefused) return error.refusal;
  if (error instanceof errors.JWTExpired) return { reason: 'expired' };
  if (error instanceof errors.JWTClaimValidationFailed) return claimRefusal(error);
  if (error instanceof errors.JWSSignatureVerificationFailed) return { reason: 'signature' };
  if (error instanceof errors.JOSEAlgNotAllowed) return { reason: 'algorithm', found: headerOf(token).alg };
  const isAboutKey = error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys;
  return isAboutKey ? { reason: 'key', found: headerOf(token).kid } : { reason: 'format' };
}

function claimRefusal({ claim, reason, payload }: errors.JWTClaimValidationFailed): TokenRefusal {
  if (claim === 'aud') return { reason: 'audience', found: asFound([payload.aud ?? []].flat().join(' ')) };
  if (claim === 'iss') return { reason: 'issuer', found: asFound(payload.iss) };
  const isEarly = claim === 'nbf' && reason === 'check_failed';
  return { reason: isEarly ? 'not_yet' : 'claims', found: claim };
}

function headerOf(token: string): { readonly alg?: string | undefined; readonly kid?: string | undefined } {
  const { alg, kid } = decodeProtectedHeader(token);
  return { alg: asFound(alg), kid: asFound(kid) };
}

/** A value of an untrusted token, which may be of any type. Undefined unless it is a non-empty string. */
export function asFound(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
