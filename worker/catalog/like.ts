import type { z } from 'zod';
import { isObject } from '../json';

/**
 * A matcher for a value in an example's output that changes from run to run, such as a timestamp. Documentation shows the
 * sample; the test accepts every value that matches. Works for the whole output or any part of it.
 * @param sample the value that documentation shows
 * @param kind the schema of accepted values. @default - the same type; for a list, items like the first; for an object, at
 *   least the same members
 */
export function like<T>(sample: T, kind?: z.ZodType): T {
  // Typed as a value so that the example's types work; only `matched` reads it.
  return new Like(sample, kind) as T;
}

class Like {
  constructor(
    readonly sample: unknown,
    readonly kind: z.ZodType | undefined,
  ) {}

  matches(value: unknown): boolean {
    return this.kind === undefined ? isSameType(this.sample, value) : this.kind.safeParse(value).success;
  }

  /** The sample, for documentation and files. */
  toJSON(): unknown {
    return this.sample;
  }
}

function isSameType(sample: unknown, value: unknown): boolean {
  if (Array.isArray(sample)) {
    const [first] = sample;
    return Array.isArray(value) && (sample.length === 0 || value.every((item) => isSameType(first, item)));
  }
  if (isObject(sample)) {
    return isObject(value) && Object.entries(sample).every(([key, member]) => isSameType(member, value[key]));
  }
  return typeof sample === typeof value && (sample === null) === (value === null);
}

/**
 * Returns the expected value with each matching `like` replaced by the received value, so that a plain equality check
 * succeeds on a match and shows exactly what differs otherwise.
 */
export function matched(expected: unknown, received: unknown): unknown {
  if (expected instanceof Like) return expected.matches(received) ? received : { like: expected.sample };
  if (Array.isArray(expected)) {
    const items = Array.isArray(received) ? received : [];
    return expected.map((item, index) => matched(item, items[index]));
  }
  if (!isObject(expected)) return expected;
  const members = isObject(received) ? received : {};
  return Object.fromEntries(Object.entries(expected).map(([key, member]) => [key, matched(member, members[key])]));
}
