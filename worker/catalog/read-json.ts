import { isObject } from '../json';
import type { Issues, Place } from './issues';
import type { Read } from './read-scalar';

/** Deeper than anything a tool takes or gives; going on would use up the stack. */
const deepest = 500;

/** Reads a free object of a call: as it is, if nothing in it was rounded when it was parsed. */
export const readGivenJson: Read = (value, issues, parent, key) => {
  if (!isObject(value)) return issues.add(parent, key, 'dict_type');
  checkNumbers(value, issues, parent, key, 0);
  return value;
};

/** Checks what stands at one place in a free object of a call, and below it. */
export function checkNumbers(
  value: unknown,
  issues: Issues,
  parent: Place | null,
  key: string | number,
  depth: number,
): void {
  if (typeof value === 'number') {
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) issues.add(parent, key, 'json_number_size');
    else if (!Number.isFinite(value)) issues.add(parent, key, 'finite_number');
  } else if (typeof value === 'object' && value !== null) {
    if (depth > deepest) {
      issues.add(parent, key, 'json_depth');
      return;
    }
    const here: Place | null = key === '' && parent === null ? null : { parent, key };
    if (Array.isArray(value)) {
      for (let at = 0; at < value.length; at += 1) checkNumbers(value[at], issues, here, at, depth + 1);
    } else {
      for (const [name, member] of Object.entries(value)) checkNumbers(member, issues, here, name, depth + 1);
    }
  }
}

/** Reads a free object of a result: a copy, as it will be after it was written as JSON. */
export const readSentJson: Read = (value, issues, parent, key) =>
  isObject(value) ? copyOf(value, issues, parent, key) : issues.add(parent, key, 'dict_type');

/** A copy of any value of a result that JSON can hold; what JSON would drop without a word is refused. */
export const copyOf: Read = (value, issues, parent, key) => {
  try {
    const text = JSON.stringify(value);
    if (text !== undefined && !losesAnything(value)) return JSON.parse(text);
  } catch {
    // Circles, big integers, endless depth, a `toJSON` or a getter that throws: all the same to the caller.
  }
  return issues.add(parent, key, 'not_json');
};

/**
 * Whether JSON.stringify, which has come to its end, has dropped something: a function, a symbol, a promise, the content
 * of a Map. What has a `toJSON` says itself what it is.
 */
function losesAnything(value: unknown): boolean {
  if (typeof value === 'function' || typeof value === 'symbol') return true;
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(losesAnything);
  const { then, toJSON }: { then?: unknown; toJSON?: unknown } = value;
  if (typeof then === 'function') return true;
  if (typeof toJSON === 'function') return false;
  const members = Object.values(value);
  return members.length === 0 ? !isPlain(value) : members.some(losesAnything);
}

/** Whether an object without members is empty, or hides them as a Map or a promise does. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  // An object of another realm, such as one made by a test runner, has another prototype of the same kind.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
