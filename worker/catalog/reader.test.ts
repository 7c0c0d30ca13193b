import vectors from '../../testing/exchanges/vectors/worker-coercion.json';
import { address, colour } from '../../testing/worker/fixtures/results';
import { z } from './define-tool';
import { readerOf } from './reader';
import { fieldOf } from './shape';

const types: Readonly<Record<string, () => z.ZodType>> = {
  integer: z.int,
  number: z.number,
  boolean: z.boolean,
  string: z.string,
  'array of string': () => z.array(z.string()),
  'array of integer': () => z.array(z.int()),
  'json (free object)': () => z.record(z.string(), z.unknown()),
  'string with enum (enumeration)': colour,
  'string with enum (closed choice)': () => z.literal(['a', 'b']),
  'json with properties': () => address().meta({ title: '<name>' }),
  'array of json with properties': () => z.array(address().meta({ title: '<name>' })),
  'nullable integer, default null': () => z.int().nullable().default(null),
  'integer, default 5': () => z.int().default(5),
  'string or null (union written with a bar)': () => z.string().nullable(),
  // Python rejects null for this spelling, which is a bug there; we follow the other spelling.
  'string or null (Optional)': () => z.string().nullable(),
  enumeration: colour,
};

/** Texts that only Python parses, or only Python can represent. */
const pythonOnly = new Set(['NaN', '9007199254740993', '12345678901234567890123', '"12345678901234567890123"']);

describe('inputs', () => {
  const comparable = vectors.inputs.filter(
    ({ input, type }) => !(pythonOnly.has(input ?? '') && type === 'integer') && input !== 'NaN',
  );
  test('at most 6 recorded inputs are skipped', () => {
    expect(comparable.length).toBeGreaterThanOrEqual(vectors.inputs.length - 6);
  });

  test.each(comparable)('reads $input as $type', ({ type, input, ok, ...expected }) => {
    const reading = read(z.strictObject({ v: typeOf(type) }), 'inputs', input === null ? {} : { v: JSON.parse(input) });
    expect(reading.ok).toBe(ok);
    if (reading.ok) expect(reading.value).toEqual({ v: fromPython(expected.value ?? '') });
    else {
      expect(`Invalid input: ${reading.issues.describe(({ path, reason }) => `${path}: ${reason}`)}`).toBe(
        expected.message,
      );
      expect(`Pydantic validation failed: ${reading.issues.describe(({ path, code }) => `${path}[${code}]`)}`).toBe(
        expected.developer_message,
      );
    }
  });

  test.each([9007199254740992, -9007199254740992, 1e300, '9007199254740993', '-12345678901234567890'])(
    'rejects an integer that a double would round: %p',
    (v) => {
      expect(read(z.strictObject({ v: z.int() }), 'inputs', { v })).toMatchObject({
        ok: false,
        issues: { listed: [{ path: 'v', code: 'int_parsing_size' }] },
      });
    },
  );

  test('rejects names that every object inherits', () => {
    const schema = z.strictObject({ v: z.string().optional() });
    expect(read(schema, 'inputs', JSON.parse('{"__proto__":1,"constructor":2}'))).toMatchObject({
      issues: { listed: [{ path: '__proto__' }, { path: 'constructor' }] },
    });
    expect(() => fieldOf(z.strictObject({ toString: z.string() }), '')).toThrow('every JavaScript object inherits it');
  });

  test('reports at most a hundred of a thousand issues', () => {
    const reading = read(z.strictObject({ v: z.array(z.int()) }), 'inputs', { v: Array(1000).fill('x') });
    if (reading.ok) throw new Error('The wrong items were accepted');
    expect(reading.issues.count).toBe(1000);
    expect(reading.issues.describe(({ path }) => path)).toMatch(/^v\.0; v\.1; .*; v\.99; and 900 more$/);
  });

  test.each([
    ['a bound after the rule', (text: z.ZodString, rule: Rule) => text.refine(rule).max(3), 'too_big'],
    ['a bound after a change', (text: z.ZodString, rule: Rule) => text.trim().refine(rule).max(3), 'too_big'],
    ['an exact length', (text: z.ZodString, rule: Rule) => text.refine(rule).length(3), 'too_big'],
  ])('runs no other rule on a text that is too long: %s', (_what, schemaOf, code) => {
    const seen: string[] = [];
    const v = schemaOf(z.string(), (text) => seen.push(text) < 0);
    const codes = (text: string, direction: 'inputs' | 'results' = 'inputs') => {
      const reading = read(z.strictObject({ v }), direction, { v: text });
      return reading.ok ? [] : reading.issues.listed.map((issue) => issue.code);
    };
    expect([codes('abcd'), seen]).toEqual([[code], []]);
    expect([codes('abc'), seen]).toEqual([['custom'], ['abc']]);
    // A result comes from the author, who gets all issues with it.
    expect([codes('abcd', 'results'), seen]).toEqual([
      ['custom', code],
      ['abc', 'abcd'],
    ]);
  });

  test('checks a length after the changes before it', () => {
    const schema = z.strictObject({ v: z.string().trim().max(3) });
    expect(read(schema, 'inputs', { v: ' abc ' })).toEqual({ ok: true, value: { v: 'abc' } });
  });

  test('creates a new default object for every call', () => {
    const schema = z.strictObject({ v: z.array(z.string()).default([]) });
    const [one, other] = [read(schema, 'inputs', {}), read(schema, 'inputs', {})];
    if (!one.ok || !other.ok) throw new Error('The default was not used');
    expect(one.value).toEqual({ v: [] });
    expect(one.value).not.toBe(other.value);
  });
});

