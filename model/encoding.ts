/**
 * How a text is written that is not plain UTF-8, such as PowerShell 5 and editors on Windows write it.
 * @param bytes of a file; or what reading it as UTF-8 has left of them
 * @returns the end of a sentence such as `it is UTF-16`; undefined for a text without such a mark
 */
export function foreignEncoding(bytes: Uint8Array): string | undefined {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'UTF-8 with a byte order mark (BOM)';
  const hasMark = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  // U+FFFD, which reading it as UTF-8 has made of that mark.
  const hadMark = first === 0xef && second === 0xbf && third === 0xbd;
  const zeros = bytes.reduce((count, byte) => (byte === 0 ? count + 1 : count), 0);
  // Without a mark: every second byte of what is written in Latin letters is zero.
  return hasMark || (hadMark && zeros > 0) || zeros * 3 > bytes.length ? 'UTF-16' : undefined;
}

/** What to do with such a text. */
export const saveAsUtf8 = 'save it as UTF-8 without a byte order mark';
