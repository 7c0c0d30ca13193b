const throttleMs = 10_000;

/**
 * Limits a log line that strangers can cause as often as they like to one per key every ten seconds. The first occurrence
 * is logged at once; the ones after it are counted and logged when the ten seconds are over.
 * @param write logs one line: the key and how often it occurred since its last line
 * @param mostMs with more than ten seconds, the wait doubles up to this for as long as it goes on
 * @returns a function that counts an occurrence
 */
export function throttledLog(
  write: (fields: { readonly key: string; readonly times: number }) => void,
  mostMs = throttleMs,
): (key: string) => void {
  const pending = new Map<string, number>();
  const wait = (key: string, waitMs: number) => {
    pending.set(key, 0);
    setTimeout(() => {
      const times = pending.get(key) ?? 0;
      pending.delete(key);
      if (times === 0) return;
      write({ key, times });
      wait(key, Math.min(waitMs * 2, mostMs));
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
