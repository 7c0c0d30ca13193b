import type { z } from 'zod';
import { isObject } from '../json';

/**
 * A matcher for a value in an example's output that changes from run to run, such as a timestamp. Documentation shows the
 * sample; the test accepts every value that matches. Works for the whole output or any part of it.
 * @param shown the sample
 * @param kind the schema of accepted values. @default - the same type; for a list, items like the first; for an object, at
 *   least the same members
 */
export function like<T>(shown: T, kind?: z.ZodType): T {
  // Typed as a value so that the example's types work; only `matched` reads it.
  return new Like(shown, kind) as T;
}

class Like {
  constructor(
    readonly shown: unknown,
    readonly kind: z.ZodType | undefined,
  ) {}

  matches(value: unknown): boolean {
    return this.kind === undefined ? isSameType(this.shown, value) : this.kind.safeParse(value).success;
  }

  /** The sample, for documentation and files. */
  toJSON(): unknown {
    return this.shown;
  }
}

function isSameType(shown: unknown, value: unknown): boolean {
  if (Array.isArray(shown)) {
    const [first] = shown;
    return Array.isArray(value) && (shown.length === 0 || value.every((item) => isSameType(first, item)));
  }
  if (isObject(shown)) {
    return isObject(value) && Object.entries(shown).every(([key, member]) => isSameType(member, value[key]));
  }
  return typeof shown === typeof value && (shown === null) === (value === null);
}

/**
 * Returns the expected value with each matching `like` replaced by the received value, so that a plain equality check
 * succeeds on a match and shows exactly what differs otherwise.
 */
export function matched(expected: unknown, received: unknown): unknown {
  if (expected instanceof Like) return expected.matches(received) ? received : { like: expected.shown };
  if (Array.isArray(expected)) {
    const items = Array.isArray(received) ? received : [];
    return expected.map((item, index) => matched(item, items[index]));
  }
  if (!isObject(expected)) return expected;
  const members = isObject(received) ? received : {};
  return Object.fromEntries(Object.entries(expected).map(([key, member]) => [key, matched(member, members[key])]));
}
