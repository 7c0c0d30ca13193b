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

/** What the catalogue cannot say, as a parameter `v` of the tool `odd`, and what its author is told. */
test.each<[what: string, schema: z.ZodType, found: string, instead: string]>([
  ['a union', z.union([z.string(), z.int()]), 'a union of several types', 'z.discriminatedUnion('],
  ['a plain union of objects', z.union([z.strictObject({}), z.strictObject({ a: z.int() })]), 'a union', '.nullable()'],
  ['an exclusive union', z.xor([z.string(), z.int()]), 'a union', 'z.string() that `run` reads'],
  ['a list of lists', z.array(z.array(z.string())), 'a list of lists', 'a list of objects that have a list each'],
  ['a list with null', z.array(z.string().nullable()), 'a list with gaps', 'leave null and undefined out'],
  ['a Date', z.date(), 'a Date', 'z.iso.datetime() or z.iso.date()'],
  ['a coerced Date', z.coerce.date(), 'a Date', 'new Date(text) in `run`'],
  ['a coerced text', z.coerce.string(), 'a coercion', 'use z.string()'],
  ['a coerced number', z.coerce.number(), 'a coercion', 'use z.number(): texts that stand for a number'],
  ['a big integer', z.bigint(), 'a big integer', 'z.string() beyond 9007199254740991'],
  ['64 bits', z.int64(), 'a big integer', 'use z.int()'],
  ['a transformation', z.string().transform(Number), 'a transformation, a codec or a pipe', '`run`'],
  ['a codec', z.stringbool(), 'a transformation, a codec or a pipe', '`run`'],
  ['a preprocessed value', z.preprocess(String, z.string()), 'a transformation, a codec or a pipe', '`run`'],
  ['what is filled in and checked', z.string().prefault('x'), 'filled in and then checked', 'use .default()'],
  ['what is caught', z.string().catch('x'), 'replaced when it does not fit', 'use .default()'],
  ['anything', z.unknown(), 'a value of any kind', 'z.record(z.string(), z.unknown()) takes any object'],
  ['any JSON', z.json(), 'a union of several types', 'run` reads'],
  ['a tuple', z.tuple([z.string()]), 'a tuple', 'z.strictObject() with a name for each place'],
  ['a Map', z.map(z.string(), z.int()), 'a Map', 'z.record('],
  ['a Set', z.set(z.string()), 'a Set', 'use z.array()'],
  ['a type of its own', z.instanceof(URL), 'a type of your own', '.refine()'],
  ['an intersection', z.intersection(z.object({}), z.object({})), 'an intersection', 'a.extend(b.shape)'],
  ['a template', z.templateLiteral(['a', z.int()]), 'a template of text', 'z.string().regex('],
  ['an open object', z.looseObject({ a: z.string() }), 'members that are not named', 'z.strictObject({ … })'],
  ['keys that are numbers', z.record(z.number(), z.string()), 'keys that are no texts', 'z.record(z.string(), …)'],
  ['further keys', z.looseRecord(z.string().min(2), z.string()), 'a record with further keys', 'z.record(z.string()'],
  ['variants of texts and objects', z.discriminatedUnion('k', [z.strictObject({ k: z.literal(1) })]), 'texts only', ''],
])('%s is refused, with what to write instead', (_what, schema, found, instead) => {
  const message = messageFor(schema);
  expect(message).toContain('Cannot load the tools:\n  odd: Cannot use the ');
  expect(message).toContain('"v');
  expect(message).toContain(found);
  expect(message).toContain(instead);
});

test.each<[what: string, schema: z.ZodType, path: string]>([
  ['that holds itself', tree, 'v.children[]'],
  ['that is itself', lazy, 'v'],
  ['that makes copies of itself', copies(), 'v.more.more.more'],
])('a schema %s is recursive, and its place is named', (_what, schema, path) => {
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
])('a rule that is seen to be asynchronous is refused: %s', (_what, schema) => {
  expect(messageFor(schema)).toMatch(/odd: Cannot use a rule of "v(\[\])?": it is asynchronous; check this in `run`/);
});

test.each<[what: string, schema: z.ZodType]>([
  ['nothing', z.enum([])],
  ['numbers', z.literal([1, 2])],
])('a choice of %s is refused', (_what, schema) => {
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
  throw new Error('The schema was taken');
}
