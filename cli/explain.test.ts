import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Problem } from '../model/problem';
import { root } from './root';

const explain = (...args: readonly string[]) =>
  spawnSync(process.execPath, [join(root, 'cli/run.mjs'), join(root, 'cli/explain.command.ts'), ...args], {
    encoding: 'utf8',
  });

test('a code is explained however it is typed, and a typo of one gets the nearest', () => {
  expect(explain('seal-label', 'USAGE')).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^SEAL-LABEL {2}a value was sealed for another namespace\n {4}fix {2}.+\nUSAGE/),
  });
  expect(JSON.parse(explain('--json').stdout).length).toBeGreaterThan(100);
  expect(explain('SEAL-LABLE')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('npm run explain -- SEAL-LABEL'),
  });
});

test('a problem without a fix of its own has the one of its code, as a terminal shows it', () => {
  expect(new Problem('DIST-STALE', 'Cannot deliver')).toMatchObject({
    fix: 'npm run synth, and commit it together with the change; if dist/ was edited by hand, make the change in servers/ or platforms/ instead: synth overwrites it',
  });
});
