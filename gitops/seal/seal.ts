import { constants, createCipheriv, publicEncrypt, randomBytes } from 'node:crypto';
import { joinEnvelope } from '../../model/envelope';
import type { Ciphertext } from '../../model/sealed';
import type { Certificate } from './certificate';

/**
 * Seals one value, as kubeseal does (0.36.6): a fresh session key under RSA-OAEP with SHA-256 and the label, the value
 * under AES-256-GCM. Never gives the same text twice. The plaintext is left as it is: overwriting it is the caller's part.
 * @param label from `labelOf`; decides where the value can be opened
 */
export function seal(plaintext: Uint8Array, certificate: Pick<Certificate, 'publicKey'>, label: string): Ciphertext {
  const sessionKey = randomBytes(32);
  try {
    const wrappedKey = publicEncrypt({ ...oaep(label), key: certificate.publicKey }, sessionKey);
    // The one place that may call text sealed: it has just been.
    return joinEnvelope({ wrappedKey, aesPart: encrypt(plaintext, sessionKey) }) as Ciphertext;
  } finally {
    sessionKey.fill(0);
  }
}

/** The OAEP settings of both directions; `oaepHash` sets the hash of MGF1 too. */
export function oaep(label: string) {
  return { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256', oaepLabel: Buffer.from(label, 'utf8') };
}

/** The nonce of both directions: zeros are safe because no session key is used twice. */
export const nonce = Buffer.alloc(12);

/** The symmetric half: AES-256-GCM without additional data, the tag at the end. */
export function encrypt(plaintext: Uint8Array, sessionKey: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-gcm', sessionKey, nonce);
  const encrypted = cipher.update(plaintext);
  // GCM holds nothing back, so what `final` returns is empty.
  cipher.final();
  return Buffer.concat([encrypted, cipher.getAuthTag()]);
}
