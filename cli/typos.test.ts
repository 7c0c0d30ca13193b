import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { unconfirmedPlatform } from '../testing/fixtures';
import { addition, addTool } from '../testing/repository-copy';
import { project, repository } from '../testing/temp-repository';

const made = project();
addTool(made.root, 'reference', 'add', addition);
made.change('servers/reference/server.ts', (text) => text);
const checkout = repository().root;

function problems(line: string): readonly { code: string; message: string; fix: string }[] {
  const [command = '', ...args] = line.split(' ');
  const { stdout } = spawnSync(process.execPath, [join(made.root, 'cli/run.mjs'), command, ...args, '--json'], {
    cwd: made.root,
    input: 'a-secret-of-32-characters-or-more',
    encoding: 'utf8',
  });
  return JSON.parse(stdout).problems;
}

test.each([
  'gitops/synth/synth.command.ts refrence',
  'gitops/images/images.command.ts refrence',
  `gitops/deliver/deliver.command.ts --to ${checkout} refrence`,
  'gitops/bump/bump.command.ts refrence 1.0.2',
  'gitops/rollback/rollback.command.ts refrence',
  'gitops/status/status.command.ts refrence --offline',
  'gitops/verify/verify.command.ts refrence --no-secret',
  'gitops/register/register.command.ts refrence --print',
  'gitops/seal/seal.command.ts set refrence ARCADE_WORKER_SECRET',
  'gitops/seal/seal.command.ts status refrence',
  'gitops/new/new.command.ts tool refrence subtract',
  'gitops/new/new.command.ts resource refrence page',
  'worker/dev/dev.command.ts refrence',
  'worker/dev/start.command.ts refrence',
  'worker/dev/call.command.ts refrence add a=1',
])('a mistyped server is answered with the nearest: %s', (line) => {
  expect(problems(line)).toMatchObject([{ code: 'SERVER-UNKNOWN', fix: expect.stringContaining('"reference"') }]);
});

const { name: platform } = unconfirmedPlatform;

test.each([
  'gitops/synth/synth.command.ts',
  'gitops/check/check.command.ts --rendered',
  'gitops/images/images.command.ts --all',
  `gitops/deliver/deliver.command.ts --to ${checkout}`,
  'gitops/bump/bump.command.ts reference 1.0.2',
  'gitops/rollback/rollback.command.ts reference',
  'gitops/status/status.command.ts --offline',
  'gitops/verify/verify.command.ts --no-secret',
  'gitops/register/register.command.ts reference --print',
  'gitops/seal/seal.command.ts set reference ARCADE_WORKER_SECRET',
])('a mistyped platform is answered with the nearest: %s', (line) => {
  expect(problems(`${line} --platform ${platform}x`)).toMatchObject([
    { code: 'PLATFORM-UNKNOWN', fix: expect.stringContaining(`"${platform}"`) },
  ]);
});

test.each([
  ['gitops/seal/seal.command.ts set reference ARCADE_WORKER_SECERT', 'ARCADE_WORKER_SECRET'],
  ['gitops/seal/seal.command.ts drop reference ARCADE_WORKER_SECERT', 'ARCADE_WORKER_SECRET'],
  ['gitops/seal/seal.command.ts set reference ARCADE_WORKER_SECRET --scope cluster-wdie', 'cluster-wide'],
  ['gitops/verify/verify.command.ts --no-secret --skip heatlh', 'health'],
])('a mistyped key, scope or step is answered with the nearest: %s', (line, meant) => {
  expect(problems(line)).toMatchObject([
    { fix: expect.stringContaining(`write ${/^[a-z]+$/.test(meant) ? `"${meant}"` : meant}`) },
  ]);
});
