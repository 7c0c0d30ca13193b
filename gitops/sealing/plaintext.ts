import { Problem } from '../../servers/problem';
import { sealCommand } from '../../servers/sealed';
import { contract } from '../../worker/contract';

/** All values of one object together, in bytes: what a Secret may hold (Kubernetes 1.36). */
export const maxPlaintextBytes = 1024 * 1024;

/** The longest worker secret, in characters, that the engine takes (its dashboard, seen 2026-06). */
export const maxWorkerSecretLength = 100;

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
    const found = otherBytes === 0 ? '' : ` with the ${otherBytes} bytes of the other keys`;
    const message = `Cannot seal ${key}: the value is too long${found}; one object holds ${maxPlaintextBytes} bytes at most`;
    return [new Problem('SECRET-SIZE', message, { fix: 'shorten it, or keep it elsewhere and seal what opens it' })];
  }
  const warnings: Problem[] = [];
  if (bytes.at(-1) === newline) {
    const message = `The value of ${key} ends in a newline, and it was sealed with it`;
    warnings.push(
      new Problem('SECRET-NEWLINE', message, { fix: `if it does not belong: ${fix} --trim-newline`, level: 'warning' }),
    );
  }
  if (key === contract.env.secret && bytes.toString('utf8').length > maxWorkerSecretLength) {
    const message = `The value of ${key} is longer than the ${maxWorkerSecretLength} characters that the engine takes`;
    warnings.push(new Problem('SECRET-SIZE', message, { fix: `let one be made: ${fix} --generate`, level: 'warning' }));
  }
  return warnings;
}

/** The bytes without one newline at their end, `\n` or `\r\n`. Shares its memory with what was given. */
export function withoutNewline(bytes: Buffer): Buffer {
  if (bytes.at(-1) !== newline) return bytes;
  return bytes.subarray(0, bytes.at(-2) === carriageReturn ? -2 : -1);
}

const newline = 0x0a;
const carriageReturn = 0x0d;
