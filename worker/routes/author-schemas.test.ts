import { bothRoutes, outcomeLike, toolOf } from '../../testing/worker/both-routes';
import { z } from '../catalog/define-tool';

const badInput = { kind: 'TOOL_RUNTIME_BAD_INPUT_VALUE' };
const badOutput = { kind: 'TOOL_RUNTIME_BAD_OUTPUT_VALUE' };
const fatal = { kind: 'TOOL_RUNTIME_FATAL' };

/** What a tool declares and returns, and what the engine and an MCP client that validates the result get. */
type Result = readonly [what: string, output: z.ZodType, returned: unknown, engine: unknown, mcp: unknown];
const results: readonly Result[] = [
  [
    'null for an object with a validated member',
    z.strictObject({ mail: z.email() }).nullable(),
    null,
    { value: '' },
    { value: { result: null } },
  ],
  ['null for a date', z.iso.date().nullable(), null, { value: '' }, { value: { result: '' } }],
  [
    'a nullable date',
    z.iso.date().nullable(),
    '2026-02-28',
    { value: '2026-02-28' },
    { value: { result: '2026-02-28' } },
  ],
  [
    'null for a string with a minimum length',
    z.string().min(2).nullable(),
    null,
    { value: '' },
    { value: { result: '' } },
  ],
  ['null for an integer with a minimum', z.int().min(2).nullable(), null, { value: '' }, { value: { result: null } }],
  [
    'null for a list with a minimum length',
    z.array(z.string()).min(1).nullable(),
    null,
    { value: '' },
    { value: { result: null } },
  ],
  ['null for an enum', z.enum(['a']).nullable(), null, { value: '' }, { value: { result: null } }],
  [
    'null for a discriminated union',
    z.discriminatedUnion('kind', [z.strictObject({ kind: z.literal('a') })]).nullable(),
    null,
    { value: '' },
    { value: { result: null } },
  ],
  [
    'null that an outer refinement rejects',
    z
      .string()
      .nullable()
      .refine((value) => value !== null),
    null,
    badOutput,
    badOutput,
  ],
  ['undefined for an optional value', z.int().optional(), undefined, { value: '' }, { value: { result: null } }],
  ['undefined for a value with a default', z.int().default(3), undefined, { value: 3 }, { value: { result: 3 } }],
  [
    'a match of a pattern without the flag `u`',
    z.string().regex(/^[\w-.]+$/),
    'a',
    { value: 'a' },
    { value: { result: 'a' } },
  ],
  [
    'a match of a pattern with a flag',
    z.string().regex(/^#[0-9A-F]{6}$/i),
    '#d73a4a',
    { value: '#d73a4a' },
    { value: { result: '#d73a4a' } },
  ],
  [
    'a URL with an ö',
    z.url(),
    'https://example.com/Köln',
    { value: 'https://example.com/Köln' },
    { value: { result: 'https://example.com/Köln' } },
  ],
  ['a multiple of 0.01', z.number().multipleOf(0.01), 19.99, { value: 19.99 }, { value: { result: 19.99 } }],
  ['NaN', z.number(), Number.NaN, { value: null }, badOutput],
  ['NaN for a number with a minimum', z.number().min(0), Number.NaN, { value: null }, badOutput],
  ['NaN for a nullable number', z.number().min(0).nullable(), Number.NaN, { value: null }, { value: { result: null } }],
  ['infinity in a list', z.array(z.number()), [1, Number.POSITIVE_INFINITY], { value: [1, null] }, badOutput],
  [
    'NaN in an object with a validated member',
    z.strictObject({ a: z.number(), b: z.string().min(1) }),
    { a: Number.NaN, b: 'x' },
    { value: { a: null, b: 'x' } },
    badOutput,
  ],
  [
    'NaN in a free object',
    z.record(z.string(), z.unknown()),
    { a: [Number.NaN] },
    { value: { a: [null] } },
    { value: { a: [null] } },
  ],
  ['a fraction for a 32-bit integer', z.int32(), 1.5, badOutput, badOutput],
  ['more than 32 bits', z.uint32(), 2 ** 32, badOutput, badOutput],
  ['an integer that was rounded', z.array(z.int()), [2 ** 53], badOutput, badOutput],
  ['text that is trimmed', z.string().trim().max(1), ' a ', { value: 'a' }, { value: { result: 'a' } }],
  [
    'text that an overwrite makes too long',
    z
      .string()
      .max(1)
      .overwrite((text) => text + text),
    'a',
    { value: 'aa' },
    { value: { result: 'aa' } },
  ],
  ['a number that an overwrite turns into NaN', z.number().overwrite(Math.sqrt), -1, { value: null }, badOutput],
  [
    'text that an overwrite turns into another type',
    z.string().overwrite(() => JSON.parse('1')),
    'a',
    badOutput,
    badOutput,
  ],
];

test.each(results.map(([what, , , engine, mcp], index) => [what, `give_${index}`, engine, mcp] as const))(
  'returns %s',
  async (_what, name, engine, mcp) => {
    expect(await (await routes).engine(name)).toEqual(outcomeLike(engine));
    expect(await (await routes).mcp(name)).toEqual(outcomeLike(mcp));
  },
);

const taken = { value: expect.anything() };
const rangeRule = z
  .strictObject({ from: z.int().describe('x'), to: z.int().describe('x') })
  .refine(({ from, to }) => from <= to, 'to must not come before from');

/** What a tool accepts, what it is sent, and the expected outcome on both routes. */
type Input = readonly [what: string, input: z.ZodType, sent: string | undefined, outcome: unknown];
const inputs: readonly Input[] = [
  ['a fraction for a 32-bit integer', z.int32(), '1.5', { ...badInput, message: 'v: Input should be a valid integer' }],
  ['1e300 for a 32-bit integer', z.int32(), '1e300', badInput],
  ['a negative unsigned integer', z.uint32(), '-1', badInput],
  ['1e300 for a float', z.float32(), '1e300', badInput],
  ['numeric text for a 32-bit integer', z.int32(), '"12"', taken],
  [
    'a value whose refinement throws',
    z.string().refine((text) => new URL(text).protocol === 'https:'),
    '"x"',
    { ...badInput, message: 'v: Input could not be checked' },
  ],
  [
    'a value whose refinement does not throw',
    z.string().refine((text) => new URL(text).protocol === 'https:'),
    '"https://a"',
    taken,
  ],
  [
    'a value whose error message throws',
    z.string().refine(() => false, {
      error: () => {
        throw new Error('x');
      },
    }),
    '"a"',
    badInput,
  ],
  [
    'a value whose overwrite throws',
    z.string().overwrite(() => {
      throw new Error('x');
    }),
    '"a"',
    badInput,
  ],
  [
    'a value that an asynchronous refinement rejects',
    z.string().superRefine((_text, context) => {
      context.addIssue('x');
      return Promise.reject(new Error('late')) as never;
    }),
    '"a"',
    { ...badInput, message: 'v: Input could not be checked' },
  ],
  ['no value, with a default that fails its own validation', z.email().default(''), undefined, taken],
  ['an explicit value equal to that invalid default', z.email().default(''), '""', badInput],
  [
    'no value, with a default that throws',
    z.string().default(() => {
      throw new Error('x');
    }),
    undefined,
    fatal,
  ],
  [
    'a rounded number in a free object',
    z.record(z.string(), z.unknown()),
    '{"a":[{"id":1917043659912705296}]}',
    { ...badInput, message: 'v.a.0.id: Input should hold no whole number above 9007199254740991' },
  ],
  ['an infinite number in a free object', z.record(z.string(), z.unknown()), '{"a":1e999}', badInput],
  ['that number as text', z.record(z.string(), z.unknown()), '{"id":"1917043659912705296"}', taken],
  ['a key outside the enum', z.partialRecord(z.enum(['eu', 'us']), z.unknown()), '{"mars":1}', badInput],
  ['a key of the enum', z.partialRecord(z.enum(['eu', 'us']), z.unknown()), '{"eu":1}', taken],
  [
    'only some keys of an exhaustive enum record',
    z.record(z.enum(['eu', 'us']), z.string()),
    '{"eu":"a"}',
    { ...badInput, message: 'v.us: Field required' },
  ],
  ['an invalid key', z.record(z.string().regex(/^[a-z]+$/), z.unknown()), '{"A":1}', badInput],
  ['an invalid value', z.record(z.string(), z.string().max(1)), '{"a":"ab"}', { ...badInput, message: 'v.a: ' }],
  ['a known variant', variants(), '{"kind":"card","number":"1"}', taken],
  [
    'an unknown variant',
    variants(),
    '{"kind":"gold"}',
    { ...badInput, message: "v.kind: Input should be 'card' or 'cash'" },
  ],
  [
    'a variant without a required member',
    variants(),
    '{"kind":"card"}',
    { ...badInput, message: 'v.number: Field required' },
  ],
  ['null for a union with null', z.union([z.string().min(1), z.null()]), 'null', taken],
  [
    'an object that fails its own refinement',
    rangeRule,
    '{"from":2,"to":1}',
    { ...badInput, message: 'v: to must not come before from' },
  ],
];

test.each(inputs.map(([what, , sent, wanted], index) => [what, `take_${index}`, sent, wanted] as const))(
  'receives %s',
  async (_what, name, sent, wanted) => {
    const text = sent === undefined ? '{}' : `{"v":${sent}}`;
    expect(await (await routes).engine(name, text)).toEqual(outcomeLike(wanted));
    expect(await (await routes).mcp(name, text)).toEqual(outcomeLike(wanted));
  },
);

test.each([
  ['free_object', '{"a":[{"__proto__":{"x":1}}]}', 'v.a.0.__proto__'],
  ['free_values', '{"a":{"__proto__":{"x":1}}}', 'v.a.__proto__'],
])('rejects a member that changes a prototype: %s', async (name, sent, path) => {
  const { engine, mcp } = await routes;
  const message = `${path}: Input should not have a member of this name`;
  expect(await engine(name, `{"v":${sent}}`)).toEqual(outcomeLike({ ...badInput, message }));
  await expect(mcp(name, `{"v":${sent}}`)).rejects.toThrow('Parse error: the body has a member \\"__proto__\\"');
});

test('reports a failed refinement of the whole input without a path', async () => {
  const { message } = Object(await (await routes).engine('span', '{"from":2,"to":1}'));
  expect(message).toMatch(/: Invalid input: to must not come before from$/);
});

const routes = bothRoutes(
  new Map([
    ...results.map(
      ([, output, returned], index) => [`give_${index}`, toolOf({ output, run: () => returned })] as const,
    ),
    ...inputs.map(([, schema], index) => [`take_${index}`, takes(schema)] as const),
    ['free_object', takes(z.record(z.string(), z.unknown()))],
    ['free_values', takes(z.record(z.string().min(1), z.unknown()))],
    ['span', toolOf({ input: rangeRule, run: () => null })],
  ]),
);

function takes(schema: z.ZodType) {
  const input = z.strictObject({ v: schema.describe('A value.') });
  return toolOf({ input, output: z.string(), run: (read) => JSON.stringify(read) });
}

function variants() {
  return z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('card'), number: z.string() }),
    z.strictObject({ kind: z.literal('cash') }),
  ]);
}
