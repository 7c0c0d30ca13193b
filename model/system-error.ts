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

/**
 * What a person can do about something that the machine has refused, such as to write on a full disk; undefined for every
 * other error. The text of a program counts as well: what it met comes in words.
 */
export function machineFix(error: unknown): string | undefined {
  const code = systemCode(error);
  const text = `${error}`;
  return machineFixes.find(([codes, words]) => (code !== undefined && codes.includes(code)) || words.test(text))?.[2];
}

const machineFixes: readonly [codes: readonly string[], words: RegExp, fix: string][] = [
  [
    ['ENOSPC', 'EDQUOT', 'EFBIG'],
    /\bENOSPC\b|no space left on device|disk quota exceeded|file too large/i,
    'make room on the disk, then run the same command again',
  ],
  [
    ['EACCES', 'EPERM', 'EROFS'],
    /\b(EACCES|EPERM|EROFS)\b|permission denied|read-only file system/i,
    'see who may read and write there, and whether the disk may be written to',
  ],
  [['EMFILE', 'ENFILE'], /too many open files/i, 'raise the limit of open files (ulimit -n), or end other programs'],
  [
    ['ENOMEM', 'EAGAIN'],
    /cannot allocate memory|out of memory|resource temporarily unavailable/i,
    'end other programs: the memory, or the number of processes, is used up',
  ],
  [['EIO', 'EBUSY'], /input\/output error/i, 'see to the disk, and to what else uses the file, then run it again'],
];
