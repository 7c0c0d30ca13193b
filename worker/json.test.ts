import { isTooDeep } from './json';

const nested = (depth: number) => Buffer.from('['.repeat(depth) + ' '.repeat(40_000) + ']'.repeat(depth));

test('a body that takes half a second to parse because of its depth is told before it is parsed', () => {
  expect(isTooDeep(nested(500))).toBe(false);
  expect(isTooDeep(nested(501))).toBe(true);
  expect(isTooDeep(Buffer.from(`{"a":"${'['.repeat(40_000)}"}`))).toBe(false);
  expect(isTooDeep(Buffer.from(`{"a":"\\"${'['.repeat(40_000)}"}`))).toBe(false);
});
