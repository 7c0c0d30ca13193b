import { recordedToolkit } from '../../testing/exchanges/recorded';
import { defineTool, z } from './define-tool';
import { loadCatalog } from './load';

const tree: z.ZodType = z.strictObject({
  get children() {
    return z.array(tree).optional();
  },
});
const lazy: z.ZodType = z.lazy(() => lazy);
const copies = (): z.ZodObject =>
  z.strictObject({
    get more() {
      return copies().optional();
    },
  });

/** Unsupported schemas as a parameter `v` of the tool `odd`, and the two parts of the error message. */
test.each<[what: string, schema: z.ZodType, found: string, instead: string]>([
  ['a union', z.union([z.string(), z.int()]), 'a union of several types', 'z.discriminatedUnion('],
  ['a plain union of objects', z.union([z.strictObject({}), z.strictObject({ a: z.int() })]), 'a union', '.nullable()'],
  ['an exclusive union', z.xor([z.string(), z.int()]), 'a union', 'z.string() that `run` parses'],
  ['a list of lists', z.array(z.array(z.string())), 'a list of lists', 'a list of objects, each with a list'],
  ['a list with null', z.array(z.string().nullable()), 'a list with null or undefined items', 'omit them'],
  ['a Date', z.date(), 'a Date', 'z.iso.datetime() or z.iso.date()'],
  ['a coerced Date', z.coerce.date(), 'a Date', 'new Date(text) in `run`'],
  ['a coerced string', z.coerce.string(), 'a coercion', 'use z.string()'],
  ['a coerced number', z.coerce.number(), 'a coercion', 'use z.number(): numbers and booleans in strings'],
  ['a bigint', z.bigint(), 'a bigint', 'z.string() beyond 9007199254740991'],
  ['a 64-bit integer', z.int64(), 'a bigint', 'use z.int()'],
  ['a transform', z.string().transform(Number), 'a transform, a codec or a pipe', '`run`'],
  ['a codec', z.stringbool(), 'a transform, a codec or a pipe', '`run`'],
  ['a preprocessed value', z.preprocess(String, z.string()), 'a transform, a codec or a pipe', '`run`'],
  ['prefault', z.string().prefault('x'), 'z.prefault()', 'use .default()'],
  ['catch', z.string().catch('x'), 'a fallback for invalid values', 'use .default()'],
  ['unknown', z.unknown(), 'a value of any type', 'z.record(z.string(), z.unknown()) takes any object'],
  ['any JSON', z.json(), 'a union of several types', 'run` parses'],
  ['a tuple', z.tuple([z.string()]), 'a tuple', 'z.strictObject() with a name for each position'],
  ['a Map', z.map(z.string(), z.int()), 'a Map', 'z.record('],
  ['a Set', z.set(z.string()), 'a Set', 'use z.array()'],
  ['a custom type', z.instanceof(URL), 'a custom type', '.refine()'],
  ['an intersection', z.intersection(z.object({}), z.object({})), 'an intersection', 'a.extend(b.shape)'],
  ['a template literal', z.templateLiteral(['a', z.int()]), 'a template literal', 'z.string().regex('],
  ['an open object', z.looseObject({ a: z.string() }), 'undeclared members', 'z.strictObject({ … })'],
  ['number keys', z.record(z.number(), z.string()), 'keys other than strings', 'z.record(z.string(), …)'],
  ['a loose record', z.looseRecord(z.string().min(2), z.string()), 'a loose record', 'z.record(z.string()'],
  ['a numeric discriminator', z.discriminatedUnion('k', [z.strictObject({ k: z.literal(1) })]), 'only strings', ''],
])('rejects %s and suggests an alternative', (_what, schema, found, instead) => {
  const message = messageFor(schema);
  expect(message).toContain('Cannot load the tools:\n  odd: Cannot use the ');
  expect(message).toContain('"v');
  expect(message).toContain(found);
  expect(message).toContain(instead);
});

test.each<[what: string, schema: z.ZodType, path: string]>([
  ['that contains itself', tree, 'v.children[]'],
  ['that resolves to itself', lazy, 'v'],
  ['that creates copies of itself', copies(), 'v.more.more.more'],
])('rejects a schema %s as recursive and names its path', (_what, schema, path) => {
  expect(messageFor(schema)).toMatch(
    new RegExp(`odd: Cannot use the schema of "${path.replaceAll(/[.[\]]/g, '\\$&')}[^"]*": it is recursive`),
  );
});

test.each<[what: string, schema: z.ZodType]>([
  ['refined', z.string().refine(async (text) => text !== 'x')],
  ['checked', z.string().check(async ({ value }) => void value)],
  [
    'around another',
    z
      .string()
      .nullable()
      .refine(async () => true),
  ],
  ['in a list', z.array(z.string().refine(async () => true))],
])('rejects an async rule: %s', (_what, schema) => {
  expect(messageFor(schema)).toMatch(/odd: Cannot use a rule of "v(\[\])?": it is asynchronous; check this in `run`/);
});

test.each<[what: string, schema: z.ZodType]>([
  ['nothing', z.enum([])],
  ['numbers', z.literal([1, 2])],
])('rejects a choice of %s', (_what, schema) => {
  expect(messageFor(schema)).toContain('odd: Cannot use the choice of "v"');
});

function messageFor(schema: z.ZodType): string {
  const odd = defineTool<z.ZodObject>({
    description: 'Odd.',
    input: z.strictObject({ v: schema.describe('A value.') }),
    examples: [{ input: {}, output: {} }],
    run: () => null,
  });
  try {
    loadCatalog(recordedToolkit, new Map([['odd', odd]]));
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  throw new Error('The schema was accepted');
}
