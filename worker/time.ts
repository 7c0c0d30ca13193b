let lastMs = Number.NaN;
let lastText = '';

/** A time in UTC as text with milliseconds. Under load many calls fall into one millisecond, so the last is kept. */
export function isoTime(milliseconds: number): string {
  if (milliseconds !== lastMs) {
    lastMs = milliseconds;
    lastText = new Date(milliseconds).toISOString();
  }
  return lastText;
}

/** Milliseconds with three digits since a `performance.now()`. */
export function msSince(startedAt: number): number {
  return toMicroseconds(performance.now() - startedAt);
}

/** The same milliseconds with three digits after the point. */
export function toMicroseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
