import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addPlatform, addServer, emptyRepository } from '../../testing/repository-copy';
import { type Repository, repository } from '../../testing/temp-repository';

const acme = [
  ...[
    'platform',
    'acme',
    '--registry',
    'registry.acme.example',
    '--zone',
    'acme.example',
    '--gitops-repository',
    'fleet-2',
  ],
  ...['--dns-repository', 'acme-dns', '--ingress-address', 'in.acme.example'],
];

test('a new server, tool and resource pass types, lint and the offline checks', () => {
  const root = emptyRepository();
  const started = start(root, 'server', 'weather', '--plaintext-out', 'weather.plaintext');
  expect(started).toMatchObject({ status: 0 });
  expect(started.stdout).toContain('wrote    servers/weather/sealed/test-cluster.json');
  expect(readFileSync(join(root, 'weather.plaintext'), 'utf8')).toMatch(/^.{32,}$/);
  const tool = start(root, 'tool', 'weather', 'find_runbooks');
  const resource = start(root, 'resource', 'weather', 'on_call');
  for (const { status, stdout } of [started, tool, resource]) {
    expect(status).toBe(0);
    expect(stdout).toMatch(/^✓ rendered dist\/ \(\d+ files? changed\)$/m);
    expect(stdout).toMatch(/\n {2}next {5}npm run check, then commit\n/);
  }
  expect(started.stdout).toMatch(
    / {2}next {5}give the value in weather.plaintext to the engine, then delete the file\n$/,
  );
  expect(start(root, 'resource', 'weather', 'other')).toMatchObject({ status: 0, stderr: '' });
  writeFileSync(
    join(root, 'tsconfig.own.json'),
    '{ "extends": "./tsconfig.json", "include": ["servers", "platforms"] }',
  );
  expect(program(root, 'typescript/bin/tsc', '--project', 'tsconfig.own.json')).toMatchObject({
    status: 0,
    stdout: '',
  });
  expect(program(root, '@biomejs/biome/bin/biome', 'check', '--error-on-warnings', 'servers')).toMatchObject({
    status: 0,
  });
  expect(command(root, 'check')).toMatchObject({ status: 0 });
  expect(start(root, 'server', 'weather')).toMatchObject({ status: 1, stderr: expect.stringContaining('NAME-TAKEN') });
  expect(start(root, 'tool', 'weather', 'find_runbooks').stderr).toContain('NAME-TAKEN');
  expect(start(root, 'resource', 'weather', 'on_call').stderr).toContain('NAME-TAKEN');
});

test('leaves no server behind when its secret has no destination, unless --no-seal is given', () => {
  const root = emptyRepository();
  expect(start(root, 'server', 'weather')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(
      /SECRET-OUTPUT .*\n +fix {2}add --plaintext-out weather\.plaintext \(git ignores it\)\n/,
    ),
  });
  expect(existsSync(join(root, 'servers/weather'))).toBe(false);
  const { status, stdout } = start(root, 'server', 'weather', '--no-seal', '--json');
  const { written, next } = JSON.parse(stdout);
  expect([status, written]).toEqual([0, ['servers/weather/server.ts', 'servers/weather/tools/days_between.ts']]);
  expect(next[0]).toMatch(/^npm run seal -- .*weather ARCADE_WORKER_SECRET --generate/);
  expect(command(root, 'check').stderr).toContain('SEAL-MISSING');
});

test('seals for every cluster with a valid certificate, and prints the command for the others', () => {
  const root = emptyRepository();
  expect(start(root, ...acme)).toMatchObject({ status: 0 });
  addPlatform(root, 'staging');
  expect(start(root, 'server', 'weather', '--plaintext-out', 'weather.plaintext')).toMatchObject({ status: 0 });
  const platforms = ['acme', 'staging', 'test-cluster'];
  const sealed = readdirSync(join(root, 'servers/weather/sealed'));
  expect(sealed.sort()).toEqual(platforms.map((name) => `${name}.json`));
  const values = platforms.map((name) => readFileSync(join(root, `weather-${name}.plaintext`), 'utf8'));
  expect(new Set(values).size).toBe(platforms.length);
  expect(command(root, 'check').status).toBe(0);

  rmSync(join(root, 'platforms/certificates/staging.pem'));
  const { status, stdout, stderr } = start(root, 'server', 'other', '--plaintext-out', 'other.plaintext');
  expect(status).toBe(1);
  expect(stderr).toContain('CERT-NONE');
  expect(stdout).toContain('wrote    servers/other/sealed/acme.json');
  expect(stdout).toContain(
    'seal -- set other ARCADE_WORKER_SECRET --generate --platform staging, once the certificate',
  );
});

