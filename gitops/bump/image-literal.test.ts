import { problemsOf } from '../../testing/problems';
import { imageLiteral, withImage } from './image-literal';

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
  ["export default defineServer({ image: '1.0.1', ...common });", 'spread over it'],
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
