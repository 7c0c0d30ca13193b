/** The parts of a sealed value (sealed-secrets 0.36.6): length of the wrapped key, wrapped key, AES part with its tag. */
export interface Envelope {
  /** The session key, encrypted with RSA-OAEP; as long as the modulus of the certificate. */
  readonly wrappedKey: Buffer;
  /** The plaintext, encrypted with AES-256-GCM, followed by the 16-byte tag. */
  readonly aesPart: Buffer;
}

/** Sizes in bytes: of the length field before the wrapped key, and of the tag at the end. */
export const envelopeBytes = { length: 2, tag: 16 } as const;

/** Splits a sealed value into its parts, or returns why it cannot. Never returns the text. */
export function splitEnvelope(ciphertext: string): Envelope | 'not-base64' | 'too-short' {
  const bytes = Buffer.from(ciphertext, 'base64');
  // Node skips invalid base64; only standard base64 with padding survives the round trip.
  if (bytes.toString('base64') !== ciphertext) return 'not-base64';
  if (bytes.length < envelopeBytes.length) return 'too-short';
  const end = envelopeBytes.length + bytes.readUInt16BE(0);
  if (bytes.length < end) return 'too-short';
  return { wrappedKey: bytes.subarray(envelopeBytes.length, end), aesPart: bytes.subarray(end) };
}

/** Joins the parts: standard base64 with padding, on one line. */
export function joinEnvelope({ wrappedKey, aesPart }: Envelope): string {
  const length = Buffer.allocUnsafe(envelopeBytes.length);
  length.writeUInt16BE(wrappedKey.length);
  return Buffer.concat([length, wrappedKey, aesPart]).toString('base64');
}
