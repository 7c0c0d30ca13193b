import { createHmac } from 'node:crypto';
import type { TokenRecipe } from './vector';

const digests: Readonly<Record<string, string>> = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' };

/**
 * Makes the token that a recipe describes, including invalid ones that a JWT library would reject. `none` leaves the
 * signature empty. Claims such as `<now+300>` become seconds since 1970.
 * @throws Error for an algorithm that is neither HMAC nor `none`
 */
export function mint({ secret, alg, claims, header = {} }: TokenRecipe, nowSeconds = Date.now() / 1000): string {
  const members = Object.entries({ alg, typ: 'JWT', ...header }).filter(([, value]) => value !== null);
  const signed = `${encode(Object.fromEntries(members))}.${encode(withTimes(claims, Math.floor(nowSeconds)))}`;
  if (alg === 'none') return `${signed}.`;
  const digest = digests[alg];
  if (digest === undefined) throw new Error(`Cannot sign with "${alg}"`);
  return `${signed}.${createHmac(digest, secret).update(signed).digest('base64url')}`;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function withTimes(value: unknown, now: number): unknown {
  if (Array.isArray(value)) return value.map((item) => withTimes(item, now));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withTimes(member, now)]));
  }
  const [, offset] = typeof value === 'string' ? (/^<now([+-]\d+)>$/.exec(value) ?? []) : [];
  return offset === undefined ? value : now + Number(offset);
}
