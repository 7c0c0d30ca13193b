import { spawnSync } from 'node:child_process';
import { emptyRepository } from '../../testing/repository-copy';
import { repository } from '../../testing/temp-repository';
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

test('says what failed beside the problems of declarations', () => {
  const root = emptyRepository();
  repository({}, root).write('servers/weather/server.ts', 'const unused: number = "1";\n');
  const command = ['cli/run.mjs', 'gitops/check/check.command.ts'];
  const { status, stderr } = spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^✗ types failed.*\n(✗ .*\n)*✗ lint failed.*\n✗ SERVER-FIELD /m);
});
