import fc from 'fast-check';
import { type SchemaChange, schemaChanges } from './schema-changes';
import type { Schema } from './schema-parts';

/** The changes between two schemas, each as `path effect`. */
function effects(before: Schema, after: Schema): readonly string[] {
  return schemaChanges(before, after).map(({ path, effect }) => [path, effect].filter(Boolean).join(' '));
}

const text = { type: 'string' };
const number = { type: 'number' };
const whole = { type: 'integer' };
const low = { type: 'string', enum: ['a', 'b'] };
const lower = { type: 'string', enum: ['a', 'b', 'c'] };
const orNull = { type: ['string', 'null'] };
const list = (items: Schema, more: Schema = {}) => ({ type: 'array', items, ...more });
const object = (properties: Schema, more: Schema = {}) => ({ type: 'object', properties, ...more });
const closed = { additionalProperties: false };

// Each pair narrows from left to right and widens from right to left.
test.each<[string, Schema, Schema, string?]>([
  ['a number becomes an integer', number, whole],
  ['anything becomes text', {}, text],
  ['several types become one', { type: ['string', 'integer'] }, text],
  ['a value may no longer be null', orNull, text],
  ['a choice loses a value', lower, low],
  [
    'a choice that may be null loses a value',
    { ...lower, enum: [...lower.enum, null] },
    { ...low, enum: ['a', 'b', null] },
  ],
  ['text becomes a choice', text, low],
  ['a choice becomes one value', low, { type: 'string', const: 'a' }],
  ['a minimum', number, { ...number, minimum: 1 }],
  ['a greater minimum', { ...number, minimum: 1 }, { ...number, minimum: 2 }],
  ['an exclusive minimum', { ...number, minimum: 1 }, { ...number, exclusiveMinimum: 1 }],
  [
    'a minimum next to an exclusive one',
    { ...number, exclusiveMinimum: 1 },
    { ...number, exclusiveMinimum: 1, minimum: 2 },
  ],
  ['a smaller maximum', { ...number, maximum: 2 }, { ...number, maximum: 1 }],
  ['an exclusive maximum', { ...number, maximum: 1 }, { ...number, exclusiveMaximum: 1 }],
  ['a multiple', number, { ...number, multipleOf: 2 }],
  ['a multiple of the multiple', { ...number, multipleOf: 2 }, { ...number, multipleOf: 4 }],
  ['a multiple of a fraction', { ...number, multipleOf: 0.5 }, { ...number, multipleOf: 1 }],
  ['a minimum length', text, { ...text, minLength: 1 }],
  ['a maximum length', text, { ...text, maxLength: 10 }],
  ['a smaller maximum length', { ...text, maxLength: 10 }, { ...text, maxLength: 9 }],
  ['a pattern', text, { ...text, pattern: '^a' }],
  ['a format', text, { ...text, format: 'date' }],
  ['a minimum number of items', list(text), list(text, { minItems: 1 })],
  ['a maximum number of items', list(text), list(text, { maxItems: 1 })],
  ['unique items', list(text), list(text, { uniqueItems: true })],
  ['items of a narrower type', list(number), list(whole), '[]'],
  ['items that were anything', { type: 'array' }, list(text), '[]'],
  ['items of items', list(list(number)), list(list(whole)), '[][]'],
  ['prefix items', list(text), list(text, { prefixItems: [low] })],
  ['a newly required member', object({ a: text }), object({ a: text }, { required: ['a'] }), 'a'],
  [
    'a member deep inside',
    object({ a: list(object({ b: number })) }),
    object({ a: list(object({ b: whole })) }),
    'a[].b',
  ],
  ['undeclared members that are rejected', object({}), object({}, closed), '*'],
  [
    'undeclared members of a narrower type',
    object({}, { additionalProperties: number }),
    object({}, { additionalProperties: whole }),
    '*',
  ],
  ['undeclared members that were anything', object({}), object({}, { additionalProperties: text }), '*'],
  ['a minimum number of members', object({}), object({}, { minProperties: 1 })],
  ['names of members', object({}), object({}, { propertyNames: { pattern: '^a' } })],
  ['a union that loses a branch', { anyOf: [text, number] }, { anyOf: [text] }],
  ['a union that becomes one of its branches', { anyOf: [text, { ...number, title: 'n' }] }, text],
  ['a branch of a union', { oneOf: [object({ a: number }), text] }, { oneOf: [object({ a: whole }), text] }, 'a'],
  [
    'a reference to a narrower schema',
    { $ref: '#/$defs/x', $defs: { x: number } },
    { $ref: '#/$defs/x', $defs: { x: whole } },
  ],
  [
    'a reference in a branch',
    { anyOf: [{ $ref: '#/$defs/x' }, text], $defs: { x: number } },
    { anyOf: [{ $ref: '#/$defs/x' }, text], $defs: { x: whole } },
  ],
  ['a definition with a slash in its name', { $ref: '#/$defs/a~1b', $defs: { 'a/b': number } }, whole],
  ['a definition with a percent sign in its name', { $ref: '#/$defs/5%', $defs: { '5%': number } }, whole],
  ['null in a union', { anyOf: [text, { type: 'null' }] }, text],
  ['an unknown keyword', text, { ...text, contentEncoding: 'base64' }],
  ['a schema that rejects everything', text, { not: {}, ...text }],
])('%s: narrows, and the reverse widens', (_what, wide, narrow, path = '') => {
  expect(effects(wide, narrow)).toEqual([[path, 'narrowed'].filter(Boolean).join(' ')]);
  expect(effects(narrow, wide)).toEqual([[path, 'widened'].filter(Boolean).join(' ')]);
});