test('seals where secrets are sealed, and says where to write the worker secret for a store', () => {
  const root = emptyRepository();
  const store = ['--secrets', 'external', '--secret-store', 'vault', '--secret-key', 'mcp/{server}/{name}'];
  const platform = start(root, ...acme, ...store);
  expect([platform.status, platform.stdout]).toEqual([0, expect.not.stringContaining('fetch-cert')]);
  const both = start(root, 'server', 'weather', '--plaintext-out', 'weather.plaintext');
  expect(both.status).toBe(0);
  expect(readdirSync(join(root, 'servers/weather/sealed'))).toEqual(['test-cluster.json']);
  const write =
    'write a worker secret of 16 to 100 characters to mcp/weather/ARCADE_WORKER_SECRET of ClusterSecretStore "vault"';
  expect(both.stdout).toContain(write);
  expect(command(root, 'check').status).toBe(0);

  rmSync(join(root, 'platforms/test-cluster.ts'));
  rmSync(join(root, 'servers/weather/sealed'), { recursive: true });
  const { status, stdout } = start(root, 'server', 'other');
  expect([status, stdout]).toEqual([
    0,
    expect.stringContaining('mcp/other/ARCADE_WORKER_SECRET of ClusterSecretStore'),
  ]);
  expect(existsSync(join(root, 'servers/other/sealed'))).toBe(false);
  expect(command(root, 'check').status).toBe(0);
});

test.each([
  [[], 'server, tool, resource, platform, eject-sample'],
  [['constructor'], 'server, tool, resource, platform, eject-sample'],
  [['tool', 'x'], '<server> <name>\n    fix  npm run new -- tool --help\n'],
  [['eject-sample', 'x'], 'no name'],
  [['--team', 'platform', 'tool', 'x', 'y'], '--team does not belong to "tool"\n    fix  npm run new -- tool --help\n'],
  [['server', 'x', '--zone', 'acme.example', '--force'], '--zone, --force'],
])('rejects new %j with what the form expects', (args, expected) => {
  const { status, stderr } = start(emptyOnce(), ...args);
  expect(status).toBe(1);
  expect(stderr).toContain('USAGE');
  expect(stderr).toContain(expected);
});

test('the help of a form shows its own flags, and that of platform is not among the others', () => {
  const helpOf = (...words: readonly string[]) => start(emptyOnce(), ...words, '--help').stdout;
  const [all, tool, platform] = [helpOf(), helpOf('tool'), helpOf('platform')];
  expect(all).toMatch(/new -- server <name>[\s\S]*--team[\s\S]*--force[\s\S]*npm run new -- platform --help\n/);
  expect(all).not.toContain('--registry');
  expect(tool).toMatch(
    /^npm run new -- tool .*\n\n {2}--json .*\n\nExample:\n {2}npm run new -- tool weather forecast\n$/,
  );
  expect(platform).toMatch(/^npm run new -- platform <name> /);
  expect(platform).not.toMatch(/new -- server|--team/);
});

test('the example of platform works as it is shown, and names the values to confirm, where there are any', () => {
  const root = emptyRepository();
  rmSync(join(root, 'platforms/test-cluster.ts'));
  const [, shown = ''] =
    /^Example:\n {2}npm run new -- ([\s\S]*)$/m.exec(start(root, 'platform', '--help').stdout) ?? [];
  const words = shown.replaceAll('\\\n', ' ').trim().split(/\s+/);
  const { stdout, ...ending } = start(root, ...words);
  expect(ending).toMatchObject({ status: 0, stderr: '' });
  expect(stdout).toContain(
    'next     replace the values that contain confirm- in platforms/staging.ts (dns.workspace and dns.zoneId) before the first delivery: docs/delivery.md#before-the-first-delivery\n',
  );
  const confirmed = start(root, ...acme, '--workspace', 'acme', '--zone-id', 'local.zone');
  expect([confirmed.status, confirmed.stdout]).toEqual([0, expect.not.stringContaining('confirm-')]);
});

test('removes the sample without a trace, so that another platform can replace it', () => {
  const sample = repositoryWithSample({ servers: ['initial'], platforms: ['test-cluster'] });
  const { root } = sample;
  expect(start(root, ...acme).stdout).toContain('npm run new -- eject-sample');
  rmSync(join(root, 'platforms/acme.ts'));
  const { status, stdout } = start(root, 'eject-sample');
  expect([status, stdout]).toEqual([0, expect.stringContaining('npm run new -- platform <name>')]);
  expect(traces(sample, /initial|test-cluster|registry\.example\.com|sample/)).toEqual([]);
  expect(start(root, 'eject-sample').stderr).toContain('PLATFORM-UNKNOWN');
  // git keeps no empty folder.
  for (const folder of ['servers', 'platforms']) rmSync(join(root, folder), { recursive: true, force: true });
  expect(start(root, ...acme)).toMatchObject({ status: 0 });
  expect(command(root, 'check')).toMatchObject({ status: 0, stdout: expect.stringContaining('0 servers') });
  expect(start(root, 'server', 'ours', '--team', 'dispatch', '--plaintext-out', 'ours.plaintext').status).toBe(0);
  expect(readFileSync(join(root, '.github/CODEOWNERS'), 'utf8')).toBe('* @acme/infra\n/servers/ours/ @acme/dispatch\n');
  expect(command(root, 'check')).toMatchObject({ status: 0 });
  expect(start(root, 'eject-sample').stderr).toContain('there is none');
});

