/**
 * Detects files that are not plain UTF-8, as PowerShell 5 and Windows editors write them.
 * @param bytes of the file, or of its text after decoding as UTF-8
 * @returns the encoding, for a message; undefined for plain UTF-8
 */
export function foreignEncoding(bytes: Uint8Array): string | undefined {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'UTF-8 with a byte order mark (BOM)';
  const hasMark = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  // U+FFFD: the mark after decoding as UTF-8.
  const hadMark = first === 0xef && second === 0xbf && third === 0xbd;
  const zeros = bytes.reduce((count, byte) => (byte === 0 ? count + 1 : count), 0);
  // Without a mark: in UTF-16, every second byte of Latin text is zero.
  return hasMark || (hadMark && zeros > 0) || zeros * 3 > bytes.length ? 'UTF-16' : undefined;
}

/** The fix for such a file. */
export const saveAsUtf8 = 'save it as UTF-8 without a byte order mark';
