import { Problem } from '../model/problem';
import { describeProblems } from './command';

test('problems are told with code, place and fix, errors before warnings, and counted', () => {
  const text = describeProblems([
    new Problem('DNS-TARGET', 'the ttl is odd', { fix: 'use 1', level: 'warning' }),
    new Problem('SEAL-SAMPLE', 'no cluster can open it', { fix: 'seal again', level: 'delivery' }),
    new Problem('NAME', 'Cannot use the name "A"', { file: 'servers/A', path: 'name', fix: 'use lower case' }),
  ]);
  expect(text.indexOf('NAME')).toBeLessThan(text.indexOf('DNS-TARGET'));
  expect(text).toContain('servers/A › name');
  expect(text).toContain('use lower case');
  expect(text).toContain('! SEAL-SAMPLE');
  expect(text).toMatch(/1 error, 2 warnings$/);
});