test('keeps other servers without their values for a removed platform, and renders a remaining platform', () => {
  const sample = repositoryWithSample({ servers: ['initial'], platforms: [] });
  const { root } = sample;
  addServer(root, 'ours');
  sample.commit();
  expect(start(root, 'eject-sample')).toMatchObject({ status: 0 });
  expect(traces(sample, /initial/)).toEqual([]);
  expect(command(root, 'check')).toMatchObject({ status: 0, stdout: expect.stringContaining('1 server,') });
  sample.write('sample.json', '{ "servers": ["initial"], "platforms": ["test-cluster"] }');
  sample.commit();
  expect(start(root, 'eject-sample').stdout).toContain('removed  servers/ours/sealed/test-cluster.json');
  expect(readdirSync(join(root, 'servers/ours'), { recursive: true }).sort()).toEqual(['sealed', 'server.ts']);
  const started = start(root, ...acme);
  expect(started).toMatchObject({ status: 0, stderr: '' });
  expect(started.stdout).toContain('  written; 1 secret to seal:\n');
  expect(started.stdout).toContain('npm run seal -- set ours ARCADE_WORKER_SECRET --generate\n');
});

test('removes uncommitted files of the sample only with --force', () => {
  const sample = repositoryWithSample({ servers: ['initial'], platforms: ['test-cluster'] });
  sample.write('servers/initial/server.ts', `${sample.read('servers/initial/server.ts')}// changed\n`);
  sample.write('servers/initial/lib/new.ts', '');
  sample.write('servers/initial/secret.plaintext', '');
  sample.write('README.md', 'not of the sample');
  const { status, stdout } = start(sample.root, 'eject-sample', '--json');
  const { problems }: { problems: { code: string; file: string }[] } = JSON.parse(stdout);
  expect(status).toBe(1);
  expect(problems.map(({ code, file }) => `${code} ${file}`).sort()).toEqual([
    'TARGET-DIRTY servers/initial/lib/new.ts',
    'TARGET-DIRTY servers/initial/secret.plaintext',
    'TARGET-DIRTY servers/initial/server.ts',
  ]);
  rmSync(join(sample.root, '.git'), { recursive: true });
  expect(start(sample.root, 'eject-sample').stderr).toMatch(/Cannot tell whether[\s\S]*--force/);
  expect(existsSync(join(sample.root, 'servers/initial'))).toBe(true);
  expect(start(sample.root, 'eject-sample', '--force').status).toBe(0);
  expect(existsSync(join(sample.root, 'servers/initial'))).toBe(false);
});

let empty: string | undefined;

/** A shared copy for tests that write nothing. */
function emptyOnce(): string {
  empty ??= emptyRepository();
  return empty;
}

/** A git repository with the server "initial" and this `sample.json`. */
function repositoryWithSample(sample: { servers: string[]; platforms: string[] }): Repository {
  const root = emptyRepository();
  addServer(root, 'initial');
  writeFileSync(join(root, 'sample.json'), JSON.stringify(sample));
  expect(command(root, 'synth')).toMatchObject({ status: 0 });
  return repository({ '.github/CODEOWNERS': '* @acme/infra\n/servers/initial/ @acme/infra\n' }, root);
}

/** The files of platforms and servers whose path or text matches. */
function traces({ root }: Repository, words: RegExp): readonly string[] {
  const folders = ['servers', 'platforms', 'dist', '.github'].filter((folder) => existsSync(join(root, folder)));
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true }).flatMap((entry) =>
      entry.isFile() ? join(entry.parentPath, entry.name) : [],
    ),
  );
  return [...files, ...readdirSync(root)].filter(
    (file) => words.test(file.slice(root.length)) || (files.includes(file) && words.test(readFileSync(file, 'utf8'))),
  );
}

function start(root: string, ...args: readonly string[]) {
  return command(root, 'new', ...args);
}

function command(root: string, verb: 'new' | 'check' | 'synth', ...args: readonly string[]) {
  const quick = verb === 'check' ? ['--rendered'] : [];
  return run(root, join(root, 'cli/run.mjs'), `gitops/${verb}/${verb}.command.ts`, ...quick, ...args);
}

function program(root: string, path: string, ...args: readonly string[]) {
  return run(root, join(root, 'node_modules', path), ...args);
}

function run(cwd: string, ...args: readonly string[]) {
  return spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });
}
