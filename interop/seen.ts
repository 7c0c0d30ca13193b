/** Prints figures of a test, such as versions and counts, to standard error: standard output is for --json. */
export function seen(what: string): void {
  process.stderr.write(`  ${what}\n`);
}
