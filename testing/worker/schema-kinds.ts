import { z } from '../../worker/catalog/define-tool';

/** One kind of schema that tools may use, with valid and invalid values. */
export interface SchemaKind {
  readonly name: string;
  readonly schema: z.ZodType;
  /** JSON near the boundary of what the schema accepts, valid and invalid. */
  readonly values: readonly unknown[];
  /** Whether JSON Schema can express all of its rules. */
  readonly isExpressible: boolean;
}

const kind = (isExpressible: boolean) => (name: string, schema: z.ZodType, values: readonly unknown[]) =>
  ({ name, schema, values, isExpressible }) satisfies SchemaKind;
const exact = kind(true);
const partly = kind(false);

const notText = [null, 1, true, [], {}];
const text = (name: string, schema: z.ZodType, ...values: readonly string[]) =>
  exact(name, schema, [...values, ...notText]);
const textHere = (name: string, schema: z.ZodType, ...values: readonly string[]) =>
  partly(name, schema, [...values, ...notText]);
const notNumber = [null, 'x!', [], {}];
const uuid = '6f3f5bb8-4c3f-4b9e-9d57-2f8a8d0a1c11';

/** Strings. */
const texts: readonly SchemaKind[] = [
  text('text', z.string(), '', 'a', 'Köln', '😀', 'a\u2028b', '\ud83d'),
  text('a length', z.string().min(2).max(3), '', 'a', 'ab', '😀', '😀😀', 'abcd'),
  text('an exact length', z.string().length(2), 'a', 'ab', '😀', '😀😀', 'abc'),
  text('repeated lengths', z.string().min(1).min(2).max(5).max(3), 'a', 'ab', 'abcd'),
  textHere('a fractional length', z.string().min(1.5), 'a', 'ab'),
  text('a pattern', z.string().regex(/^[a-z]+$/), 'abc', 'ABC', '', 'a1'),
  textHere('a pattern with a flag', z.string().regex(/^#[0-9A-F]{6}$/i), '#d73a4a', '#D73A4A', 'x'),
  textHere('a multiline pattern', z.string().regex(/^b$/m), 'a\nb', 'b', 'ab'),
  textHere('a dotall pattern', z.string().regex(/^a.b$/s), 'a\nb', 'a.b', 'ab'),
  textHere('a sticky pattern', z.string().regex(/a/y), 'ba', 'ab'),
  text('a global pattern', z.string().regex(/a/g), 'ba', 'ab', 'b'),
  textHere('a pattern that is invalid with u', z.string().regex(/^[\w-.]+$/), 'a-b', 'a.b', 'a b'),
  textHere('an escape that is invalid with u', z.string().regex(/^_#@$/), '_#@', '_'),
  textHere('a brace that is invalid with u', z.string().regex(/^{a$/), '{a', 'a'),
  textHere('two dots', z.string().regex(/^.{2}$/), 'ab', '😀', '😀😀'),
  text('two dots, with u', z.string().regex(/^.{2}$/u), 'ab', '😀', '😀😀'),
  text('a repeated dot', z.string().regex(/^.+$/), '', '😀', 'a', '\n'),
  text('two negated classes', z.string().regex(/^[^@]*@[^@]*$/), '😀@', 'a@b@', 'x'),
  textHere('adjacent negated classes', z.string().regex(/^[^@]+[^#]+$/), '😀', 'ab', 'a'),
  textHere('a repeated group', z.string().regex(/^(?:[^a]b?){2}$/), '😀', 'xb', 'xx'),
  textHere('a Unicode property', z.string().regex(/^\p{L}+$/u), 'é', '1'),
  textHere('a lookahead', z.string().regex(/^(?=a)[a-z]+$/), 'ab', 'ba'),
  textHere('a named group', z.string().regex(/^(?<year>\d{4})$/), '2026', 'x'),
  textHere('a backreference', z.string().regex(/^(a|b)\1$/), 'aa', 'ab'),
  textHere('a character beyond U+FFFF', z.string().regex(/^😀+$/), '😀', '😀😀'),
  textHere('two patterns', z.string().regex(/^a/).regex(/b$/), 'ab', 'a', 'b'),
  text('a prefix', z.string().startsWith('a.'), 'a.b', 'ab', 'xa.'),
  text('a suffix', z.string().endsWith('.md'), 'x.md', 'a\nb.md', 'x'),
  text('a substring', z.string().includes('+'), 'a+b', 'ab'),
  textHere('a substring after a position', z.string().includes('b', { position: 2 }), 'aab', 'ba', '\n\nb'),
  text('lower case', z.string().lowercase(), 'a', 'A', '😀'),
  text('upper case', z.string().uppercase(), 'a', 'A'),
  textHere('trimmed, then a length', z.string().trim().min(2).max(3), ' a ', ' ab ', '   abc   ', 'abcd'),
  text('a length, then trimmed', z.string().min(3).trim(), '  a', 'ab', 'abc'),
  text(
    'a pattern, then lower case',
    z
      .string()
      .regex(/^[A-Z]+$/)
      .toLowerCase(),
    'ABC',
    'abc',
  ),
  textHere(
    'a refinement',
    z.string().refine((value) => !value.includes('x')),
    'x',
    'a',
  ),
  textHere(
    'a superRefine',
    z.string().superRefine((value, context) => {
      if (value.includes('x')) context.addIssue({ code: 'custom', message: 'no x' });
    }),
    'x',
    'a',
  ),
  text('an id in meta', z.string().min(2).meta({ id: 'of-the-test', title: 'Named' }), 'a', 'ab'),
  text('an e-mail address', z.email(), 'a@example.com', 'a@b-.com', 'x', ''),
  textHere('a Unicode e-mail address', z.email({ pattern: z.regexes.unicodeEmail }), 'ä@example.com', 'x'),
  textHere('a URL', z.url(), 'https://example.com/Köln', ' https://example.com ', 'mailto:a@b', 'x', '/a'),
  textHere('an HTTP URL', z.httpUrl(), 'https://example.com/ö', 'https://localhost', 'ftp://a.b'),
  text('a UUID', z.uuid(), uuid, uuid.toUpperCase(), uuid.replace('4b9e', '0b9e'), 'x'),
  text('a UUID of one version', z.uuidv4(), uuid, uuid.replace('4b9e', '7b9e')),
  text('a GUID', z.guid(), uuid.replace('4b9e', '0b9e'), 'x'),
  text('a date', z.iso.date(), '2026-02-28', '2026-02-29', '2024-02-29', '0000-02-29', 'x'),
  text('a time', z.iso.time(), '10:15', '10:15:30.5', '24:00', '10:15:30Z'),
  text(
    'a date and time',
    z.iso.datetime(),
    '2026-02-28T10:15:30Z',
    '2026-02-28T10:15:30+01:00',
    '2026-02-28 10:15:30Z',
  ),
  text(
    'a date and time with offset',
    z.iso.datetime({ offset: true }),
    '2026-02-28T10:15:30+01:00',
    '2026-02-28T10:15:30',
    '2026-02-28T23:59:60Z',
  ),
  text('a local date and time', z.iso.datetime({ local: true }), '2026-02-28T10:15:30', '2026-02-28T10:15', 'x'),
  text('a date and time to the minute', z.iso.datetime({ precision: -1 }), '2026-02-28T10:15Z', '2026-02-28T10:15:30Z'),
  textHere('a duration', z.iso.duration(), 'P1DT2.5S', 'P1W', 'PT', 'x'),
  text('an IPv4 address', z.ipv4(), '127.0.0.1', '127.0.0.01', '256.0.0.1'),
  textHere('an IPv6 address', z.ipv6(), '::1', '::ffff:1.2.3.4', '1::2::3', 'x'),
  text('an IPv4 block', z.cidrv4(), '10.0.0.0/8', '10.0.0.0'),
  textHere('an IPv6 block', z.cidrv6(), '::/0', '::'),
  textHere('Base64', z.base64(), '', 'YQ==', 'YQ'),
  textHere('Base64 for URLs', z.base64url(), '', 'YQ', 'Y+'),
  textHere('a JWT', z.jwt(), 'eyJhbGciOiJub25lIn0.e30.x', 'a.b.c'),
  textHere('an emoji', z.emoji(), '😀', 'a'),
  text('a telephone number', z.e164(), '+12025550123', '12025550123'),
  text('a CUID', z.cuid2(), 'tz4a98xxat96iws9zmbrgj3a', 'A'),
  text('a ULID', z.ulid(), '01ARZ3NDEKTSV4RRFFQ69G5FAV', 'x'),
  text('a nano id', z.nanoid(), 'V1StGXR8_Z5jdHi6B-myT', 'x'),
  text('a host name', z.hostname(), 'example.com', 'a_b', '-a'),
  text('a hash', z.hash('sha256'), 'a'.repeat(64), 'a'),
  text('a MAC address', z.mac(), '00:1A:2B:3C:4D:5E', 'x'),
  textHere(
    'a custom format',
    z.stringFormat('even', (value) => value.length % 2 === 0),
    'ab',
    'a',
  ),
];

/** Numbers, booleans and enumerations. */
const others: readonly SchemaKind[] = [
  exact('a number', z.number(), [0, -0, 1.5, 1e300, 5e-324, ...notNumber]),
  exact('a range', z.number().min(1).max(2), [0.9, 1, 2, 2.1, ...notNumber]),
  exact('an open range', z.number().gt(1).lt(2).gt(0), [1, 1.5, 2]),
  exact('a positive number', z.number().positive(), [0, 5e-324, -1]),
  partly('a multiple of 0.01', z.number().multipleOf(0.01), [19.99, 0.01, 0.015, 1e300]),
  partly('an even number', z.number().multipleOf(2), [1e300, 4, 3]),
  exact('a float', z.float32(), [1.5, 3.4e38, 3.5e38, -1e300]),
  exact('a double', z.float64(), [1.5, 1e300, ...notNumber]),
  partly(
    'a rule for numbers',
    z.number().refine((value) => value !== 3),
    [3, 4],
  ),
  partly('a whole number', z.int(), [1, -1, 1.5, 2 ** 53, 1e300, ...notNumber]),
  partly('a number that must be whole', z.number().int().min(2), [1, 2, 2.5, 2 ** 53]),
  partly('a multiple', z.int().multipleOf(3), [3, 4, 0, 2 ** 53 - 1]),
  exact('a multiple within bounds', z.int().min(-9).max(9).multipleOf(3), [3, 4, 0, -3, 12]),
  exact('a multiple in 32 bits', z.int32().multipleOf(5), [5, 4, 2 ** 31]),
  exact('a 32-bit integer', z.int32(), [2 ** 31 - 1, 2 ** 31, -(2 ** 31), 1.5, 1e300, ...notNumber]),
  exact('an unsigned 32-bit integer', z.uint32(), [-1, 0, 2 ** 32 - 1, 2 ** 32, 1.5]),
  exact('a boolean', z.boolean(), [true, false, null, 'x!', 2, {}]),
  exact('an enum', z.enum(['a', 'b']), ['a', 'b', 'c', null, 1]),
  exact('an enum with names', z.enum({ First: 'a', Same: 'a', Other: 'b' }), ['a', 'b', 'First']),
  exact('several literals', z.literal(['a', 'b']), ['a', 'c', null]),
  exact('a union of literals and an enum', z.union([z.literal('a'), z.enum(['b', 'c'])]), ['a', 'c', 'd']),
  partly(
    'an enum with a rule',
    z.enum(['a', 'b']).refine((value) => value !== 'b'),
    ['a', 'b', 'c'],
  ),
];

/** Every kind of schema that contains no other. */
export const schemaKinds: readonly SchemaKind[] = [...texts, ...others];
