import fc from 'fast-check';
import { z } from '../../worker/catalog/define-tool';
import { schemaKinds } from './schema-kinds';
import type { Probed } from './schema-probe';

/** A random schema, and JSON near the boundary of what it accepts, valid and invalid. */
export interface FuzzSchema extends Probed {
  readonly values: fc.Arbitrary<unknown>;
  /** The names of its parts. */
  readonly parts: readonly string[];
}

/** Random schemas of every kind that tools may use, nested as far as supported. */
export function fuzzSchemas(): fc.Arbitrary<FuzzSchema> {
  return wrapped(fc.oneof(held(2), held(2).chain(listOf)));
}

/** The names of the kinds that contain or wrap other schemas. */
export const compositeKinds = [
  'list',
  'object',
  'free object',
  'record',
  'record with a rule for keys',
  'record of a choice',
  'partial record',
  'variants',
  'nullable',
  'optional',
  'default',
  'readonly',
  'lazy',
  'or null',
  'rule around',
  'overwritten',
] as const;

const leaf: fc.Arbitrary<FuzzSchema> = fc
  .constantFrom(...schemaKinds)
  .map(({ name, schema, values, isExpressible }) => ({
    schema,
    isExpressible,
    parts: [name],
    values: fc.constantFrom(...values),
  }));

/** Schemas that are allowed as list items. */
function held(depth: number): fc.Arbitrary<FuzzSchema> {
  if (depth === 0) return leaf;
  const member = wrapped(fc.oneof(held(depth - 1), held(depth - 1).chain(listOf)));
  const records = fc.oneof(
    fc.constant(freeObject),
    member.map(recordOf),
    member.map(ruledRecordOf),
    member.map(choiceRecordOf),
  );
  const objects = fc.array(member, { minLength: 1, maxLength: 3 });
  return fc.oneof(leaf, records, objects.map(objectOf), objects.map(variantsOf));
}

function fuzzOf(
  part: string,
  inner: readonly FuzzSchema[],
  schema: z.ZodType,
  values: fc.Arbitrary<unknown>,
  isExpressible = true,
) {
  return {
    schema,
    values,
    isExpressible: isExpressible && inner.every((each) => each.isExpressible),
    parts: [part, ...inner.flatMap(({ parts }) => parts)],
  };
}

const junk = fc.constantFrom<unknown>(null, [], {}, 'x!', { a: 1 });

function listOf(item: FuzzSchema): fc.Arbitrary<FuzzSchema> {
  const values = fc.oneof(
    { weight: 9, arbitrary: fc.array(item.values, { maxLength: 3 }) },
    { weight: 1, arbitrary: junk },
  );
  const list = z.array(item.schema);
  return fc
    .constantFrom(list, list.min(1), list.max(2), list.length(2), list.min(1).max(2))
    .map((schema) => fuzzOf('list', [item], schema, values));
}

function objectOf(members: readonly FuzzSchema[]): FuzzSchema {
  const shape = members.map(({ schema }, index) => [`m${index}`, schema] as const);
  return fuzzOf('object', members, z.strictObject(Object.fromEntries(shape)), objectsOf(members));
}

function objectsOf(members: readonly FuzzSchema[], tag: Readonly<Record<string, string>> = {}): fc.Arbitrary<unknown> {
  const values = Object.fromEntries(members.map((member, index) => [`m${index}`, member.values]));
  const whole = fc.record(values);
  return fc
    .oneof(
      { weight: 8, arbitrary: whole },
      { weight: 2, arbitrary: fc.record({ ...values, extra: junk }, { requiredKeys: [] }) },
    )
    .map((value) => ({ ...tag, ...value }));
}

