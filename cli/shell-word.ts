/** A word of a command line as a POSIX shell takes it: in quotes where it would take it for something else. */
export function shellWord(text: string): string {
  return /^[\p{L}\p{N}@%+=:,./_-]+$/u.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