describe('results', () => {
  const comparable = vectors.results.filter(
    ({ declared, returned }) =>
      declared !== 'nothing declared' &&
      !(declared === 'string or null (Optional)' && returned === 'null') &&
      !pythonOnly.has(returned),
  );
  test('at most 4 recorded results are skipped', () => {
    expect(comparable.length).toBeGreaterThanOrEqual(vectors.results.length - 4);
  });

  test.each(comparable)('sends $returned as $declared', ({ declared, returned, ok, value = '' }) => {
    const result: unknown = returned === 'member BLUE' ? 'blue' : JSON.parse(returned);
    const reading = readerOf(fieldOf(typeOf(declared), 'result'), 'results')(result);
    expect(reading.ok).toBe(ok);
    // The reader keeps null; the call converts it to an empty string.
    if (reading.ok) expect(reading.value === null ? '' : reading.value).toEqual(fromPython(value));
  });

  test('rejects a free-form object that JSON cannot represent', () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    for (const value of [circle, { big: 1n }]) {
      expect(readerOf(fieldOf(z.record(z.string(), z.unknown()), 'result'), 'results')(value).ok).toBe(false);
    }
  });
});

test.each([
  ['a union', z.union([z.string(), z.int()])],
  ['a list of lists', z.array(z.array(z.string()))],
  ['an enumeration of numbers', z.literal([1, 2])],
  ['a transformation', z.string().transform(Number)],
  ['anything', z.unknown()],
  ['an open object', z.looseObject({ a: z.string() })],
])('rejects the schema of %s', (_, schema) => {
  expect(() => fieldOf(schema, 'v')).toThrow('Cannot use the');
});

type Rule = (text: string) => boolean;

function read(schema: z.ZodType, direction: 'inputs' | 'results', value: unknown) {
  return readerOf(fieldOf(schema, ''), direction)(value);
}

function typeOf(name: string): z.ZodType {
  const make = types[name];
  if (make === undefined) throw new Error(`The vectors have an unknown type: "${name}"`);
  return make();
}

/** Python prints infinities as words; everything else it prints here is JSON. */
function fromPython(text: string): unknown {
  return /^-?Infinity$/.test(text) ? Number(text) : JSON.parse(text);
}
