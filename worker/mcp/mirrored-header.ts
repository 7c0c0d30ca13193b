import { isUtf8 } from 'node:buffer';

/**
 * Reads a header that mirrors a value of the body. `=?base64?…?=` is Base64 of UTF-8; anything without exactly that
 * prefix and suffix is literal. Undefined: the encoding is broken (a lenient decoder fails conformance 0.2).
 */
export function decodeMirrored(value: string): string | undefined {
  if (!value.startsWith(prefix) || !value.endsWith(suffix) || value.length < prefix.length + suffix.length)
    return value;
  const encoded = value.slice(prefix.length, -suffix.length);
  if (!isCanonicalBase64(encoded)) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}

const prefix = '=?base64?';
const suffix = '?=';

/** The standard alphabet with its padding, and no stray bits: exactly what an encoder writes. */
function isCanonicalBase64(text: string): boolean {
  return Buffer.from(text, 'base64').toString('base64') === text;
}
