import { isRecord } from './json';

/** A place in a value that cannot be written to YAML for Flux without harm. */
export interface UnsafePart {
  readonly code: 'NULL-VALUE' | 'BAD-VALUE' | 'SUBSTITUTION';
  readonly path: string;
  /** What is wrong there, without the value. */
  readonly found: string;
  readonly fix: string;
}

/**
 * Everything in a value that plain JSON, a YAML reader of either version, or Flux's substitution would change.
 * @param path the address of the value, for the reports
 */
export function unsafeParts(value: unknown, path: string): readonly UnsafePart[] {
  if (typeof value === 'string') return unsafeText(value, path);
  if (typeof value === 'boolean' || Number.isFinite(value)) return [];
  if (value === null) return [nullValue(path)];
  if (Array.isArray(value)) return value.flatMap((item, index) => unsafeParts(item, `${path}[${index}]`));
  if (isPlainObject(value)) {
    return Object.entries(value).flatMap(([key, member]) => [
      ...(key === '__proto__' ? [lostKey(`${path}.${key}`)] : unsafeText(key, `${path}.${key}`)),
      ...unsafeParts(member, `${path}.${key}`),
    ]);
  }
  return [
    {
      code: 'BAD-VALUE',
      path,
      found: `${nameOf(value)} is not plain JSON`,
      fix: 'write text, a number, true or false',
    },
  ];
}

function unsafeText(text: string, path: string): readonly UnsafePart[] {
  const problems: UnsafePart[] = [];
  if (unreadable.test(text)) {
    const found = 'it has a control character, a line separator or half a surrogate pair';
    problems.push({
      code: 'BAD-VALUE',
      path,
      found,
      fix: 'take the character out: YAML readers in Go alter or refuse it',
    });
  }
  // One dollar sign, or more than two: `$$` is one to Flux, and what is left of a longer run begins a variable or not.
  if (/(?<!\$)(\$|\${3,})\{/.test(text)) {
    const found = 'Flux replaces a dollar sign with braces behind it, and an unknown name becomes empty';
    problems.push({ code: 'SUBSTITUTION', path, found, fix: 'double the dollar sign for a literal one' });
  }
  return problems;
}

/** A text as it is meant: `$${` stands for `${`. */
export function unescaped(text: string): string {
  return text.replace(/\$\$(?=\{)/g, '$');
}

/** A value with its texts and keys as they are meant. */
export function literal(value: unknown): unknown {
  if (typeof value === 'string') return unescaped(value);
  if (Array.isArray(value)) return value.map(literal);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [unescaped(key), literal(member)]));
}

function lostKey(path: string): UnsafePart {
  return {
    code: 'BAD-VALUE',
    path,
    found: 'JavaScript keeps the name for itself',
    fix: 'take it out: it would get lost',
  };
}

function nullValue(path: string): UnsafePart {
  const fix = 'leave the key out, or move it to a ConfigMap and use valuesFrom';
  return { code: 'NULL-VALUE', path, found: 'null works when the release is made and disappears on update', fix };
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  // A value from another realm, such as a test's, has an Object.prototype that is not ours.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function nameOf(value: unknown): string {
  if (typeof value === 'number') return String(value);
  return typeof value === 'object' ? (value?.constructor?.name ?? 'an object') : typeof value;
}

/** What common Go readers of YAML reject or alter even inside quotes: controls but tab and newline, U+2028, U+2029. */
const unreadable = /(?![\t\n])\p{Cc}|[\u2028\u2029\p{Cs}]/u;
