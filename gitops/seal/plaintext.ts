import { isUtf8 } from 'node:buffer';
import { foreignEncoding, saveAsUtf8 } from '../../model/encoding';
import { Problem } from '../../model/problem';
import { type Sealable, sealCommand } from '../../model/sealed';
import { maxVariableBytes, variableBytes } from '../../model/variable';
import { contract } from '../../worker/contract';

/** All values of one object together, in bytes: what a Secret may hold (Kubernetes 1.36). */
export const maxPlaintextBytes = 1024 * 1024;

/** The longest worker secret, in characters, that the engine takes (its dashboard, seen 2026-06). */
export const maxWorkerSecretLength = 100;

/** The length, in characters, under which a worker secret is called short. */
const minWorkerSecretLength = 16;

/** What is to be sealed, and under which name. */
export interface Candidate {
  readonly server: Sealable;
  readonly key: string;
  readonly bytes: Buffer;
  /** Bytes of plaintext of the other keys of the same object. */
  readonly otherBytes: number;
  readonly isEmptyAllowed: boolean;
  readonly isNewlineAllowed: boolean;
}

/** What is wrong, or odd, with a value. No problem shows the value or a part of it. */
export function checkPlaintext(candidate: Candidate): Problem[] {
  const { server, key, bytes, otherBytes } = candidate;
  const refused = (code: RefusedAs, reason: string, fix: string) => [
    new Problem(code, `Cannot seal ${key}: ${reason}`, { fix }),
  ];
  if (bytes.length === 0 && !candidate.isEmptyAllowed) {
    return refused('SECRET-EMPTY', 'the value is empty', 'give a value, or add --allow-empty if it must be empty');
  }
  const unfit = unfitForVariable(key, bytes);
  if (unfit !== undefined) return refused(...unfit);
  if (bytes.length + otherBytes > maxPlaintextBytes) {
    const reason = `the value is too long with the ${byteCount(otherBytes)} of the other keys; one object holds ${maxPlaintextBytes} bytes at most`;
    return refused('SECRET-SIZE', reason, shorten);
  }
  if (bytes.at(-1) === newline && !candidate.isNewlineAllowed) {
    const fix = 'add --trim-newline to drop it, or --keep-newline if it belongs to the value';
    return refused('SECRET-NEWLINE', 'the value ends in a newline, as editors and echo add one', fix);
  }
  const odd = isUtf8(bytes) ? [] : [notText(key)];
  if (key !== contract.env.secret) return odd;
  const { length } = bytes.toString('utf8');
  const generate = `generate one: ${sealCommand(server, key)} --generate`;
  if (length > maxWorkerSecretLength) {
    const reason = `it has ${length} characters, and the engine takes ${maxWorkerSecretLength} at most`;
    return refused('SECRET-SIZE', reason, generate);
  }
  if (length >= minWorkerSecretLength) return odd;
  const message = `The value of ${key} is shorter than ${minWorkerSecretLength} characters and can be guessed`;
  return [...odd, new Problem('SECRET-SIZE', message, { fix: generate, level: 'warning' })];
}

type RefusedAs = 'SECRET-EMPTY' | 'SECRET-SIZE' | 'SECRET-NEWLINE' | 'SECRET-ENCODING';

/** Why a value cannot be an environment variable, or not the one that is meant. Secrets reach pods in no other way. */
function unfitForVariable(key: string, bytes: Buffer): [code: RefusedAs, reason: string, fix: string] | undefined {
  const most = maxVariableBytes - variableBytes(key, '');
  if (bytes.length > most) {
    const reason = `the value is too long: a container gets it as an environment variable, which holds ${most} bytes with this name`;
    return ['SECRET-SIZE', reason, shorten];
  }
  const encoding = foreignEncoding(bytes);
  if (encoding !== undefined) return ['SECRET-ENCODING', `the value is ${encoding}`, saveAsUtf8];
  if (!bytes.includes(0)) return undefined;
  const reason = 'the value holds a NUL byte, and an environment variable cannot';
  return ['SECRET-ENCODING', reason, 'seal it as text, such as in base64'];
}

const shorten = 'shorten it, or keep it elsewhere and seal what opens it';

/** Node reads the environment as UTF-8 (20 to 24); Kubernetes from 1.34 to its patches of May 2026 starts no container (its #139132). */
function notText(key: string): Problem {
  const message = `The value of ${key} is not UTF-8: tools read other characters, and some versions of Kubernetes start no pod with it`;
  return new Problem('SECRET-ENCODING', message, { fix: 'seal it as text, such as in base64', level: 'warning' });
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
