import { isTooDeep } from './json';

const nested = (depth: number) => Buffer.from('['.repeat(depth) + ' '.repeat(40_000) + ']'.repeat(depth));

test('detects deep nesting outside strings', () => {
  expect(isTooDeep(nested(500))).toBe(false);
  expect(isTooDeep(nested(501))).toBe(true);
  expect(isTooDeep(Buffer.from(`{"a":"${'['.repeat(40_000)}"}`))).toBe(false);
  expect(isTooDeep(Buffer.from(`{"a":"\\"${'['.repeat(40_000)}"}`))).toBe(false);
});
