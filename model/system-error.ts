/** The code of an error of the system, a resolver or TLS, such as `ENOENT`; undefined for any other value. */
export function systemCode(error: unknown): string | undefined {
  // Not `instanceof Error`: under Jest, errors of Node come from another realm.
  const isObject = typeof error === 'object' && error !== null;
  return isObject && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Why the system refused, in its own words, such as `no such file or directory`; no path is in it. */
export function systemReason(error: unknown): string {
  const [, reason] = /\bE[A-Z0-9]+: ([^,]+)/.exec(String(error)) ?? [];
  return reason ?? systemCode(error) ?? 'the reason is unknown';
}
