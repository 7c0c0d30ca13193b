import { problemsOf } from '../../testing/problems';
import { imageLiteral, overrideLiteral, withImage } from './image-literal';
import { withNewOverride } from './new-override';

test.each([
  "export default defineServer({ image: '1.0.1' });",
  'export default defineServer({ "image": "1.0.1", env: { image: \'2.0.0\' } });',
  "export default { team: 'infra', image: '1.0.1' } satisfies Entry;",
  "export default defineServer({ ...common, image: '1.0.1' as const } as const);",
  "/* image: '1.0.1' */ const image = '2.0.0';\nexport default defineServer({ team: 'ä€😀', image: '1.0.1' });",
])('the image of %s is found, and replaced alone', (text) => {
  const literal = imageLiteral(text, 'server.ts');
  expect(literal.value).toBe('1.0.1');
  const [before, after] = [text.slice(0, literal.start), text.slice(literal.end)];
  expect(withImage(text, literal, '3.0.0')).toBe(`${before}3.0.0${after}`);
  expect(before).toMatch(/image"?: ['"]$/);
});

test.each([
  ['export default defineServer({ image: `1.0.1` });', 'a template'],
  ['export default defineServer({ image: version });', 'the name of something else'],
  ['export default defineServer({ image });', 'the name of something else'],
  ["export default defineServer({ image: tag('1.0.1') });", 'a call'],
  ["export default defineServer({ image: '1.0' + '.1' });", 'an expression'],
  ["export default defineServer({ image: prod ? '1.0.1' : '1.0.2' });", 'a choice'],
  ["export default defineServer({ image: '1.0.1', ...common });", 'spread over'],
  ["export default defineServer({ image: '1.0.1', image: '1.0.2' });", 'written twice'],
  ["export default defineServer({ image: '1.\\u0030.1' });", 'with escapes'],
  ["export default defineServer({ ['image']: '1.0.1' });", 'no image of its own'],
  ["export default defineServer({ get image() { return '1.0.1'; } });", 'no image of its own'],
  ["const entry = { image: '1.0.1' };\nexport default entry;", 'does not declare one object'],
  ["export const server = { image: '1.0.1' };", 'does not declare one object'],
  ["export default defineServer({ image: '1.0.1'", 'cannot be parsed'],
])('an image that is no plain string is refused: %s', (text, reason) => {
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
])('a platform without an image of its own gets one: %s', (before, after) => {
  const [text, wanted] = [before, after].map((entry) => `export default defineServer(${entry});\n`);
  const edited = withNewOverride(text ?? '', 'server.ts', { platform: 'c', all: ['a-b', 'c'], image: '2' });
  expect(edited).toBe(wanted);
  expect(overrideLiteral(edited, 'server.ts', 'c')?.value).toBe('2');
  expect(imageLiteral(edited, 'server.ts').value).toBe('1');
});

test.each([
  ["{ image: '1', platforms: chosen }", 'neither a list nor an object'],
  ["{ image: '1', platforms: { c: rest } }", 'not written as an object'],
  ["{ image: '1', platforms: { c: { image: version } } }", 'the name of something else'],
  ["{ image: '1', platforms: { c: { image: '2', ...rest } } }", 'spread over'],
])('what differs on a platform is refused when it is no plain object and string: %s', (entry, reason) => {
  const text = `export default defineServer(${entry});`;
  expect(problemsOf(() => overrideLiteral(text, 'server.ts', 'c'))).toMatchObject([
    { code: 'IMAGE-LITERAL', message: expect.stringContaining(reason) },
  ]);
});
