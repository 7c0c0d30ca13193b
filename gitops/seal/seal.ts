import { constants, createCipheriv, publicEncrypt, randomBytes } from 'node:crypto';
import { joinEnvelope } from '../../model/envelope';
import type { Ciphertext } from '../../model/sealed';
import type { Certificate } from './certificate';

/**
 * Seals one value, as kubeseal does (0.36.6): a fresh session key under RSA-OAEP with SHA-256 and the label, the value
 * under AES-256-GCM. Never returns the same ciphertext twice. Wiping the plaintext is up to the caller.
 * @param label from `labelOf`; decides where the value can be decrypted
 */
export function seal(plaintext: Uint8Array, certificate: Pick<Certificate, 'publicKey'>, label: string): Ciphertext {
  const sessionKey = randomBytes(32);
  try {
    const wrappedKey = publicEncrypt({ ...oaep(label), key: certificate.publicKey }, sessionKey);
    // The compiler cannot see that this text has just been sealed.
    return joinEnvelope({ wrappedKey, aesPart: encrypt(plaintext, sessionKey) }) as Ciphertext;
  } finally {
    sessionKey.fill(0);
  }
}

/** The OAEP settings for sealing and opening; `oaepHash` also sets the hash of MGF1. */
export function oaep(label: string) {
  return { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256', oaepLabel: Buffer.from(label, 'utf8') };
}

/** The nonce for sealing and opening: all zeros is safe because every session key is used once. */
export const nonce = Buffer.alloc(12);

/** The symmetric half: AES-256-GCM without additional data, the tag at the end. */
export function encrypt(plaintext: Uint8Array, sessionKey: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-gcm', sessionKey, nonce);
  const encrypted = cipher.update(plaintext);
  // GCM buffers nothing, so `final` returns an empty buffer.
  cipher.final();
  return Buffer.concat([encrypted, cipher.getAuthTag()]);
}
