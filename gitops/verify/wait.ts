import { Problem } from '../../model/problem';

/** Pauses between attempts in milliseconds: doubling from one second, never more than 15. */
export function pauseBefore(attempt: number): number {
  return Math.min(1000 * 2 ** (attempt - 1), 15_000);
}

/**
 * A duration of the command line in milliseconds: digits with `s`, `m` or `h`.
 * @throws Problem USAGE
 */
export function durationMs(text: string, flag: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,5})(s|m|h)$/.exec(text) ?? [];
  const factor = { s: 1000, m: 60_000, h: 3_600_000 }[unit];
  if (factor !== undefined) return Number(digits) * factor;
  throw new Problem('USAGE', `Cannot read --${flag} "${text}" as a duration`, { fix: 'write it as 30s, 5m or 1h' });
}
