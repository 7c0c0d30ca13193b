const sparingMs = 10_000;

/**
 * Says something that strangers can cause as often as they like, at most once in ten seconds a key: the first time at once,
 * and what comes after it when they are over.
 * @param say writes a line about the key and how many times it has happened since the last one
 * @returns a function that counts
 */
export function sparingly(
  say: (fields: { readonly key: string; readonly times: number }) => void,
): (key: string) => void {
  const unsaid = new Map<string, number>();
  const wait = (key: string) => {
    unsaid.set(key, 0);
    setTimeout(() => {
      const times = unsaid.get(key) ?? 0;
      unsaid.delete(key);
      if (times === 0) return;
      say({ key, times });
      wait(key);
    }, sparingMs).unref();
  };
  return (key) => {
    const times = unsaid.get(key);
    if (times !== undefined) {
      unsaid.set(key, times + 1);
      return;
    }
    say({ key, times: 1 });
    wait(key);
  };
}
