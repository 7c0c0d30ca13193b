import pc from 'picocolors';

type Terminal = Pick<NodeJS.WriteStream, 'isTTY'>;

/**
 * Whether words may be coloured: on a terminal, and nowhere else. `NO_COLOR` switches it off (no-color.org), `FORCE_COLOR`
 * on (as Node reads it).
 */
export function isColoured(
  stream: Partial<Terminal>,
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  if (environment.NO_COLOR) return false;
  if (environment.FORCE_COLOR !== undefined) return environment.FORCE_COLOR !== '0';
  return stream.isTTY === true && environment.TERM !== 'dumb';
}

/** Colours for standard output. */
export const colours = pc.createColors(isColoured(process.stdout, process.env));

/** Colours for standard error, where problems are shown. */
export const errorColours = pc.createColors(isColoured(process.stderr, process.env));

/** Shows how far a command is, in one line of a terminal that the next call replaces; nothing elsewhere. @param text empty clears it */
export function showProgress(text: string): void {
  if (process.stderr.isTTY && process.env.TERM !== 'dumb') process.stderr.write(`\r${text}\x1b[K`);
}
