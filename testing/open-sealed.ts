import { createDecipheriv, type KeyObject, privateDecrypt } from 'node:crypto';
import { nonce, oaep } from '../gitops/seal/seal';
import { envelopeBytes, splitEnvelope } from '../model/envelope';

/** What opening a sealed value came to. The reasons are as fine as the format allows: OAEP gives none for its failure. */
export type Opened =
  | { readonly ok: true; readonly plaintext: Buffer }
  | { readonly ok: false; readonly why: 'not-base64' | 'too-short' | 'wrong-key-or-scope' | 'tampered' };

/**
 * Opens a sealed value with the first private key that fits; the format does not say which one does.
 * For tests: a cluster opens its own, and for recovery there is `kubeseal --recovery-unseal`.
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
    // Another key, another label or damage: RSA-OAEP does not tell them apart, on purpose.
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
    // The tag does not fit; what was decrypted so far must not be seen by anyone.
    plaintext.fill(0);
    return undefined;
  }
}
