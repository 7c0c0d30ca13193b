import { z } from 'zod';
import { contract } from '../worker/contract';
import { foreignEncoding, saveAsUtf8 } from './encoding';
import { envelopeBytes, splitEnvelope } from './envelope';
import type { Platform } from './platform';
import { Problem } from './problem';
import { scopes } from './scope';

declare const sealed: unique symbol;

/** Text that has been through `seal`. A plain string is not assignable to it. */
export type Ciphertext = string & { readonly [sealed]: true };

/** One secret key of `servers/<name>/sealed/<platform>.json`. */
const SealedEntry = z.strictObject({
  /** The encrypted value. */
  ciphertext: z.custom<Ciphertext>((value) => typeof value === 'string' && looksSealed(value)),
  scope: z.enum(scopes),
  /** The namespace that it was sealed for. */
  namespace: z.string().min(1),
  /** SHA-256 of the certificate's DER bytes, lower-case hex. */
  certSha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** The day it was sealed, UTC. */
  sealedOn: z.iso.date(),
  /** Written by earlier versions: the name of the SealedSecret. Ignored, and dropped on the next write. */
  name: z.string().min(1).optional(),
  /** Written by earlier versions: a keyed hash of the value. Ignored, and dropped on the next write. */
  check: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional(),
});

/** One sealed value, with its scope, certificate and date. */
export type SealedValue = Readonly<Omit<z.output<typeof SealedEntry>, 'check' | 'name'>>;

/** The sealed values of one server by secret key, sorted. */
export type Sealed = ReadonlyMap<string, SealedValue>;

/** The valid entries of a sealed file, and the problems of the others. `path` of a problem is the secret key. */
export interface SealedReading {
  readonly sealed: Sealed;
  readonly problems: readonly Problem[];
}

/**
 * Parses the text of a sealed file. Returns valid entries even if others are invalid.
 * Problems never show a value, because a damaged file may contain plaintext.
 * @param file its path relative to the repository's root, for problems
 * @param server the server it belongs to, for the commands in problems
 */
export function readSealed(text: string, file: string, server: Sealable): SealedReading {
  const encoding = foreignEncoding(Buffer.from(text));
  const entries = encoding === undefined ? parseEntries(text) : `the file is ${encoding}`;
  if (typeof entries === 'string') {
    const again = `restore it with git, or delete it and seal again: ${sealCommand(server, '<KEY>')}`;
    const fix = encoding === undefined ? again : saveAsUtf8;
    return {
      sealed: new Map(),
      problems: [new Problem('SEAL-FORM', `Cannot read the sealed values: ${entries}`, { file, fix })],
    };
  }
  const values = new Map<string, SealedValue>();
  const problems: Problem[] = [];
  for (const [key, entry] of entries.sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!isSecretKey(key)) {
      const fix = `remove the entry; ${secretKeyRule}`;
      problems.push(
        new Problem('SEAL-FORM', 'Cannot use an entry: its key is not the name of a secret', { file, fix }),
      );
      continue;
    }
    const { success, data, error } = SealedEntry.safeParse(entry);
    if (success) {
      const { check: _, name: __, ...value } = data;
      values.set(key, value);
    } else problems.push(entryProblem(key, error.issues, file, server));
  }
  return { sealed: values, problems };
}

/**
 * The keys of the server's SealedSecret, sorted: the declared ones, and the previous worker secret during a rotation.
 * Includes keys without a sealed value, which `checkSealed` reports.
 */
export function sealedKeys({ secrets }: { readonly secrets: readonly string[] }, sealed: Sealed): string[] {
  const { secret, previousSecret } = contract.env;
  const isRotating = secrets.includes(secret) && sealed.has(previousSecret);
  return [...new Set([...secrets, ...(isRotating ? [previousSecret] : [])])].sort();
}

/**
 * Whether a key is one of the two of a rotation that is under way. `seal -- set` refuses both then, so that neither value is
 * lost.
 */
export function isRotated(key: string, sealed: Sealed): boolean {
  const { secret, previousSecret } = contract.env;
  return (key === secret || key === previousSecret) && sealed.has(secret) && sealed.has(previousSecret);
}

/** The sealed values for the server's SealedSecret: those of `sealedKeys` that exist. */
export function sealedFor(server: { readonly secrets: readonly string[] }, sealed: Sealed): Sealed {
  const keys = sealedKeys(server, sealed);
  return new Map([...sealed].filter(([key]) => keys.includes(key)));
}

