import { isUtf8 } from 'node:buffer';
import { foreignEncoding, saveAsUtf8 } from '../../model/encoding';
import { Problem } from '../../model/problem';
import { generateCommand, type Sealable } from '../../model/sealed';
import { maxVariableBytes, variableBytes } from '../../model/variable';
import { contract } from '../../worker/contract';

/** The maximum size of a Secret, all its values together, in bytes (Kubernetes 1.36). */
export const maxPlaintextBytes = 1024 * 1024;

/** The longest worker secret that the engine accepts, in characters (its dashboard, seen 2026-06). */
export const maxWorkerSecretLength = 100;

/** Worker secrets shorter than this, in characters, get a warning. */
const minWorkerSecretLength = 16;

/** A value to check before sealing, and its key. */
export interface Candidate {
  readonly server: Sealable;
  readonly key: string;
  readonly bytes: Buffer;
  /** The plaintext size of the other keys of the same object, in bytes. */
  readonly otherBytes: number;
  readonly isEmptyAllowed: boolean;
  readonly isNewlineAllowed: boolean;
}

/** Checks a value before sealing. No problem shows any part of the value. */
export function checkPlaintext(candidate: Candidate): Problem[] {
  const { server, key, bytes, otherBytes } = candidate;
  const refused = (code: RefusalCode, reason: string, fix: string) => [
    new Problem(code, `Cannot seal ${key}: ${reason}`, { fix }),
  ];
  const generate = `generate one: ${generateCommand(server)}`;
  // Everyone can sign with an empty worker secret.
  if (bytes.length === 0 && neverEmpty.has(key)) {
    const fix = key === contract.env.secret ? generate : `give the value that the engine has; or ${generate}`;
    return refused('SECRET-EMPTY', 'the value is empty, and a worker secret never may be', fix);
  }
  if (bytes.length === 0 && !candidate.isEmptyAllowed) {
    return refused('SECRET-EMPTY', 'the value is empty', 'give a value, or add --allow-empty if it must be empty');
  }
  const unfit = unfitForVariable(key, bytes);
  if (unfit !== undefined) return refused(...unfit);
  if (bytes.length + otherBytes > maxPlaintextBytes) {
    const reason = `with the ${byteCount(otherBytes)} of the other keys it is too long; a Secret holds at most ${maxPlaintextBytes} bytes`;
    return refused('SECRET-SIZE', reason, shorten);
  }
  if (bytes.at(-1) === newline && !candidate.isNewlineAllowed) {
    const fix = 'add --trim-newline to drop it, or --keep-newline if it belongs to the value';
    return refused('SECRET-NEWLINE', 'the value ends in a newline; editors and echo add one', fix);
  }
  const warnings = isUtf8(bytes) ? [] : [notText(key)];
  if (key !== contract.env.secret) return warnings;
  const { length } = bytes.toString('utf8');
  if (length > maxWorkerSecretLength) {
    const reason = `it has ${length} characters; the engine accepts at most ${maxWorkerSecretLength}`;
    return refused('SECRET-SIZE', reason, generate);
  }
  if (length >= minWorkerSecretLength) return warnings;
  const message = `The value of ${key} is shorter than ${minWorkerSecretLength} characters and easy to guess`;
  return [...warnings, new Problem('SECRET-SIZE', message, { fix: generate, level: 'warning' })];
}

/** The keys that the worker checks calls with. */
const neverEmpty: ReadonlySet<string> = new Set([contract.env.secret, contract.env.previousSecret]);

type RefusalCode = 'SECRET-EMPTY' | 'SECRET-SIZE' | 'SECRET-NEWLINE' | 'SECRET-ENCODING';

/** Why a value does not survive as an environment variable, the only way that secrets reach pods. */
function unfitForVariable(key: string, bytes: Buffer): [code: RefusalCode, reason: string, fix: string] | undefined {
  const most = maxVariableBytes - variableBytes(key, '');
  if (bytes.length > most) {
    const reason = `the value is too long: it becomes an environment variable, which with this name holds at most ${most} bytes`;
    return ['SECRET-SIZE', reason, shorten];
  }
  const encoding = foreignEncoding(bytes);
  if (encoding !== undefined) return ['SECRET-ENCODING', `the value is ${encoding}`, saveAsUtf8];
  if (!bytes.includes(0)) return undefined;
  const reason = 'the value contains a NUL byte, which an environment variable cannot hold';
  return ['SECRET-ENCODING', reason, encodeAsText];
}

const shorten = 'shorten it, or store it elsewhere and seal the key that unlocks it';

const encodeAsText = 'seal it as text, for example base64';

/** Node 20 to 24 reads the environment as UTF-8. Kubernetes 1.34 starts no such container before May 2026 (its #139132). */
function notText(key: string): Problem {
  const message = `The value of ${key} is not UTF-8: programs will read it altered, and some versions of Kubernetes start no pod with it`;
  return new Problem('SECRET-ENCODING', message, { fix: encodeAsText, level: 'warning' });
}

/** Formats a number of bytes, such as `1 byte`. */
export function byteCount(bytes: number): string {
  return bytes === 1 ? '1 byte' : `${bytes} bytes`;
}

/** Drops one trailing newline, `\n` or `\r\n`. The result shares memory with the input. */
export function withoutNewline(bytes: Buffer): Buffer {
  if (bytes.at(-1) !== newline) return bytes;
  return bytes.subarray(0, bytes.at(-2) === carriageReturn ? -2 : -1);
}

const newline = 0x0a;
const carriageReturn = 0x0d;
