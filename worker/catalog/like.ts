import type { z } from 'zod';
import { isObject } from '../json';

/**
 * Stands in the output of an example for a value that is another one each time: people see the one that is shown, the test
 * takes every value of its kind. It may stand for the whole output or inside of it.
 * @param shown what the catalogue's page shows
 * @param kind what the test takes. @default - any value of the same type; of a list, items like its first; of an object, at
 * least the same members
 */
export function like<T>(shown: T, kind?: z.ZodType): T {
  // In the place of a value, for the types of an example to say what a result is; nothing but `matched` looks at it.
  return new Like(shown, kind) as T;
}

class Like {
  constructor(
    readonly shown: unknown,
    readonly kind: z.ZodType | undefined,
  ) {}

  fits(value: unknown): boolean {
    return this.kind === undefined ? isAlike(this.shown, value) : this.kind.safeParse(value).success;
  }

  /** What documentation and files show. */
  toJSON(): unknown {
    return this.shown;
  }
}

function isAlike(shown: unknown, value: unknown): boolean {
  if (Array.isArray(shown)) {
    const [first] = shown;
    return Array.isArray(value) && (shown.length === 0 || value.every((item) => isAlike(first, item)));
  }
  if (isObject(shown)) {
    return isObject(value) && Object.entries(shown).every(([key, member]) => isAlike(member, value[key]));
  }
  return typeof shown === typeof value && (shown === null) === (value === null);
}

/**
 * The expected value, with what was received in place of everything that is only `like` it and fits; so that the two are
 * equal when they match, and differ where they do not.
 */
export function matched(expected: unknown, received: unknown): unknown {
  if (expected instanceof Like) return expected.fits(received) ? received : { like: expected.shown };
  if (Array.isArray(expected)) {
    const items = Array.isArray(received) ? received : [];
    return expected.map((item, index) => matched(item, items[index]));
  }
  if (!isObject(expected)) return expected;
  const members = isObject(received) ? received : {};
  return Object.fromEntries(Object.entries(expected).map(([key, member]) => [key, matched(member, members[key])]));
}
