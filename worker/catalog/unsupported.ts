import type { z } from 'zod';

/** The kinds of zod schemas (zod 4.6.7). */
type Kind = z.core.$ZodTypes['_zod']['def']['type'];

const freeObject = 'z.record(z.string(), z.unknown()) takes any object';
const readInRun = 'declare the JSON type that is sent, and convert it in `run`';

/** Alternatives to the schema kinds that the engine's catalogue cannot express (arcade-mcp-server 1.26.0). */
const alternatives: Partial<Record<Kind, readonly [what: string, instead: string]>> = {
  any: ['a value of any type', freeObject],
  array: ['this list', 'declare the type of its items'],
  bigint: ['a bigint', 'use z.int(), or z.string() beyond 9007199254740991'],
  catch: ['a fallback for invalid values', 'use .default(), which applies only to absent values'],
  custom: ['a custom type', 'use a JSON type with .refine()'],
  date: ['a Date', 'use z.iso.datetime() or z.iso.date(), which are strings, and new Date(text) in `run`'],
  file: ['a file', 'use z.url() or z.base64()'],
  function: ['a function', readInRun],
  intersection: ['an intersection', 'use a.extend(b.shape), which merges two objects'],
  map: ['a Map', freeObject],
  nan: ['a NaN', 'use z.number().nullable()'],
  never: ['z.never()', 'remove the member'],
  nonoptional: ['z.nonoptional()', 'declare the schema without .optional()'],
  null: ['a value that is always null', 'remove it, or add .nullable() to another type'],
  object: ['an object with undeclared members', `declare its members in z.strictObject({ … }); ${freeObject}`],
  pipe: ['a transform, a codec or a pipe', readInRun],
  prefault: ['z.prefault()', 'use .default()'],
  promise: ['a promise', 'declare the resolved type; `run` may be async'],
  set: ['a Set', 'use z.array()'],
  success: ['z.success()', 'use z.boolean()'],
  symbol: ['a symbol', 'use z.enum()'],
  template_literal: ['a template literal', 'use z.string().regex(/^…$/)'],
  transform: ['a transform', readInRun],
  tuple: ['a tuple', 'use z.array(), or z.strictObject() with a name for each position'],
  undefined: ['a value that is always undefined', 'remove it'],
  union: [
    'a union of several types',
    "use z.discriminatedUnion('kind', [z.strictObject({ kind: z.literal('…'), … }), …]), .nullable(), a choice of " +
      'strings, or z.string() that `run` parses',
  ],
  unknown: ['a value of any type', freeObject],
  void: ['z.void()', 'remove it'],
};

/**
 * The error for a schema that the engine's catalogue cannot express.
 * @param path of the schema; empty for the whole input
 * @param found the name of the schema and its alternative. @default - by kind
 */
export function unsupported(path: string, kind: Kind, found = alternatives[kind]): Error {
  const [what, instead] = found ?? ['this kind of schema', readInRun];
  const where = path === '' ? 'the whole input' : `"${path}"`;
  return new Error(`Cannot use the schema of ${where}: the engine's catalogue cannot express ${what}; ${instead}`);
}
