import { describeFailed, type Step } from './steps';

test.each<[Step, string]>([
  ['types', '✗ types failed (see the output of tsc above)'],
  ['examples and pages', '✗ examples and pages failed (see the output of Jest above)'],
  [
    'lint',
    '✗ lint failed (see the output of Biome above); npx biome check --write fixes the format and the order of imports',
  ],
])('when %s failed, the last line names the program and what fixes it', (what, line) => {
  expect(describeFailed(what)).toBe(line);
});