function variantsOf(members: readonly FuzzSchema[]): FuzzSchema {
  const [first = members, second = members] = [members, members.slice(1)];
  const shapeOf = (list: readonly FuzzSchema[]) =>
    Object.fromEntries(list.map(({ schema }, index) => [`m${index}`, schema]));
  const schema = z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('one'), ...shapeOf(first) }),
    z.strictObject({ kind: z.enum(['two', 'three']), ...shapeOf(second) }),
  ]);
  const values = fc.oneof(
    objectsOf(first, { kind: 'one' }),
    objectsOf(second, { kind: 'three' }),
    fc.constantFrom({ kind: 'four' }, { kind: 1 }, {}, null, []),
  );
  return fuzzOf('variants', members, schema, values);
}

const freeObject: FuzzSchema = {
  schema: z.strictObject({ free: z.record(z.string(), z.unknown()) }),
  isExpressible: false,
  parts: ['free object'],
  values: fc.constantFrom(
    { free: { id: 1, deep: [{ n: null }] } },
    { free: { id: [2 ** 53] } },
    { free: { x: 1e300 } },
    { free: [] },
    {},
  ),
};

function recordOf(value: FuzzSchema): FuzzSchema {
  const values = fc.oneof(fc.dictionary(fc.constantFrom('a', 'b', 'ü'), value.values, { maxKeys: 2 }), junk);
  return fuzzOf('record', [value], z.record(z.string(), value.schema), values);
}

function ruledRecordOf(value: FuzzSchema): FuzzSchema {
  const values = fc.dictionary(fc.constantFrom('a', 'bb', 'A', ''), value.values, { maxKeys: 2 });
  return fuzzOf('record with a rule for keys', [value], z.record(z.string().regex(/^[a-z]+$/), value.schema), values);
}

function choiceRecordOf(value: FuzzSchema): FuzzSchema {
  const isPartial = value.parts.length % 2 === 0;
  const values = fc.dictionary(fc.constantFrom('eu', 'us', 'mars'), value.values, { maxKeys: 3 });
  const keys = z.enum(['eu', 'us']);
  return isPartial
    ? fuzzOf('partial record', [value], z.partialRecord(keys, value.schema), values)
    : fuzzOf('record of a choice', [value], z.record(keys, value.schema), values);
}

/** A schema, usually with a wrapper such as nullable. */
function wrapped(arbitrary: fc.Arbitrary<FuzzSchema>): fc.Arbitrary<FuzzSchema> {
  return fc.tuple(arbitrary, fc.nat(13), fc.nat(1000)).map(([inner, which, pick]) => wrapWith(inner, which, pick));
}

function wrapWith(inner: FuzzSchema, which: number, pick: number): FuzzSchema {
  const { schema, values } = inner;
  const orNull = fc.oneof({ weight: 3, arbitrary: values }, { weight: 1, arbitrary: fc.constant(null) });
  switch (which) {
    case 0:
    case 1:
      return fuzzOf('nullable', [inner], schema.nullable(), orNull);
    case 2:
    case 3:
      return fuzzOf('optional', [inner], schema.optional(), values);
    case 4:
    case 5: {
      // A valid default; zod only checks its type, not the rules.
      const value = fc.sample(values, { numRuns: 10, seed: pick }).find((each) => schema.safeParse(each).success);
      return value === undefined ? inner : fuzzOf('default', [inner], schema.default(value), values);
    }
    case 6:
      return fuzzOf('readonly', [inner], schema.readonly(), values);
    case 7:
      return fuzzOf(
        'lazy',
        [inner],
        z.lazy(() => schema),
        values,
      );
    case 8:
      return fuzzOf('or null', [inner], z.union([schema, z.null()]), orNull);
    case 9:
      return fuzzOf(
        'rule around',
        [inner],
        schema.nullable().refine((value) => value !== null),
        orNull,
        false,
      );
    case 10:
      return fuzzOf('overwritten', [inner], schema.readonly().overwrite(longer), values);
    default:
      return inner;
  }
}

/** Lengthens a string, so that inner rules may reject it. Other values stay, because an overwrite must keep the type. */
function longer<Value>(value: Value): Value {
  // The type never changes, but the compiler cannot infer that.
  return typeof value === 'string' && !/^[abc]$/.test(value) ? (`${value}${value}xx` as Value) : value;
}
