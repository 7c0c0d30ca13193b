import { isRecord } from './json';

/** A part of a value that is not safe to write to YAML for Flux. */
export interface UnsafePart {
  readonly code: 'NULL-VALUE' | 'BAD-VALUE' | 'SUBSTITUTION';
  readonly path: string;
  /** Why, without the value. */
  readonly found: string;
  readonly fix: string;
}

/**
 * Every part of a value that JSON, a YAML 1.1 or 1.2 reader, or Flux's substitution would change.
 * @param path the path of the value, as a prefix of the reported paths
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
      fix: 'remove the character: YAML readers in Go alter or reject it',
    });
  }
  // One dollar sign, or more than two: Flux reads `$$` as one, and the rest of a longer run may start a variable.
  if (/(?<!\$)(\$|\${3,})\{/.test(text)) {
    const found = 'it contains a dollar sign before a brace, which Flux substitutes; unknown variables become empty';
    problems.push({ code: 'SUBSTITUTION', path, found, fix: 'double the dollar sign for a literal one' });
  }
  return problems;
}

/** Removes the escape: `$${` becomes `${`. */
export function unescaped(text: string): string {
  return text.replace(/\$\$(?=\{)/g, '$');
}

/** Removes the escape in all strings and keys of a value. */
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
    found: 'JavaScript reserves this name',
    fix: 'remove it: it would be lost',
  };
}

function nullValue(path: string): UnsafePart {
  const fix = 'remove the key, or move it to a ConfigMap and use valuesFrom';
  return { code: 'NULL-VALUE', path, found: 'null works on install and is dropped on upgrade', fix };
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  // A value from another realm, such as Jest's, has a different Object.prototype.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function nameOf(value: unknown): string {
  if (typeof value === 'number') return String(value);
  return typeof value === 'object' ? (value?.constructor?.name ?? 'an object') : typeof value;
}

/** What common Go YAML readers reject or alter even in quotes: controls except tab and newline, U+2028, U+2029. */
const unreadable = /(?![\t\n])\p{Cc}|[\u2028\u2029\p{Cs}]/u;
