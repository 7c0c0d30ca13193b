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
  /** What the cluster opens. */
  ciphertext: z.custom<Ciphertext>((value) => typeof value === 'string' && looksSealed(value)),
  scope: z.enum(scopes),
  /** The namespace that it was sealed for. */
  namespace: z.string().min(1),
  /** SHA-256 over the DER of the certificate it was sealed under, lower-case hex. */
  certSha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** The day it was sealed, UTC. */
  sealedOn: z.iso.date(),
  /** Earlier versions wrote the name of the SealedSecret. It is accepted, ignored, and gone at the next write. */
  name: z.string().min(1).optional(),
  /** So it is with a keyed check of the value. */
  check: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional(),
});

/** One sealed value: what the cluster opens, and what it was sealed for, under and when. */
export type SealedValue = Readonly<Omit<z.output<typeof SealedEntry>, 'check' | 'name'>>;

/** The sealed values of one server by secret key, sorted. */
export type Sealed = ReadonlyMap<string, SealedValue>;

/** What could be read of a sealed file, and what is wrong with the rest. `path` of a problem is the secret key. */
export interface SealedReading {
  readonly sealed: Sealed;
  readonly problems: readonly Problem[];
}

/**
 * Reads the text of a sealed file. Entries in order are returned even when others are not.
 * No problem ever shows a value: the text of a damaged file may be plaintext.
 * @param file its path from the repository's root, to tell where
 * @param server the server it belongs to, to tell how to seal again
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
 * The secret keys that belong in the server's SealedSecret: those it declares, and the previous worker secret while a
 * rotation is under way. Sorted. Keys without a sealed value are in it: `checkSealed` reports them.
 */
export function sealedKeys({ secrets }: { readonly secrets: readonly string[] }, sealed: Sealed): string[] {
  const { secret, previousSecret } = contract.env;
  const isRotating = secrets.includes(secret) && sealed.has(previousSecret);
  return [...new Set([...secrets, ...(isRotating ? [previousSecret] : [])])].sort();
}

/** The sealed values that go into the server's SealedSecret: of `sealedKeys`, those that are there. */
export function sealedFor(server: { readonly secrets: readonly string[] }, sealed: Sealed): Sealed {
  const keys = sealedKeys(server, sealed);
  return new Map([...sealed].filter(([key]) => keys.includes(key)));
}

/** The text of a sealed file: one JSON object, sorted, ending in a newline. Reading it back gives the same values. */
export function sealedText(values: Sealed): string {
  const keys = [...values.keys()].sort();
  const sorted = keys.map((key) => [key, sortedFields(values.get(key))]);
  return `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`;
}

/** Whether a text can be a key of a Secret: 1 to 253 of letters, digits, `-`, `_`, `.`, and not `.` or `..`. */
export function isSecretKey(text: string): boolean {
  return /^[-._a-zA-Z0-9]{1,253}$/.test(text) && text !== '.' && text !== '..';
}

/** What `isSecretKey` asks for, in words. */
export const secretKeyRule = 'a key is 1 to 253 of letters, digits, "-", "_", "." and not "." or ".."';

/** The command that seals one key of one server, or does something else with it; never with a value. */
export function sealCommand(
  { name, platform }: Sealable,
  key: string,
  subcommand: 'set' | 'rotate' | 'finish' | 'abandon' | 'drop' = 'set',
): string {
  return `npm run seal -- ${subcommand} ${name} ${key}${platform.flag}`;
}

/** The server that sealed values belong to, and the platform they are for. */
export interface Sealable {
  readonly name: string;
  readonly platform: Pick<Platform, 'name' | 'flag'>;
}

/** The same with the file that they lie in, from the repository's root. */
export interface SealedOwner extends Sealable {
  readonly sealedFile: string;
}

/** The path of the sealed file of a server on a platform, from the repository's root. */
export function sealedPath(server: string, { name }: { readonly name: string }): string {
  return `servers/${server}/sealed/${name}.json`;
}

/** The form alone, of keys of 2048 to 8192 bits; whether the key is a known one is told by the certificates. */
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
    // The parser's own sentence quotes the text, and the text may hold plaintext.
    return 'the file is not JSON, as if cut short or left by a merge';
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return 'the file is not one JSON object';
  // Sealed values hold no white space, so what is longer than its own canonical form names something twice.
  if (text.replace(/\s/g, '').length !== JSON.stringify(parsed).replace(/\s/g, '').length) {
    return 'the file names a key twice, or writes a text in an unusual way';
  }
  return Object.entries(parsed);
}

function entryProblem(key: string, issues: readonly z.core.$ZodIssue[], file: string, server: Sealable): Problem {
  const fix = `seal it again: ${sealCommand(server, key)}`;
  const fields = [
    ...new Set(issues.map(({ path, code }) => (code === 'unrecognized_keys' ? 'other' : String(path[0] ?? '')))),
  ];
  if (fields.includes('scope') && fields.length === 1) {
    const message = `Cannot use the sealed value "${key}": its scope is none of ${scopes.join(', ')}`;
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
    return 'its ciphertext is not one (not base64, too short or wrong first bytes; not shown here)';
  if (field === 'other') return 'it has a field that no sealed value has (not shown here)';
  if (field === '') return 'it is not an object';
  return `its ${field} is missing or has a wrong form`;
}

function sortedFields(value: SealedValue | undefined): object {
  return Object.fromEntries(Object.entries(value ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));
}
