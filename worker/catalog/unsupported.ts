import type { z } from 'zod';

/** The kinds of zod schemas (zod 4.6.7). */
type Kind = z.core.$ZodTypes['_zod']['def']['type'];

const freeObject = 'z.record(z.string(), z.unknown()) takes any object';
const readInRun = 'declare what is sent, and let `run` make of it what it needs';

/** What an author can write in place of a kind that the engine's catalogue cannot say (arcade-mcp-server 1.26.0). */
const waysOut: Partial<Record<Kind, readonly [what: string, instead: string]>> = {
  any: ['a value of any kind', freeObject],
  array: ['such a list', 'declare what its items are'],
  bigint: ['a big integer', 'use z.int(), or z.string() beyond 9007199254740991'],
  catch: ['a value that is replaced when it does not fit', 'use .default(), which replaces only what was left out'],
  custom: ['a type of your own', 'use a schema of JSON with .refine()'],
  date: ['a Date', 'use z.iso.datetime() or z.iso.date(), which are text, and new Date(text) in `run`'],
  file: ['a file', 'use z.url() or z.base64()'],
  function: ['a function', readInRun],
  intersection: ['an intersection', 'use a.extend(b.shape), which makes one object of two'],
  map: ['a Map', freeObject],
  nan: ['a NaN', 'use z.number().nullable()'],
  never: ['a value that cannot be', 'leave the member out'],
  nonoptional: ['a schema without its .optional()', 'declare it without .optional()'],
  null: ['null alone', 'leave it out, or add .nullable() to what it is otherwise'],
  object: ['an object with members that are not named', `name its members in z.strictObject({ … }); ${freeObject}`],
  pipe: ['a transformation, a codec or a pipe', readInRun],
  prefault: ['a value that is filled in and then checked', 'use .default()'],
  promise: ['a promise', 'declare what it resolves to; `run` may be async'],
  set: ['a Set', 'use z.array()'],
  success: ['whether another value fits', 'use z.boolean()'],
  symbol: ['a symbol', 'use z.enum()'],
  template_literal: ['a template of text', 'use z.string().regex(/^…$/)'],
  transform: ['a transformation', readInRun],
  tuple: ['a tuple', 'use z.array(), or z.strictObject() with a name for each place'],
  undefined: ['undefined alone', 'leave it out'],
  union: [
    'a union of several types',
    "use z.discriminatedUnion('kind', [z.strictObject({ kind: z.literal('…'), … }), …]), .nullable(), a choice of " +
      'texts, or z.string() that `run` reads',
  ],
  unknown: ['a value of any kind', freeObject],
  void: ['nothing', 'leave it out'],
};

/**
 * The error for a schema that the engine's catalogue cannot express.
 * @param path of the schema; empty for the whole input
 * @param found what it is, and what to write instead. @default - what is known of its kind
 */
export function unsupported(path: string, kind: Kind, found = waysOut[kind]): Error {
  const [what, instead] = found ?? ['this kind of schema', readInRun];
  const where = path === '' ? 'the whole input' : `"${path}"`;
  return new Error(`Cannot use the schema of ${where}: the engine's catalogue cannot say ${what}; ${instead}`);
}
