/**
 * The flags of the command line. `--help` and `-h` print the usage and end the process; so does anything that is neither
 * help nor known, with exit code 1.
 */
export function readFlags(known, usage) {
  const given = process.argv.slice(2);
  if (given.includes('--help') || given.includes('-h')) {
    console.log(usage);
    process.exit(0);
  }
  const unknown = given.find((flag) => !known.includes(flag));
  if (unknown !== undefined) {
    console.error(`Cannot read the command line: "${unknown}" is unknown\n\n${usage}`);
    process.exit(1);
  }
  return new Set(given);
}
