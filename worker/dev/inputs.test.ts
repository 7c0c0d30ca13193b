import { mkdtempSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { problemsOf } from '../../testing/problems';
import { defineTool } from '../catalog/define-tool';
import { loadCatalog } from '../catalog/load';
import { inputsOf } from './inputs';
import { Parameter } from './parameter';

const plan = defineTool({
  description: 'Fixture: a parameter of each kind.',
  input: z.strictObject({
    title: z.string().describe('Text.'),
    days: z.int().optional().describe('A whole number.'),
    pace: z.enum(['slow', 'fast']).optional().describe('One of a few.'),
    'a.b': z.string().optional().describe('A name with a point.'),
    tags: z.array(z.string()).optional().describe('A list.'),
    stops: z
      .array(z.strictObject({ city: z.string(), nights: z.int() }))
      .optional()
      .describe('Objects.'),
    filter: z
      .strictObject({ is: z.boolean(), from: z.strictObject({ city: z.string(), lines: z.array(z.int()) }) })
      .optional()
      .describe('An object.'),
    free: z.record(z.string(), z.unknown()).optional().describe('Any object.'),
  }),
  output: z.string(),
  examples: [{ input: { title: 'x' }, output: 'x' }],
  run: () => 'x',
});

const toolkit = { name: 'any', version: '1.0.0', description: 'Any.' };
const [tool] = loadCatalog(toolkit, new Map([['plan', plan]])).tools;
const parameters = z.array(Parameter).parse(tool?.engine.input.parameters);
const folder = mkdtempSync(join(tmpdir(), 'inputs-'));
const fileWith = (name: string, content: string | Buffer) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const read = (...words: string[]) => JSON.parse(`{${inputsOf('Plan', parameters, ['title=x', ...words]).join(',')}}`);
const refusal = (...words: string[]) => problemsOf(() => inputsOf('Plan', parameters, words))[0];

test.each<[string[], object]>([
  [['days=3'], { days: 3 }],
  [['days=three'], { days: 'three' }],
  [['days=007'], { days: '007' }],
  [['a.b=c'], { 'a.b': 'c' }],
  [['tags[]=a', 'tags[]=[b]'], { tags: ['a', '[b]'] }],
  [['tags[0]=a', 'tags[1]=b'], { tags: ['a', 'b'] }],
  [['tags=["a"]'], { tags: ['a'] }],
  [
    ['stops[0].city=Oslo', 'stops[0].nights=2', 'stops[].city=Voss'],
    { stops: [{ city: 'Oslo', nights: 2 }, { city: 'Voss' }] },
  ],
  [
    ['filter.is=true', 'filter.from.city=true', 'filter.from.lines[]=1', 'filter.from.lines[]=2'],
    { filter: { is: true, from: { city: 'true', lines: [1, 2] } } },
  ],
  [['free.a.b=1', 'free.c:=1', 'free.d={"e":[]}'], { free: { a: { b: '1' }, c: 1, d: { e: [] } } }],
  [['unknown:={"a":1}'], { unknown: { a: 1 } }],
])('%j are read by what the catalogue says', (words, inputs) => {
  expect(read(...words)).toEqual({ title: 'x', ...inputs });
});

test('takes all inputs as one JSON object, as written', () => {
  const whole = '{"title": "x=y", "days": 1917043659912705297, "unknown": 1}';
  expect(`{${inputsOf('Plan', parameters, [whole]).join(',')}}`).toBe(whole);
  expect(inputsOf('Plan', [], [' {} '])).toEqual([]);
  expect(refusal('{"days": 3}')).toMatchObject({ code: 'USAGE', message: 'Cannot call "Plan" without title' });
  expect(refusal('{title: 1}')?.message).toBe('Cannot read the inputs: it must be JSON and is not valid');
  expect(refusal('{"title": "x"}', 'days=3')?.fix).toContain('all inputs as one JSON object');
});

test('a member that looks like a prototype is a member', () => {
  const [, text] = inputsOf('Plan', parameters, ['title=x', 'free.__proto__.a=b']);
  expect(text).toBe('"free":{"__proto__":{"a":"b"}}');
});

test('keeps numbers above 2^53 exact, also in parts', () => {
  expect(inputsOf('Plan', parameters, ['title=x', 'stops[0].nights=1917043659912705297'])[1]).toBe(
    '"stops":[{"nights":1917043659912705297}]',
  );
});

test('reads text, JSON or bytes from a file', () => {
  const text = fileWith('a.txt', '{"a":\n1}');
  expect(read(`a.b=@${text}`, `free=@${text}`, `tags[]=@${text}`)).toMatchObject({
    'a.b': '{"a":\n1}',
    free: { a: 1 },
    tags: ['{"a":\n1}'],
  });
  expect(read(`a.b=@${fileWith('b.png', Buffer.from([0x89, 0xff]))}`)).toMatchObject({ 'a.b': 'if8=' });
  expect(read('a.b=@@nobody')).toMatchObject({ 'a.b': '@nobody' });
  expect(read(`free:=@${text}`)).toMatchObject({ free: { a: 1 } });
});

test('names a file that cannot be used, and what its parameter needs', () => {
  expect(refusal('title=@gone.txt')).toMatchObject({
    message: expect.stringMatching(/^Cannot read \/.*gone\.txt, which "title" names: ENOENT/),
    fix: 'name a file, or write title=@@… for text that begins with @',
  });
  expect(refusal(`title=@${folder}`)?.message).toContain('EISDIR');
  const long = fileWith('long', '');
  truncateSync(long, 5e6);
  expect(refusal(`title=@${long}`)?.message).toContain('a call has at most 4194304 bytes');
  expect(refusal('title=x', `free=@${fileWith('no.json', '{')}`)?.message).toContain('no.json: it must be JSON');
});

const forms =
  'title=<text> [days=<whole number>] [pace=slow|fast] [a.b=<text>] [tags[]=<text>] [stops[].city=<text> …] ' +
  '[filter.is=true|false …] [free=<JSON>]';

test.each([
  [['days=1'], 'Cannot call "Plan" without title', `write ${forms}`],
  [['titel=x'], 'Cannot take "titel": "Plan" has no such parameter', `write "title"; it takes ${forms}`],
  [['nothing[0].like=it'], 'Cannot take "nothing": "Plan" has no such parameter', `it takes ${forms}`],
  [['tags=a'], 'Cannot use text for "tags", which is a list', `write tags[]=<text>, or 'tags=[…]' as JSON`],
  [
    ['filter=a'],
    'Cannot use text for "filter", which is an object',
    `write filter.is=true|false …, or 'filter={…}' as JSON`,
  ],
  [
    ['filter.from=a'],
    'Cannot use text for "filter.from", which is an object',
    `write filter.from.city=<text> …, or 'filter.from={…}' as JSON`,
  ],
  [['tags[0]=a', 'tags[2]=b'], 'Cannot skip items before "tags[2]"', 'the next item is [1]'],
  [['tags[0]=a', 'tags[0]=b'], 'Cannot take "tags[0]" twice', 'give it once, as a whole or in parts'],
  [['tags[]=a', 'tags=["b"]'], 'Cannot take "tags" twice', 'give it once, as a whole or in parts'],
  [['free={}', 'free.a=b'], 'Cannot take "free.a" twice', 'give it once, as a whole or in parts'],
  [['free[]=a', 'free.a=b'], 'Cannot take "free.a" twice', 'give it once, as a whole or in parts'],
  [['filter..is=a'], 'Cannot read "filter..is"', 'write name.member, name[] or name[0]'],
  [['tags[-1]=a'], 'Cannot read "tags[-1]"', 'write name.member, name[] or name[0]'],
  [['tags[9999999]=a'], 'Cannot read "tags[9999999]"', 'write name.member, name[] or name[0]'],
])('%j are refused with the form that is wanted', (words, message, fix) => {
  const all = words.some((word) => /^(days|titel)/.test(word)) ? words : ['title=x', ...words];
  expect(refusal(...all)).toMatchObject({ code: 'USAGE', message, fix });
});
