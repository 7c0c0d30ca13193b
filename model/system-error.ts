/** The code of a system, DNS or TLS error, such as `ENOENT`; undefined for any other value. */
export function systemCode(error: unknown): string | undefined {
  // Not `instanceof Error`: under Jest, Node's errors come from another realm.
  const isObject = typeof error === 'object' && error !== null;
  return isObject && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** The reason of a system error without its path, such as `no such file or directory`. */
export function systemReason(error: unknown): string {
  const [, reason] = /\bE[A-Z0-9]+: ([^,]+)/.exec(String(error)) ?? [];
  return reason ?? systemCode(error) ?? 'the reason is unknown';
}

/**
 * The fix for an error of this machine, such as a full disk; undefined for any other error. Accepts a system error, or the
 * error output of another program.
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
    'free space on the disk, then run the same command again',
  ],
  [
    ['EACCES', 'EPERM', 'EROFS'],
    /\b(EACCES|EPERM|EROFS)\b|permission denied|read-only file system/i,
    'check the permissions there, and that the disk is not read-only',
  ],
  [['EMFILE', 'ENFILE'], /too many open files/i, 'raise the limit of open files (ulimit -n), or stop other programs'],
  [
    ['ENOMEM', 'EAGAIN'],
    /cannot allocate memory|out of memory|resource temporarily unavailable/i,
    'stop other programs: memory or the number of processes is exhausted',
  ],
  [
    ['EIO', 'EBUSY'],
    /input\/output error/i,
    'check the disk, and which other programs use the file, then run it again',
  ],
];
