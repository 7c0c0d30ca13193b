import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findSuite } from './suite';

const root = mkdtempSync(join(tmpdir(), 'suite-'));
mkdirSync(join(root, 'bench/worker'), { recursive: true });
for (const name of ['bench', 'seal', 'worker/worker']) writeFileSync(join(root, `bench/${name}.command.ts`), '');
writeFileSync(join(root, 'bench/measure.ts'), '');

test('a suite is found by its name, as a file or as a folder', () => {
  expect(findSuite(root, 'bench', 'seal')).toBe('bench/seal.command.ts');
  expect(findSuite(root, 'bench', 'worker')).toBe('bench/worker/worker.command.ts');
});

test.each([undefined, 'bench', 'measure', 'nosuch', '../cli/x'])(
  'the name %s is refused with the names there are',
  (name) => {
    expect(() => findSuite(root, 'bench', name)).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        fix: expect.stringMatching(/bench -- seal\s+npm run bench -- worker$/),
      }),
    );
  },
);
