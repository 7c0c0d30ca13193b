import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Destination } from '../../model/sealed';

/** Everything that makes a sealed value what it is; a change of any of them calls for sealing again. */
export interface SealedFields extends Destination {
  readonly certSha256: string;
  readonly key: string;
  readonly plaintext: Uint8Array;
}

/**
 * Tells, without opening it, whether a sealed value is the same as before: the first 16 bytes, in hex, of HMAC-SHA-256 over
 * the fields, each after its length (8 bytes, big-endian). Keyed, because a plain hash of a short secret can be guessed.
 */
export function keyedCheck(checkKey: Uint8Array, fields: SealedFields): string {
  const { certSha256, scope, namespace, name, key, plaintext } = fields;
  const hmac = createHmac('sha256', checkKey);
  for (const field of [certSha256, scope, namespace, name, key, plaintext]) {
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(Buffer.byteLength(field)));
    hmac.update(length).update(field);
  }
  return hmac.digest('hex').slice(0, 32);
}

/** Whether two checks are the same, in a time that does not depend on where they differ. */
export function isSameCheck(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}

/** The least length of a check key, in bytes: shorter ones can be guessed, and with them the secrets. */
export const minCheckKeyBytes = 16;
