import { isObject } from '../json';
import type { Issues, Place } from './issues';
import type { Read } from './read-scalar';

/** Deeper than any real value; bounds the recursion. */
const maxDepth = 500;

/** Reads a free-form object of a call unchanged. Rejects numbers that JSON.parse may have rounded, and `__proto__`. */
export const readGivenJson: Read = (value, issues, parent, key) => {
  if (!isObject(value)) return issues.add(parent, key, 'dict_type');
  checkGiven(value, issues, parent, key);
  return value;
};

/** Checks a value in a free-form object of a call, at any depth. */
export function checkGiven(value: unknown, issues: Issues, parent: Place | null, key: string | number): void {
  // The fast path tracks no positions.
  if (!isSound(value, 0)) addIssues(value, issues, parent, key, 0);
}

function isSound(value: unknown, depth: number): boolean {
  if (typeof value === 'number')
    return Number.isSafeInteger(value) || (Number.isFinite(value) && !Number.isInteger(value));
  if (typeof value !== 'object' || value === null) return true;
  if (depth > maxDepth) return false;
  if (!isObject(value)) return Object.values(value).every((item) => isSound(item, depth + 1));
  for (const name in value) {
    if (name === '__proto__' || !isSound(value[name], depth + 1)) return false;
  }
  return true;
}

function addIssues(value: unknown, issues: Issues, parent: Place | null, key: string | number, depth: number): void {
  if (isSound(value, depth)) return;
  if (typeof value === 'number') {
    issues.add(parent, key, Number.isFinite(value) ? 'json_number_size' : 'finite_number');
  } else if (depth > maxDepth) {
    issues.add(parent, key, 'json_depth');
  } else {
    const here: Place | null = key === '' && parent === null ? null : { parent, key };
    const isList = Array.isArray(value);
    for (const [name, member] of Object.entries(Object(value))) {
      // Copying it into another object would set that object's prototype.
      if (name === '__proto__') issues.add(here, name, 'invalid_key');
      else addIssues(member, issues, here, isList ? Number(name) : name, depth + 1);
    }
  }
}

/** Reads a free-form object of a result: a copy as JSON would represent it. */
export const readSentJson: Read = (value, issues, parent, key) => {
  const { count } = issues;
  const found = isObject(value) ? copyOf(value, issues, parent, key) : undefined;
  // `toJSON` may return a string, as that of a Date does.
  return isObject(found) || issues.count > count ? found : issues.add(parent, key, 'dict_type');
};

/** Copies any value of a result as JSON would represent it. Rejects anything that JSON would silently drop. */
export const copyOf: Read = (value, issues, parent, key) => {
  try {
    return copy(value, String(key), null) ?? null;
  } catch {
    // A circular reference, unlimited depth, or a throwing `toJSON` or getter.
    return issues.add(parent, key, 'not_json');
  }
};

/** An object on the path to the value being copied. */
interface Ancestor {
  readonly value: object;
  readonly parent: Ancestor | null;
}

/** @throws Error for a value that JSON cannot represent: a function, symbol, bigint, Map, promise or circular reference */
function copy(value: unknown, key: string, parent: Ancestor | null): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'string' || typeof value === 'boolean' || value === null || value === undefined) return value;
  const { then, toJSON }: { readonly then?: unknown; readonly toJSON?: unknown } = value;
  if (typeof toJSON === 'function') return copy(toJSON.call(value, key), key, parent);
  if (typeof value !== 'object' || typeof then === 'function') throw new Error('JSON would drop it');
  for (let outer = parent; outer !== null; outer = outer.parent)
    if (outer.value === value) throw new Error('Circular reference');
  const here: Ancestor = { value, parent };
  if (Array.isArray(value)) return Array.from(value, (item, index) => copy(item, String(index), here) ?? null);
  return isObject(value) ? copyOfObject(value, here) : undefined;
}

function copyOfObject(value: Readonly<Record<string, unknown>>, here: Ancestor): unknown {
  const isUsual = isPlain(value);
  if (!isUsual && (value instanceof String || value instanceof Number || value instanceof Boolean)) {
    return copy(value.valueOf(), '', here);
  }
  const found: Record<string, unknown> = {};
  let isEmpty = true;
  for (const name in value) {
    if (!Object.hasOwn(value, name)) continue;
    isEmpty = false;
    const member = copy(value[name], name, here);
    if (member === undefined) continue;
    if (name === '__proto__') Object.defineProperty(found, name, { value: member, enumerable: true });
    else found[name] = member;
  }
  if (isEmpty && !isUsual) throw new Error('JSON would write it as empty');
  return found;
}

/** Whether an object is a plain object and not a class instance, such as a Map or a promise. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  // An object from another realm, such as a test runner's, has that realm's Object.prototype.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
