/** The parts of a sealed value (sealed-secrets 0.36.6): length of the wrapped key, wrapped key, AES part ending in its tag. */
export interface Envelope {
  /** The session key under RSA-OAEP; as long as the modulus of the certificate. */
  readonly wrappedKey: Buffer;
  /** AES-256-GCM of the plaintext, followed by the tag of 16 bytes. */
  readonly aesPart: Buffer;
}

/** Bytes of the length in front of the wrapped key, and of the tag at the end. */
export const envelopeBytes = { length: 2, tag: 16 } as const;

/** Takes a sealed value apart. Says what is wrong with the text instead when it cannot; the text itself is never told. */
export function splitEnvelope(ciphertext: string): Envelope | 'not-base64' | 'too-short' {
  const bytes = Buffer.from(ciphertext, 'base64');
  // Node skips what is not base64; only a text that comes back the same was standard base64 with padding.
  if (bytes.toString('base64') !== ciphertext) return 'not-base64';
  if (bytes.length < envelopeBytes.length) return 'too-short';
  const end = envelopeBytes.length + bytes.readUInt16BE(0);
  if (bytes.length < end) return 'too-short';
  return { wrappedKey: bytes.subarray(envelopeBytes.length, end), aesPart: bytes.subarray(end) };
}

/** Puts the parts together: standard base64 with padding, on one line. */
export function joinEnvelope({ wrappedKey, aesPart }: Envelope): string {
  const length = Buffer.allocUnsafe(envelopeBytes.length);
  length.writeUInt16BE(wrappedKey.length);
  return Buffer.concat([length, wrappedKey, aesPart]).toString('base64');
}
