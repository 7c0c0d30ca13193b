import { bothRoutes, outcomeLike, toolOf } from '../../testing/worker/both-routes';
import { z } from '../catalog/define-tool';

const badInput = { kind: 'TOOL_RUNTIME_BAD_INPUT_VALUE' };
const badOutput = { kind: 'TOOL_RUNTIME_BAD_OUTPUT_VALUE' };
const fatal = { kind: 'TOOL_RUNTIME_FATAL' };

/** What a tool declares and returns, what the engine gets, and what a client gets that believes what it was told. */
type Result = readonly [what: string, output: z.ZodType, returned: unknown, engine: unknown, mcp: unknown];
const results: readonly Result[] = [
  [
    'null for an object with a rule inside',
    z.strictObject({ mail: z.email() }).nullable(),
    null,
    { value: '' },
    { value: { result: null } },
  ],
  ['null for a date', z.iso.date().nullable(), null, { value: '' }, { value: { result: '' } }],
  [
    'a date that may be null',
    z.iso.date().nullable(),
    '2026-02-28',
    { value: '2026-02-28' },
    { value: { result: '2026-02-28' } },
  ],
  ['null for a text of some length', z.string().min(2).nullable(), null, { value: '' }, { value: { result: '' } }],
  ['null for a whole number of some size', z.int().min(2).nullable(), null, { value: '' }, { value: { result: null } }],
  [
    'null for a list of some length',
    z.array(z.string()).min(1).nullable(),
    null,
    { value: '' },
    { value: { result: null } },
  ],
  ['null for a choice', z.enum(['a']).nullable(), null, { value: '' }, { value: { result: null } }],
  [
    'null for variants',
    z.discriminatedUnion('kind', [z.strictObject({ kind: z.literal('a') })]).nullable(),
    null,
    { value: '' },
    { value: { result: null } },
  ],
  [
    'a null that a rule around refuses',
    z
      .string()
      .nullable()
      .refine((value) => value !== null),
    null,
    badOutput,
    badOutput,
  ],
  ['nothing where it may be left out', z.int().optional(), undefined, { value: '' }, { value: { result: null } }],
  ['nothing where there is a default', z.int().default(3), undefined, { value: 3 }, { value: { result: 3 } }],
  ['what a pattern without `u` takes', z.string().regex(/^[\w-.]+$/), 'a', { value: 'a' }, { value: { result: 'a' } }],
  [
    'what a pattern with a flag takes',
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
  ['cents', z.number().multipleOf(0.01), 19.99, { value: 19.99 }, { value: { result: 19.99 } }],
  ['not a number', z.number(), Number.NaN, { value: null }, badOutput],
  ['not a number, with a rule', z.number().min(0), Number.NaN, { value: null }, badOutput],
  [
    'not a number where null may stand',
    z.number().min(0).nullable(),
    Number.NaN,
    { value: null },
    { value: { result: null } },
  ],
  ['infinity in a list', z.array(z.number()), [1, Number.POSITIVE_INFINITY], { value: [1, null] }, badOutput],
  [
    'not a number beside a rule',
    z.strictObject({ a: z.number(), b: z.string().min(1) }),
    { a: Number.NaN, b: 'x' },
    { value: { a: null, b: 'x' } },
    badOutput,
  ],
  [
    'not a number in a free object',
    z.record(z.string(), z.unknown()),
    { a: [Number.NaN] },
    { value: { a: [null] } },
    { value: { a: [null] } },
  ],
  ['a fraction for 32 bits', z.int32(), 1.5, badOutput, badOutput],
  ['more than 32 bits', z.uint32(), 2 ** 32, badOutput, badOutput],
  ['a whole number that was rounded', z.array(z.int()), [2 ** 53], badOutput, badOutput],
  ['what a rule makes of it', z.string().trim().max(1), ' a ', { value: 'a' }, { value: { result: 'a' } }],
  [
    'what a rule makes too long',
    z
      .string()
      .max(1)
      .overwrite((text) => text + text),
    'a',
    { value: 'aa' },
    { value: { result: 'aa' } },
  ],
  ['what a rule makes no number', z.number().overwrite(Math.sqrt), -1, { value: null }, badOutput],
  ['what a rule makes of another type', z.string().overwrite(() => JSON.parse('1')), 'a', badOutput, badOutput],
];

test.each(results.map(([what, , , engine, mcp], index) => [what, `give_${index}`, engine, mcp] as const))(
  'a result of %s',
  async (_what, name, engine, mcp) => {
    expect(await (await routes).engine(name)).toEqual(outcomeLike(engine));
    expect(await (await routes).mcp(name)).toEqual(outcomeLike(mcp));
  },
);

const taken = { value: expect.anything() };
const rangeRule = z
  .strictObject({ from: z.int().describe('x'), to: z.int().describe('x') })
  .refine(({ from, to }) => from <= to, 'to must not come before from');

/** What a tool takes, what it is sent, and what becomes of it on both routes. */
type Input = readonly [what: string, input: z.ZodType, sent: string | undefined, outcome: unknown];
const inputs: readonly Input[] = [
  ['a fraction for 32 bits', z.int32(), '1.5', { ...badInput, message: 'v: Input should be a valid integer' }],
  ['far too much for 32 bits', z.int32(), '1e300', badInput],
  ['less than nothing without a sign', z.uint32(), '-1', badInput],
  ['too much for a float', z.float32(), '1e300', badInput],
  ['text for 32 bits', z.int32(), '"12"', taken],
  [
    'what a rule throws at',
    z.string().refine((text) => new URL(text).protocol === 'https:'),
    '"x"',
    { ...badInput, message: 'v: Input could not be checked' },
  ],
  ['what it does not throw at', z.string().refine((text) => new URL(text).protocol === 'https:'), '"https://a"', taken],
  [
    'what a message throws at',
    z.string().refine(() => false, {
      error: () => {
        throw new Error('x');
      },
    }),
    '"a"',
    badInput,
  ],
  [
    'what a change throws at',
    z.string().overwrite(() => {
      throw new Error('x');
    }),
    '"a"',
    badInput,
  ],
  [
    'what an asynchronous rule refuses',
    z.string().superRefine((_text, context) => {
      context.addIssue('x');
      return Promise.reject(new Error('late')) as never;
    }),
    '"a"',
    { ...badInput, message: 'v: Input could not be checked' },
  ],
  ['nothing, with a default that breaks its own rule', z.email().default(''), undefined, taken],
  ['that default, which only may be left out', z.email().default(''), '""', badInput],
  [
    'nothing, with a default that throws',
    z.string().default(() => {
      throw new Error('x');
    }),
    undefined,
    fatal,
  ],
  [
    'a number that was rounded, in a free object',
    z.record(z.string(), z.unknown()),
    '{"a":[{"id":1917043659912705296}]}',
    { ...badInput, message: 'v.a.0.id: Input should hold no whole number above 9007199254740991' },
  ],
  ['a number beyond all bounds, in a free object', z.record(z.string(), z.unknown()), '{"a":1e999}', badInput],
  ['that number as text', z.record(z.string(), z.unknown()), '{"id":"1917043659912705296"}', taken],
  ['a key that is not of the choice', z.partialRecord(z.enum(['eu', 'us']), z.unknown()), '{"mars":1}', badInput],
  ['a key of the choice', z.partialRecord(z.enum(['eu', 'us']), z.unknown()), '{"eu":1}', taken],
  [
    'half of the keys of a choice',
    z.record(z.enum(['eu', 'us']), z.string()),
    '{"eu":"a"}',
    { ...badInput, message: 'v.us: Field required' },
  ],
  ['a key that breaks its rule', z.record(z.string().regex(/^[a-z]+$/), z.unknown()), '{"A":1}', badInput],
  [
    'a value that breaks its rule',
    z.record(z.string(), z.string().max(1)),
    '{"a":"ab"}',
    { ...badInput, message: 'v.a: ' },
  ],
  ['a variant that there is', variants(), '{"kind":"card","number":"1"}', taken],
  [
    'a variant that there is not',
    variants(),
    '{"kind":"gold"}',
    { ...badInput, message: "v.kind: Input should be 'card' or 'cash'" },
  ],
  [
    'a variant without what it needs',
    variants(),
    '{"kind":"card"}',
    { ...badInput, message: 'v.number: Field required' },
  ],
  ['null for a union with null', z.union([z.string().min(1), z.null()]), 'null', taken],
  [
    "what breaks an object's own rule",
    rangeRule,
    '{"from":2,"to":1}',
    { ...badInput, message: 'v: to must not come before from' },
  ],
];

test.each(inputs.map(([what, , sent, wanted], index) => [what, `take_${index}`, sent, wanted] as const))(
  'an input of %s',
  async (_what, name, sent, wanted) => {
    const text = sent === undefined ? '{}' : `{"v":${sent}}`;
    expect(await (await routes).engine(name, text)).toEqual(outcomeLike(wanted));
    expect(await (await routes).mcp(name, text)).toEqual(outcomeLike(wanted));
  },
);

test.each([
  ['free_object', '{"a":[{"__proto__":{"x":1}}]}', 'v.a.0.__proto__'],
  ['free_values', '{"a":{"__proto__":{"x":1}}}', 'v.a.__proto__'],
])('a member that changes a prototype reaches no tool: %s', async (name, sent, path) => {
  const { engine, mcp } = await routes;
  const message = `${path}: Input should not have a member of this name`;
  expect(await engine(name, `{"v":${sent}}`)).toEqual(outcomeLike({ ...badInput, message }));
  await expect(mcp(name, `{"v":${sent}}`)).rejects.toThrow('Parse error: the body has a member \\"__proto__\\"');
});

test('a rule of the whole input is told without a path', async () => {
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
