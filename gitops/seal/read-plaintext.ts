import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { Problem } from '../../model/problem';
import { systemReason } from '../../model/system-error';
import { maxPlaintextBytes, withoutNewline } from './plaintext';
import { Secret } from './secret';
import { readHidden, readPiped, type SecretInput } from './terminal';

/** Where a value comes from. Never the command line: other users and logs can read that. */
export type Source =
  | { readonly kind: 'stdin' }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'environment'; readonly name: string }
  | { readonly kind: 'generated' };

/** The part of the outside world that a value is read from. */
export interface SecretWorld {
  readonly stdin: SecretInput;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Prints a prompt for the person at the keyboard. */
  say(line: string): void;
  /** The outcome to report after Ctrl-C. @default - `no value was given` */
  readonly whenCancelled?: string;
}

/**
 * Reads a value, up to one byte past the maximum.
 * @param isTrimmed drops one trailing newline; every other byte is kept
 * @throws Problem SECRET-INPUT when there is nothing to read
 */
export async function readPlaintext(source: Source, key: string, isTrimmed: boolean, world: SecretWorld) {
  const bytes = await bytesFrom(source, key, world);
  return new Secret(isTrimmed ? withoutNewline(bytes) : bytes);
}

/** Generates 32 random bytes as base64url: 43 characters that need no quoting in a dashboard, shell or YAML file. */
export function generate(): Secret {
  const random = randomBytes(32);
  const secret = new Secret(Buffer.from(random.toString('base64url')));
  random.fill(0);
  return secret;
}

async function bytesFrom(source: Source, key: string, world: SecretWorld): Promise<Buffer> {
  switch (source.kind) {
    case 'generated':
      return generate().reveal();
    case 'file':
      return readBounded(source.path);
    case 'environment':
      return fromEnvironment(source.name, world.environment);
    case 'stdin':
      return world.stdin.isTTY === true
        ? readHidden(world.stdin, key, world.say, world.whenCancelled)
        : readPiped(world.stdin, key, world.say);
  }
}

/** Stops one byte past the maximum, so that reading an endless device such as /dev/zero ends too. */
function readBounded(path: string): Buffer {
  const whole = Buffer.alloc(maxPlaintextBytes + 1);
  try {
    const descriptor = openSync(path, 'r');
    try {
      let length = 0;
      for (let read = 1; read > 0; length += read)
        read = readSync(descriptor, whole, length, whole.length - length, null);
      return Buffer.from(whole.subarray(0, length));
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw unreadable(`the file ${resolve(path)}: ${systemReason(error)}`, error);
  } finally {
    whole.fill(0);
  }
}

function fromEnvironment(name: string, environment: SecretWorld['environment']): Buffer {
  const value = environment[name];
  if (value === undefined) throw unreadable('the environment variable: it is not set');
  // Node replaces bytes that are not UTF-8 by this character, which alters the value.
  if (value.includes('\ufffd')) throw unreadable('the environment variable: it is not UTF-8');
  return Buffer.from(value, 'utf8');
}

function unreadable(what: string, cause?: unknown): Problem {
  const fix = 'pass it on standard input, with --from-file <path> or with --from-env <NAME>';
  return new Problem('SECRET-INPUT', `Cannot read the value from ${what}`, { fix, cause });
}
