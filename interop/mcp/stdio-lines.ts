import { recordedName } from '../../testing/exchanges/recorded';

/** One call of Echo as written to standard input, and the text that Echo must return. */
export interface StdioLine {
  readonly name: string;
  readonly sent: string;
  readonly text: string;
}

/**
 * Only a line feed ends a message; in JSON all of these characters are text or white space between tokens.
 * `readline` also ends lines at a lone carriage return, and since Node 24 at U+2028 and U+2029.
 */
export const stdioLines: readonly StdioLine[] = [
  { name: 'U+2028 unescaped', sent: line('a\u2028b'), text: 'a\u2028b' },
  { name: 'U+2029 unescaped', sent: line('a\u2029b'), text: 'a\u2029b' },
  { name: 'U+0085 unescaped', sent: line('a\u0085b'), text: 'a\u0085b' },
  { name: 'a byte order mark inside the text', sent: line('a\ufeffb'), text: 'a\ufeffb' },
  { name: 'characters of two, three and four bytes', sent: line('ü€\u{1f642}'), text: 'ü€\u{1f642}' },
  { name: 'escaped U+2028 and U+2029', sent: line('\\u2028\\u2029'), text: '\u2028\u2029' },
  { name: 'escaped line ends', sent: line('\\r\\n\\n\\r'), text: '\r\n\n\r' },
  { name: 'an escaped surrogate pair', sent: line('\\ud83d\\ude42'), text: '\u{1f642}' },
  { name: 'CR LF at the end', sent: line('a', '\r\n'), text: 'a' },
  { name: 'surrounding white space', sent: ` \t${line('a', '\t \n')}`, text: 'a' },
  { name: 'surrounding empty lines', sent: `\n\r\n \n${line('a', '\n\n\r\n')}`, text: 'a' },
  { name: 'a carriage return between tokens', sent: line('a').replaceAll(',', ',\r'), text: 'a' },
];

function line(message: string, end = '\n'): string {
  const params = `{"name":"${recordedName}_Echo","arguments":{"message":"${message}"}}`;
  return `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}${end}`;
}
