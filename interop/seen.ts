/** Tells what was seen in the course of a proof: figures that say how much it proves. Standard output is for --json. */
export function seen(what: string): void {
  process.stderr.write(`  ${what}\n`);
}
