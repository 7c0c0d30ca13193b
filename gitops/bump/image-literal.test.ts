import { problemsOf } from '../../testing/problems';
import { imageLiteral, overrideLiteral, withImage } from './image-literal';
import { withNewOverride } from './new-override';

test.each([
  "export default defineServer({ image: '1.0.1' });",
  'export default defineServer({ "image": "1.0.1", env: { image: \'2.0.0\' } });',
  "export default { team: 'infra', image: '1.0.1' } satisfies Entry;",
  "export default defineServer({ ...common, image: '1.0.1' as const } as const);",
  "/* image: '1.0.1' */ const image = '2.0.0';\nexport default defineServer({ team: 'ä€😀', image: '1.0.1' });",
])('finds and replaces only the image in %s', (text) => {
  const literal = imageLiteral(text, 'server.ts');
  expect(literal.value).toBe('1.0.1');
  const [before, after] = [text.slice(0, literal.start), text.slice(literal.end)];
  expect(withImage(text, literal, '3.0.0')).toBe(`${before}3.0.0${after}`);
  expect(before).toMatch(/image"?: ['"]$/);
});

test.each([
  ['export default defineServer({ image: `1.0.1` });', 'a template literal'],
  ['export default defineServer({ image: version });', 'a variable'],
  ['export default defineServer({ image });', 'a variable'],
  ["export default defineServer({ image: tag('1.0.1') });", 'a function call'],
  ["export default defineServer({ image: '1.0' + '.1' });", 'an expression'],
  ["export default defineServer({ image: prod ? '1.0.1' : '1.0.2' });", 'a conditional expression'],
  ["export default defineServer({ image: '1.0.1', ...common });", 'a later spread'],
  ["export default defineServer({ image: '1.0.1', image: '1.0.2' });", 'written twice'],
  ["export default defineServer({ image: '1.\\u0030.1' });", 'with escapes'],
  ["export default defineServer({ ['image']: '1.0.1' });", 'no field "image"'],
  ["export default defineServer({ get image() { return '1.0.1'; } });", 'no field "image"'],
  ["const entry = { image: '1.0.1' };\nexport default entry;", 'is not one object'],
  ["export const server = { image: '1.0.1' };", 'is not one object'],
  ["export default defineServer({ image: '1.0.1'", 'cannot be parsed'],
])('rejects an image that is not a plain string: %s', (text, reason) => {
  expect(problemsOf(() => imageLiteral(text, 'servers/a/server.ts'))).toMatchObject([
    { code: 'IMAGE-LITERAL', file: 'servers/a/server.ts', message: expect.stringContaining(reason) },
  ]);
});

test.each([
  ["{ image: '1' }", "{ image: '1', platforms: { 'a-b': {}, c: { image: '2' } } }"],
  [
    '{\n  image: "1",\n  team: "x",\n}',
    '{\n  image: "1",\n  platforms: { "a-b": {}, c: { image: "2" } },\n  team: "x",\n}',
  ],
  ["{ platforms: ['a-b', 'c'], image: '1' }", "{ platforms: { 'a-b': {}, c: { image: '2' } }, image: '1' }"],
  ["{ image: '1', platforms: { c: {} } }", "{ image: '1', platforms: { c: { image: '2' } } }"],
  [
    "{ image: '1', platforms: { c: { replicas: 2 } } }",
    "{ image: '1', platforms: { c: { image: '2', replicas: 2 } } }",
  ],
  [
    "{\n  image: '1',\n  platforms: {\n    c: {\n      // two\n      replicas: 2,\n    },\n  },\n}",
    "{\n  image: '1',\n  platforms: {\n    c: {\n      image: '2',\n      // two\n      replicas: 2,\n    },\n  },\n}",
  ],
])('adds an image for one platform: %s', (before, after) => {
  const [text, wanted] = [before, after].map((entry) => `export default defineServer(${entry});\n`);
  const edited = withNewOverride(text ?? '', 'server.ts', { platform: 'c', all: ['a-b', 'c'], image: '2' });
  expect(edited).toBe(wanted);
  expect(overrideLiteral(edited, 'server.ts', 'c')?.value).toBe('2');
  expect(imageLiteral(edited, 'server.ts').value).toBe('1');
});

test.each([
  ["{ image: '1', platforms: chosen }", 'neither a list nor an object'],
  ["{ image: '1', platforms: { c: rest } }", 'platforms.c is not an object literal'],
  ["{ image: '1', platforms: { c: { image: version } } }", 'a variable'],
  ["{ image: '1', platforms: { c: { image: '2', ...rest } } }", 'a later spread'],
])('rejects a platform override that is not a plain object with a string: %s', (entry, reason) => {
  const text = `export default defineServer(${entry});`;
  expect(problemsOf(() => overrideLiteral(text, 'server.ts', 'c'))).toMatchObject([
    { code: 'IMAGE-LITERAL', message: expect.stringContaining(reason) },
  ]);
});
