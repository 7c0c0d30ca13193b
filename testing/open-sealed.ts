import { createDecipheriv, type KeyObject, privateDecrypt } from 'node:crypto';
import { nonce, oaep } from '../gitops/seal/seal';
import { envelopeBytes, splitEnvelope } from '../model/envelope';

/** The result of decrypting a sealed value. OAEP does not distinguish a wrong key from a wrong scope. */
export type Opened =
  | { readonly ok: true; readonly plaintext: Buffer }
  | { readonly ok: false; readonly why: 'not-base64' | 'too-short' | 'wrong-key-or-scope' | 'tampered' };

/**
 * Decrypts a sealed value with the first private key that fits, because the format does not name the key. Only for tests: use
 * `kubeseal --recovery-unseal` to recover values.
 */
export function open(ciphertext: string, privateKeys: readonly KeyObject[], label: string): Opened {
  const envelope = splitEnvelope(ciphertext);
  if (typeof envelope === 'string') return { ok: false, why: envelope };
  for (const key of privateKeys) {
    const sessionKey = unwrap(envelope.wrappedKey, key, label);
    if (sessionKey === undefined) continue;
    const plaintext = decrypt(envelope.aesPart, sessionKey);
    sessionKey.fill(0);
    return plaintext === undefined ? { ok: false, why: 'tampered' } : { ok: true, plaintext };
  }
  return { ok: false, why: 'wrong-key-or-scope' };
}

function unwrap(wrappedKey: Buffer, key: KeyObject, label: string): Buffer | undefined {
  try {
    const sessionKey = privateDecrypt({ ...oaep(label), key }, wrappedKey);
    return sessionKey.length === 32 ? sessionKey : undefined;
  } catch {
    // A wrong key, a wrong label or a damaged value: RSA-OAEP does not distinguish them, by design.
    return undefined;
  }
}

function decrypt(aesPart: Buffer, sessionKey: Buffer): Buffer | undefined {
  const end = aesPart.length - envelopeBytes.tag;
  if (end < 0) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', sessionKey, nonce, { authTagLength: envelopeBytes.tag });
  decipher.setAuthTag(aesPart.subarray(end));
  const plaintext = decipher.update(aesPart.subarray(0, end));
  try {
    decipher.final();
    return plaintext;
  } catch {
    // The tag does not match, so the decrypted bytes must not be used.
    plaintext.fill(0);
    return undefined;
  }
}
