import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../model/problem';
import { addition, addTool } from '../testing/repository-copy';
import { project, repository } from '../testing/temp-repository';
import { describeProblems, firstForm, parseFlags } from './command';

const options = { finish: { type: 'boolean' }, to: { type: 'string' } } as const;
const usage = 'npm run thing -- <name>    does it\n    --finish    ends it';

test('prints problems with code, place and fix, errors before warnings, and counts them', () => {
  const text = describeProblems([
    new Problem('DNS-TARGET', 'the ttl is odd', { fix: 'use 1', level: 'warning' }),
    new Problem('SEAL-SAMPLE', 'no cluster can open it', { fix: 'seal again', level: 'delivery' }),
    new Problem('NAME', 'Cannot use the name "A"', { file: 'servers/A', path: 'name', fix: 'use lower case\nor "a"' }),
  ]);
  expect(text.indexOf('NAME')).toBeLessThan(text.indexOf('DNS-TARGET'));
  expect(text).toContain('servers/A › name');
  expect(text).toContain('    fix  use lower case\n         or "a"\n');
  expect(text).toContain('! SEAL-SAMPLE');
  expect(text).toMatch(/1 error, 2 warnings$/);
});

test('prints equal warnings once, with all their places, and every error', () => {
  const problem = (level: 'error' | 'delivery', file: string, fix = 'ask') =>
    new Problem('SOURCE-UNSET', 'it is not confirmed', { file, fix, level });
  expect(describeProblems([problem('delivery', 'a.ts'), problem('delivery', 'b.ts')])).toBe(
    '! SOURCE-UNSET  it is not confirmed\n    in   a.ts\n    in   b.ts\n    fix  ask\n1 warning',
  );
  const text = describeProblems([problem('delivery', 'a.ts', 'seal a'), problem('delivery', 'b.ts', 'seal b')]);
  expect(text).toContain('    fix  seal a (and likewise for the others)\n');
  expect(describeProblems([problem('error', 'a.ts'), problem('error', 'b.ts')]).match(/✗ SOURCE-UNSET/g)).toHaveLength(
    2,
  );
});

test.each<[string[], string, string]>([
  [['--finsh'], "Unknown option '--finsh'", 'write --finish; --help shows every form'],
  [['--nothing-like-it'], "Unknown option '--nothing-like-it'", 'npm run thing -- <name>; --help shows every form'],
  [['--to'], "Option '--to <value>' argument missing", 'npm run thing -- <name>; --help shows every form'],
])(
  'the command line %j is refused in one line, with the flag that was meant or the first form',
  (args, reason, fix) => {
    expect(() => parseFlags({ options, usage }, args)).toThrow(
      expect.objectContaining({ code: 'USAGE', message: `Cannot read the command line: ${reason}`, fix }),
    );
    expect(firstForm(usage)).toBe('npm run thing -- <name>; --help shows every form');
  },
);

describe('what the machine refuses is no defect', () => {
  const made = project();
  addTool(made.root, 'reference', 'add', addition);
  made.change('servers/reference/server.ts', (text) => text);
  const target = repository();
  /** The command of a shell in which no file can be written: a disk that is full, as far as the command can tell. */
  const onFullDisk = (...args: readonly string[]) => shell('ulimit -f 0; exec "$@"', args);
  const shell = (script: string, [command = '', ...args]: readonly string[]) => {
    const entry = [process.execPath, join(made.root, 'cli/run.mjs'), command];
    // What is built first is written before the disk is full.
    spawnSync(process.execPath, [...entry.slice(1), '--help'], { cwd: made.root });
    const { status, stderr } = spawnSync('sh', ['-c', script, 'sh', ...entry, ...args], {
      cwd: made.root,
      input: 'a-secret-of-32-characters-or-more',
      encoding: 'utf8',
    });
    return { status, stderr };
  };

  test.each<[string, ...string[]]>([
    ['TARGET-WRITE', 'gitops/deliver/deliver.command.ts', '--to', target.root, '--commit'],
    ['SEAL-WRITE', 'gitops/seal/seal.command.ts', 'set', 'reference', 'ARCADE_WORKER_SECRET'],
    ['DIST-WRITE', 'gitops/bump/bump.command.ts', 'reference', '9.0.0'],
    ['TARGET-WRITE', 'gitops/new/new.command.ts', 'tool', 'reference', 'another'],
    ['MACHINE', 'worker/dev/dev.command.ts'],
  ])('%s on a full disk: %s', (code, ...args) => {
    const { status, stderr } = onFullDisk(...args);
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining(`✗ ${code}`) });
    expect(stderr).not.toMatch(/DEFECT|^\s+at /m);
    expect(stderr).toMatch(/make room|free .*space|fix (that|the cause)/);
    expect(existsSync(join(made.root, 'servers/reference/tools/another.ts'))).toBe(false);
  });

  test('Ctrl-C ends a command that waits, by its signal and without a word', async () => {
    const command = ['gitops/verify/verify.command.ts', '--no-secret', '--wait', '5m', '--resolver', '127.0.0.1'];
    const child = spawn(process.execPath, ['cli/run.mjs', ...command, '--connect-to', '127.0.0.1:1'], {
      cwd: made.root,
    });
    let [out, err] = ['', ''];
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    child.stdout.on('data', (chunk) => {
      out += chunk;
      if (out.includes('retrying in')) child.kill('SIGINT');
    });
    const [code, signal] = await once(child, 'close');
    expect({ code, signal, err }).toEqual({ code: null, signal: 'SIGINT', err: '' });
  });

  test('a failed write of output is reported on the other stream', () => {
    const images = ['gitops/images/images.command.ts', '--help'];
    expect(shell('ulimit -f 0; exec "$@" > told.txt', images)).toEqual({
      status: 1,
      stderr: expect.stringMatching(/✗ MACHINE .*EFBIG.*\n.*free space/),
    });
  });
});
