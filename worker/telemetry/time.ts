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

/** Milliseconds since an earlier `performance.now()`, with three digits after the point. */
export function msSince(startedAt: number): number {
  return roundedMs(performance.now() - startedAt);
}

/** Milliseconds, rounded to three digits after the point. */
export function roundedMs(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
