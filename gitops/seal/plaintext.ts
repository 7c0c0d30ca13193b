import { Problem } from '../../model/problem';
import { sealCommand } from '../../model/sealed';
import { contract } from '../../worker/contract';

/** All values of one object together, in bytes: what a Secret may hold (Kubernetes 1.36). */
export const maxPlaintextBytes = 1024 * 1024;

/** The longest worker secret, in characters, that the engine takes (its dashboard, seen 2026-06). */
export const maxWorkerSecretLength = 100;

/** The length, in characters, under which a worker secret is called short. */
export const minWorkerSecretLength = 16;

/** What is to be sealed, and under which name. */
export interface Candidate {
  readonly server: string;
  readonly key: string;
  readonly bytes: Buffer;
  /** Bytes of plaintext of the other keys of the same object. */
  readonly otherBytes: number;
  readonly isEmptyAllowed: boolean;
}

/** What is wrong, or odd, with a value. No problem shows the value or a part of it. */
export function checkPlaintext({ server, key, bytes, otherBytes, isEmptyAllowed }: Candidate): Problem[] {
  const fix = sealCommand(server, key);
  if (bytes.length === 0 && !isEmptyAllowed) {
    return [
      new Problem('SECRET-EMPTY', `Cannot seal ${key}: the value is empty`, {
        fix: `give a value, or mean it: ${fix} --allow-empty`,
      }),
    ];
  }
  if (bytes.length + otherBytes > maxPlaintextBytes) {
    const found = otherBytes === 0 ? '' : ` with the ${byteCount(otherBytes)} of the other keys`;
    const message = `Cannot seal ${key}: the value is too long${found}; one object holds ${maxPlaintextBytes} bytes at most`;
    return [new Problem('SECRET-SIZE', message, { fix: 'shorten it, or keep it elsewhere and seal what opens it' })];
  }
  if (bytes.at(-1) !== newline) return [];
  const message = `The value of ${key} ends in a newline, and it was sealed with it`;
  return [
    new Problem('SECRET-NEWLINE', message, { fix: `if it does not belong: ${fix} --trim-newline`, level: 'warning' }),
  ];
}

/** What is wrong with a new worker secret: longer than the engine takes, or, as a warning, easy to guess. */
export function checkWorkerSecret({ server, key, bytes }: Pick<Candidate, 'server' | 'key' | 'bytes'>): Problem[] {
  if (key !== contract.env.secret) return [];
  const { length } = bytes.toString('utf8');
  const fix = `let one be made: ${sealCommand(server, key)} --generate`;
  if (length > maxWorkerSecretLength) {
    const message = `Cannot seal ${key}: it has ${length} characters, and the engine takes ${maxWorkerSecretLength} at most`;
    return [new Problem('SECRET-SIZE', message, { fix })];
  }
  if (length >= minWorkerSecretLength) return [];
  const message = `The value of ${key} is shorter than ${minWorkerSecretLength} characters and can be guessed`;
  return [new Problem('SECRET-SIZE', message, { fix, level: 'warning' })];
}

/** A count of bytes in words. */
export function byteCount(bytes: number): string {
  return bytes === 1 ? '1 byte' : `${bytes} bytes`;
}

/** The bytes without one newline at their end, `\n` or `\r\n`. Shares its memory with what was given. */
export function withoutNewline(bytes: Buffer): Buffer {
  if (bytes.at(-1) !== newline) return bytes;
  return bytes.subarray(0, bytes.at(-2) === carriageReturn ? -2 : -1);
}

const newline = 0x0a;
const carriageReturn = 0x0d;
