import { Problem } from '../../model/problem';

/** The code of an error of the system, such as `ENOENT`; undefined for any other error. */
export function systemCode(error: unknown): string | undefined {
  // Not `instanceof Error`: under Jest, errors of Node come from another realm.
  const isObject = typeof error === 'object' && error !== null;
  return isObject && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/**
 * What the system said when something was written, in words of our own; anything but an error of the system comes back as
 * it is.
 * @param what the subject, such as `the sealed values of "x"`
 */
export function writeFailure(error: unknown, what: string, file: string): unknown {
  const code = systemCode(error);
  if (code === undefined || error instanceof Problem) return error;
  return new Problem('SEAL-WRITE', `Cannot write ${what}: ${reasons[code] ?? code}`, {
    file,
    fix: 'put that right and run again; the file is as it was',
    cause: error,
  });
}

/** Why a file could not be read, in words. */
export function readReason(error: unknown): string {
  const code = systemCode(error);
  return code === undefined ? 'it is not a file' : (readReasons[code] ?? code);
}

/** Why a new file could not be written, in words. */
export function writeReason(error: unknown): string {
  const code = systemCode(error);
  return code === undefined ? 'it cannot be made' : (reasons[code] ?? code);
}

const readReasons: Readonly<Record<string, string>> = {
  ENOENT: 'it is not there',
  ENOTDIR: 'a part of its path is not a folder',
  EISDIR: 'it is a folder',
  EACCES: 'you may not read it',
  EPERM: 'you may not read it',
  ELOOP: 'its symbolic links go round in a circle',
  ENAMETOOLONG: 'its name is too long',
};

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the disk is read-only',
  EACCES: 'the folder may not be written',
  EPERM: 'the folder may not be written',
  ENOENT: 'its folder is not there',
  EEXIST: 'something is there already',
};