test.each<[string, Schema, Schema, readonly string[]]>([
  ['another type', text, whole, ['both']],
  ['an object that becomes a list', object({ a: text }), list(text), ['both']],
  ['a choice with a replaced value', low, { ...text, enum: ['a', 'c'] }, ['narrowed', 'widened']],
  ['another pattern', { ...text, pattern: 'a' }, { ...text, pattern: 'b' }, ['both']],
  ['another format', { ...text, format: 'date' }, { ...text, format: 'date-time' }, ['both']],
  ['another multiple', { ...number, multipleOf: 2 }, { ...number, multipleOf: 3 }, ['both']],
  [
    'a shifted range',
    { ...number, minimum: 1, maximum: 5 },
    { ...number, minimum: 2, maximum: 6 },
    ['narrowed', 'widened'],
  ],
  ['a removed member', object({ a: text }), object({}), ['a removed']],
  ['a new optional member', object({}), object({ a: text }), ['a optional']],
  ['a new required member', object({}), object({ a: text }, { required: ['a'] }), ['a required']],
  ['a default', text, { ...text, default: 'a' }, ['default']],
  ['another default', { ...text, default: 'a' }, { ...text, default: 'b' }, ['default']],
  [
    'a required member that has a default now',
    object({ a: text }, { required: ['a'] }),
    object({ a: { ...text, default: '' } }),
    ['a widened', 'a default'],
  ],
  ['wording', { ...text, description: 'One.' }, { ...text, description: 'Two.', title: 'T' }, ['wording', 'wording']],
  ['a value that a model must no longer guess', text, { ...text, inferrable: false }, ['default']],
])('reports %s', (_what, before, after, expected) => {
  expect(effects(before, after)).toEqual(expected);
});

test.each<[string, Schema, Schema]>([
  ['two notations for null', orNull, { anyOf: [text, { type: 'null' }] }],
  [
    'two orders of members and of values',
    object({ a: text, b: low }, { required: ['a', 'b'] }),
    object({ b: { enum: ['b', 'a'], type: 'string' }, a: text }, { required: ['b', 'a'] }),
  ],
  ['two orders of branches', { anyOf: [text, number] }, { anyOf: [number, text] }],
  ['a bound and its default', { ...text, minLength: 0 }, text],
  ['true and nothing', { type: 'array', items: true }, { type: 'array' }],
  ['a definition and its contents', { $ref: '#/$defs/x', $defs: { x: text } }, text],
])('ignores the difference between %s', (_what, before, after) => {
  expect([effects(before, after), effects(after, before)]).toEqual([[], []]);
});

test('compares a recursive schema without looping forever', () => {
  const tree = (leaf: Schema) => ({ $ref: '#/$defs/t', $defs: { t: object({ leaf, next: { $ref: '#/$defs/t' } }) } });
  expect(effects(tree(text), tree(text))).toEqual([]);
  expect(effects(tree(number), tree(whole))).toEqual(['leaf narrowed']);
  const circle = { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } };
  expect(effects(circle, circle)).toEqual([]);
});

test('compares any two schemas: a schema equals itself, and swapping the two inverts every effect', () => {
  const opposite: Partial<Record<SchemaChange['effect'], SchemaChange['effect']>> = {
    narrowed: 'widened',
    widened: 'narrowed',
  };
  const scalars = fc.constantFrom<Schema>(text, number, whole, low, lower, orNull, {}, { ...text, format: 'date' });
  const { schema } = fc.letrec<{ schema: Schema }>((tie) => ({
    schema: fc.oneof(
      { maxDepth: 4 },
      scalars,
      tie('schema').map((items) => list(items)),
      fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('schema')).map((properties) => object(properties, closed)),
      fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
    ),
  }));
  fc.assert(
    fc.property(schema, schema, (one, other) => {
      expect(effects(one, one)).toEqual([]);
      const kinds = (changes: readonly SchemaChange[]) => changes.map(({ effect }) => effect);
      const there = kinds(schemaChanges(one, other)).filter((kind) => kind in opposite);
      const back = kinds(schemaChanges(other, one)).filter((kind) => kind in opposite);
      expect(back.map((kind) => opposite[kind]).sort()).toEqual([...there].sort());
    }),
    { numRuns: 300 },
  );
});
