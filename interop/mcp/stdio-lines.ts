import { recordedName } from '../../testing/exchanges/recorded';

/** One call of Echo as it is written to standard input, and the text that has to come back. */
export interface StdioLine {
  readonly name: string;
  readonly sent: string;
  readonly text: string;
}

/**
 * A message ends with a line feed and with nothing else: in JSON everything here is text, or space between tokens.
 * `readline` ends lines at a lone carriage return too, and since Node 24 at U+2028 and U+2029.
 */
export const stdioLines: readonly StdioLine[] = [
  { name: 'U+2028 as it is', sent: line('a\u2028b'), text: 'a\u2028b' },
  { name: 'U+2029 as it is', sent: line('a\u2029b'), text: 'a\u2029b' },
  { name: 'U+0085 as it is', sent: line('a\u0085b'), text: 'a\u0085b' },
  { name: 'a byte order mark within', sent: line('a\ufeffb'), text: 'a\ufeffb' },
  { name: 'letters of two, three and four bytes', sent: line('ü€\u{1f642}'), text: 'ü€\u{1f642}' },
  { name: 'U+2028 and U+2029 escaped', sent: line('\\u2028\\u2029'), text: '\u2028\u2029' },
  { name: 'line ends escaped', sent: line('\\r\\n\\n\\r'), text: '\r\n\n\r' },
  { name: 'a pair escaped', sent: line('\\ud83d\\ude42'), text: '\u{1f642}' },
  { name: 'CR LF at the end', sent: line('a', '\r\n'), text: 'a' },
  { name: 'white space around', sent: ` \t${line('a', '\t \n')}`, text: 'a' },
  { name: 'empty lines around', sent: `\n\r\n \n${line('a', '\n\n\r\n')}`, text: 'a' },
  { name: 'a carriage return between tokens', sent: line('a').replaceAll(',', ',\r'), text: 'a' },
];

function line(message: string, end = '\n'): string {
  const params = `{"name":"${recordedName}_Echo","arguments":{"message":"${message}"}}`;
  return `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}${end}`;
}
