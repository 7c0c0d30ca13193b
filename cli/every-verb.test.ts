import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scripts } from '../package.json';
import { parseFlags } from './command';
import { root } from './root';
import { verbs } from './verbs';

const subcommands = ['set', 'rotate', 'finish', 'abandon', 'drop', 'status', 'fetch-cert'];
const forms = ['server', 'tool', 'resource', 'platform', 'eject-sample'];
const entries = Object.values(scripts).flatMap((command) => /cli\/run\.mjs (\S+)$/.exec(command)?.[1] ?? []);
const commands: readonly string[] = [
  ...entries,
  ...subcommands.map((word) => `gitops/seal/seal.command.ts ${word}`),
  ...forms.map((word) => `gitops/new/new.command.ts ${word}`),
  'testing/fake-engine/engine.command.ts',
];

/** Runs a command in an environment in which only its standard streams decide about colours. */
function run(line: string, args: readonly string[] = [], changes: NodeJS.ProcessEnv = {}) {
  const { NO_COLOR: _, FORCE_COLOR: __, ...environment } = process.env;
  const env = { ...environment, CI: 'true', TERM: 'xterm-256color', ...changes };
  return spawnSync(process.execPath, [join(root, 'cli/run.mjs'), ...line.split(' '), ...args], {
    cwd: root,
    env,
    encoding: 'utf8',
  });
}

test.each(commands)('%s has help with an example, in 80 columns, that explains every flag', (line) => {
  const { status, stdout, stderr } = run(line, ['--help', '--json']);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const { usage, flags }: { usage: string; flags: string[] } = JSON.parse(stdout);
  expect(usage.split('\n').filter((text) => text.length > 80)).toEqual([]);
  // Without a subcommand, seal knows the flags of its former forms, to name the form that replaces each, and new those of all.
  if (/(seal|new)\.command\.ts$/.test(line)) return;
  expect(flags.filter((flag) => flag !== 'help' && !new RegExp(`--${flag}\\b`).test(usage))).toEqual([]);
  const [, examples = ''] = usage.split(/^Examples?:\n/m);
  expect(examples).toMatch(/^ {2}\S/);
  const shown = [...examples.matchAll(/ --([a-z-]+)/g)].map(([, flag = '']) => flag);
  expect(shown.filter((flag) => !flags.includes(flag))).toEqual(line.includes('fake-engine') ? ['engine'] : []);
  const asked = [...usage.matchAll(/npm run ([\w:-]+)/g)].map(([, script = '']) => script);
  expect(asked.filter((script) => !(script in scripts))).toEqual([]);

  // Any transposition in any flag that is long enough to be recognised.
  const options = Object.fromEntries(flags.map((flag) => [flag, { type: 'string' as const }]));
  for (const flag of flags.filter((name) => name.length > 3 && name.at(-1) !== name.at(-2))) {
    const typo = `--${flag.slice(0, -2)}${flag.at(-1)}${flag.at(-2)}`;
    const fix = `write --${flag}; --help shows every form`;
    expect(() => parseFlags({ options, usage }, [typo])).toThrow(expect.objectContaining({ fix }));
  }
});

test.each(commands)('%s answers a mistyped flag with the one that was meant, without colours in a pipe', (line) => {
  const { status, stdout, stderr } = run(line, ['--hepl']);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/^✗ USAGE {2}.*--hepl.*\n {4}fix {2}write --help; --help shows every form\n1 error\n$/);
});

test.each<[string, string, string]>([
  ['cli/help.command.ts', 'sinth', 'npm run help -- synth'],
  ['cli/explain.command.ts', 'SEAL-LABLE', 'npm run explain -- SEAL-LABEL'],
  ['cli/explain.command.ts', 'WORKER_DRIAN_SECONDS', 'npm run explain -- WORKER_DRAIN_SECONDS'],
  ['gitops/seal/seal.command.ts', 'statsu', 'npm run seal -- status …'],
  ['gitops/new/new.command.ts', 'sever', 'npm run new -- server'],
  ['gitops/propose/propose.command.ts', 'tragets', 'npm run propose -- targets'],
  ['bench/bench.command.ts', 'delivre', 'npm run bench -- deliver'],
])('%s answers "%s" with %s', (command, typo, fix) => {
  const { status, stderr } = run(command, [typo]);
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining(fix) });
});

test('the suites of interop are listed, with examples, and a mistyped one is answered with the nearest', () => {
  const interop = (...args: readonly string[]) =>
    spawnSync(process.execPath, [join(root, 'interop/run.mjs'), ...args], { encoding: 'utf8' });
  const { status, stdout } = interop('--help');
  expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringMatching(/^Examples:\n {2}npm/m) });
  expect(stdout.split('\n').filter((text) => text.length > 80)).toEqual([]);
  expect(interop('saeling')).toMatchObject({ status: 1, stderr: expect.stringContaining('-- sealing?') });
});

test('help of a command is what the command itself says', () => {
  expect(run('cli/help.command.ts', ['seal']).stdout).toBe(run('gitops/seal/seal.command.ts', ['--help']).stdout);
  expect(run('cli/help.command.ts', ['test:quick']).stdout).toContain('the flags of Jest');
});

