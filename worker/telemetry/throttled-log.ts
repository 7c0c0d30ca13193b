const throttleMs = 10_000;

/**
 * Throttles a log line that anyone can trigger to one per key every ten seconds. Logs the first occurrence immediately;
 * counts later ones and logs them when the ten seconds are over.
 * @param write logs one line: the key and its occurrences since the previous line
 * @param maxMs while occurrences continue, the interval doubles up to this. @default - it stays at ten seconds
 * @returns a function that records an occurrence
 */
export function throttledLog(
  write: (fields: { readonly key: string; readonly times: number }) => void,
  maxMs = throttleMs,
): (key: string) => void {
  const pending = new Map<string, number>();
  const wait = (key: string, waitMs: number) => {
    pending.set(key, 0);
    setTimeout(() => {
      const times = pending.get(key) ?? 0;
      pending.delete(key);
      if (times === 0) return;
      write({ key, times });
      wait(key, Math.min(waitMs * 2, maxMs));
    }, waitMs).unref();
  };
  return (key) => {
    const times = pending.get(key);
    if (times !== undefined) {
      pending.set(key, times + 1);
      return;
    }
    write({ key, times: 1 });
    wait(key, throttleMs);
  };
}