/** Formats a sealed file: one JSON object, sorted, with a final newline. */
export function sealedText(values: Sealed): string {
  const keys = [...values.keys()].sort();
  const sorted = keys.map((key) => [key, sortedFields(values.get(key))]);
  return `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`;
}

/** Whether a string can be a key of a Secret: 1 to 253 letters, digits, `-`, `_`, `.`, but not `.` or `..`. */
export function isSecretKey(text: string): boolean {
  return /^[-._a-zA-Z0-9]{1,253}$/.test(text) && text !== '.' && text !== '..';
}

/** The rule of `isSecretKey`, for messages. */
export const secretKeyRule = 'a key is 1 to 253 letters, digits, "-", "_" or ".", but not "." or ".."';

/** The `npm run seal` command line for one key of a server, without a value. */
export function sealCommand(
  { name, platform }: Sealable,
  key: string,
  subcommand: 'set' | 'rotate' | 'finish' | 'abandon' | 'drop' = 'set',
): string {
  return `npm run seal -- ${subcommand} ${name} ${key}${platform.flag}`;
}

/** The `npm run seal` command line that generates the worker secret of a server. */
export function generateCommand({ name, platform }: Sealable): string {
  return `npm run seal -- set ${name} ${contract.env.secret} --generate${platform.flag}`;
}

/** The command that seals a first value: a new one for the worker secret; any other value comes from its owner. */
export function firstSealCommand(server: Sealable, key: string): string {
  return key === contract.env.secret ? generateCommand(server) : sealCommand(server, key);
}

/** The server and the platform that values are sealed for. */
export interface Sealable {
  readonly name: string;
  readonly platform: Pick<Platform, 'name' | 'flag'>;
}

/** Sealable, with the path of the sealed file relative to the repository's root. */
export interface SealedOwner extends Sealable {
  readonly sealedFile: string;
}

/** The path of a server's sealed file for a platform, relative to the repository's root. */
export function sealedPath(server: string, { name }: { readonly name: string }): string {
  return `servers/${server}/sealed/${name}.json`;
}

/** Checks only the form, for RSA keys of 2048 to 8192 bits. */
function looksSealed(text: string): boolean {
  const envelope = splitEnvelope(text);
  if (typeof envelope === 'string') return false;
  const { wrappedKey, aesPart } = envelope;
  return wrappedKey.length >= 256 && wrappedKey.length <= 1024 && aesPart.length >= envelopeBytes.tag;
}

function parseEntries(text: string): [key: string, entry: unknown][] | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The parser's message quotes the text, which may be plaintext.
    return 'the file is not JSON; it may be truncated, or contain merge conflicts';
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return 'the file is not one JSON object';
  // Sealed values contain no white space, so a file longer than its canonical form has a duplicate key or escapes.
  if (text.replace(/\s/g, '').length !== JSON.stringify(parsed).replace(/\s/g, '').length) {
    return 'the file has a duplicate key, or unnecessary escapes in a string';
  }
  return Object.entries(parsed);
}

function entryProblem(key: string, issues: readonly z.core.$ZodIssue[], file: string, server: Sealable): Problem {
  const fix = `seal it again: ${sealCommand(server, key)}`;
  const fields = [
    ...new Set(issues.map(({ path, code }) => (code === 'unrecognized_keys' ? 'other' : String(path[0] ?? '')))),
  ];
  if (fields.includes('scope') && fields.length === 1) {
    const message = `Cannot use the sealed value "${key}": its scope is not one of ${scopes.join(', ')}`;
    return new Problem('SEAL-SCOPE', message, { file, path: key, fix });
  }
  const reasons = fields.map((field) => reasonFor(field));
  return new Problem('SEAL-FORM', `Cannot use the sealed value "${key}": ${reasons.join(', ')}`, {
    file,
    path: key,
    fix,
  });
}

function reasonFor(field: string): string {
  if (field === 'ciphertext')
    return 'its ciphertext is malformed (not base64, too short or a wrong header; not shown here)';
  if (field === 'other') return 'it has an unknown field (not shown here)';
  if (field === '') return 'it is not an object';
  return `its ${field} is missing or invalid`;
}

function sortedFields(value: SealedValue | undefined): object {
  return Object.fromEntries(Object.entries(value ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));
}