test('colours are for terminals, or for those who force them', () => {
  expect(run('cli/help.command.ts').stdout).not.toContain('\x1b');
  expect(run('cli/help.command.ts', [], { FORCE_COLOR: '1' }).stdout).toContain('\x1b[1m');
  expect(run('cli/help.command.ts', [], { FORCE_COLOR: '1', NO_COLOR: '1' }).stdout).not.toContain('\x1b');
});

describe('a reader that has gone before the first word', () => {
  const gone = 'mkfifo "$0" && { true <"$0" & exec 3>"$0"; wait; "$@" >&3; }';
  const talkative = ['cli/explain.command.ts', 'cli/help.command.ts', 'gitops/check/check.command.ts --rendered'];
  const others = [
    'gitops/synth/synth.command.ts --json',
    'gitops/doctor/doctor.command.ts',
    'gitops/images/images.command.ts --all',
    'gitops/status/status.command.ts --offline',
  ];

  test.each([...talkative, ...others])('ends %s quietly', (line) => {
    const fifo = join(mkdtempSync(join(tmpdir(), 'gone-')), 'fifo');
    const command = [process.execPath, 'cli/run.mjs', ...line.split(' ')];
    const { status, stderr } = spawnSync('sh', ['-c', gone, fifo, ...command], { cwd: root, encoding: 'utf8' });
    // Warnings go to the other stream; a failure found before the first word keeps its own code.
    expect([141, line.includes('doctor') ? 1 : 141]).toContain(status);
    expect(stderr).not.toMatch(/EPIPE|DEFECT|^\s+at /m);
  });
});

describe('through npm', () => {
  const home = mkdtempSync(join(tmpdir(), 'npmrc-'));
  const npm = (args: readonly string[], changes: NodeJS.ProcessEnv = {}) => {
    const inherited = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
    const env = { ...Object.fromEntries(inherited), npm_config_userconfig: join(home, 'npmrc'), ...changes };
    return spawnSync('npm', args, { cwd: root, env, encoding: 'utf8' });
  };

  test.each<[string[], string, string]>([
    [['run', 'check', '--platform', 'staging'], '--platform', 'npm run check -- --platform …'],
    [['run', 'upgrade', '../newer', '--dry-run'], '--dry-run', 'npm run upgrade -- --dry-run'],
    [['run', 'seal', '--json'], '--json', 'npm run seal -- --json'],
    [['run', 'deliver', '--to', '../fleet', '--write'], '--to and --write', 'npm run deliver -- --to … --write'],
    [['run', 'verify', '--no-secret'], '--no-secret', 'npm run verify -- --no-secret'],
  ])('%j without -- is refused', (args, names, fix) => {
    const { status, stdout, stderr } = npm(args);
    expect(status).toBe(1);
    expect(`${stdout}${stderr}`).toContain(`npm kept ${names} for itself`);
    expect(`${stdout}${stderr}`).toContain(fix);
  });

  test('settings of a person, of CI and of npm itself are no flags of ours', () => {
    writeFileSync(join(home, 'npmrc'), 'json=true\nplatform=staging\nforce=true\n');
    const settings = { npm_config_yes: 'true', npm_config_registry: 'https://registry.example.com', CI: 'true' };
    const others = {
      npm_config_platform: 'linux',
      npm_config_ca: 'x',
      NPM_CONFIG_JSON: 'true',
      npm_config_offline: 'true',
    };
    for (const script of ['new', 'status']) {
      const { stdout, stderr } = npm(['run', '--silent', script, '--', '--hepl'], { ...settings, ...others });
      expect(`${stdout}${stderr}`).toContain("Unknown option '--hepl'");
    }
    expect(npm(['run', '--silent', 'help', '--', '--json']).stdout).toMatch(/^\{/);
  });

  test('no flag of ours is a setting of npm, or the beginning of one, without a decision', () => {
    const clean = { npm_config_userconfig: join(home, 'none') };
    const settings: string[] = Object.keys(JSON.parse(npm(['config', 'list', '--long', '--json'], clean).stdout));
    const ours = new Set(entries.flatMap((line) => JSON.parse(run(line, ['--help', '--json']).stdout).flags));
    expect(settings.filter((name) => ours.has(name)).sort()).toEqual(shared);
    const isCompleted = (flag: string) =>
      !shared.includes(flag) && settings.filter((name) => name.startsWith(flag)).length === 1;
    expect(decided).toEqual(expect.arrayContaining([...ours].filter(isCompleted)));
  });
});

/** The first three count as ours when npm passes them on, `also` never is; npm-flags.ts says why the others do not. */
const shared = [
  'all',
  'dry-run',
  'json',
  'also',
  'ca',
  'description',
  'force',
  'offline',
  'registry',
  'scope',
  'workspace',
].sort();

/** npm passes the first three on under another name, and `--commit`, its own default, not at all. */
const decided = ['engine', 'to', 'token', 'commit'];

test('every command of the list is a script, and the other way round', () => {
  const listed = Object.values(verbs).flatMap((part) => Object.keys(part).map((command) => command.split(' ').at(-1)));
  expect(entries.length).toBeGreaterThan(15);
  expect(listed).toEqual(expect.arrayContaining(['synth', 'explain']));
});
