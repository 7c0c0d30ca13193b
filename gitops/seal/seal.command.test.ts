import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { labelOf } from '../../model/scope';
import { readSealed } from '../../model/sealed';
import { keyOf } from '../../testing/fake-seal-world';
import { testServer } from '../../testing/fixtures';
import { open } from '../../testing/open-sealed';
import { declarationOf, emptyRepository } from '../../testing/repository-copy';

// The command as people run it: in its own process, in a repository that pins the certificate of a throwaway key.
const root = repositoryOfOneServer();
const seal = (line: string, stdin = '') => ended(start(line, stdin));
const sealedFile = join(root, 'servers/test-server/sealed/test-cluster.json');

test('seals a value from a pipe without printing it', async () => {
  const { code, output } = await seal('set test-server TOKEN', 'hunter2');
  expect(code).toBe(0);
  expect(output).toContain('TOKEN of test-server is sealed: 7 bytes');
  expect(output).not.toContain('hunter2');
  expect(opened('TOKEN')).toBe('hunter2');
});

test('a problem exits with 1, shows its code, and shows no value, not even one from the command line', async () => {
  for (const [line, code] of [
    ['set test-server TOKEN hunter2', 'SECRET-ARGV'],
    ['set test-server TOKEN hunter2 --json', 'SECRET-ARGV'],
    ['set test-server TOKEN=hunter2', 'SECRET-ARGV'],
    ['test-server TOKEN hunter2', 'SECRET-ARGV'],
    ['set test-server TOKEN --value=hunter2', 'USAGE'],
    ['set nosuch TOKEN', 'SERVER-UNKNOWN'],
    ['set test-server TOKEN', 'SECRET-NEWLINE'],
    ['set test-server TOKEN --json', 'SECRET-NEWLINE'],
    ['set test-server TOKEN --generate', 'SECRET-OUTPUT'],
    ['rotate test-server ARCADE_WORKER_SECRET', 'SEAL-MISSING'],
    ['finish test-server ARCADE_WORKER_SECRET', 'SEAL-ROTATION'],
    ['drop test-server NOSUCH', 'SEAL-MISSING'],
    ['fetch-cert ftp://localhost/', 'CERT-FETCH'],
  ] as const) {
    const result = await seal(line, 'hunter2\n');
    expect(result).toMatchObject({ code: 1, output: expect.stringContaining(code) });
    expect(result.output).not.toContain('hunter2');
  }
});

test('help lists the seven subcommands, and a former flag is answered with its subcommand', async () => {
  expect(await seal('--help')).toMatchObject({
    code: 0,
    output: expect.stringMatching(/seal -- set.*seal -- fetch-cert/s),
  });
  expect(await seal('set --help')).toMatchObject({ code: 0, output: expect.stringContaining('--keep-newline') });
  expect(await seal('test-server TOKEN --drop')).toMatchObject({
    code: 1,
    output: expect.stringMatching(/USAGE .*\n.*fix {2}npm run seal -- drop <server> <KEY>\n/),
  });
});

test('prints what it is waiting for when no value arrives', async () => {
  const child = start('set test-server TOKEN');
  const waiting = new Promise<string>((resolve) => child.stderr?.once('data', (text) => resolve(String(text))));
  expect(await waiting).toContain('Waiting for the value of TOKEN on standard input');
  child.stdin?.end('v');
  expect((await ended(child)).code).toBe(0);
});

test('concurrent commands each seal their value or fail with SEAL-WRITE, and the file stays valid', async () => {
  expect((await seal('set test-server KEPT', 'kept')).code).toBe(0);
  const keys = ['A', 'B', 'C', 'D'];
  const results = await Promise.all(keys.map((key, at) => seal(`set test-server ${key}`, `value ${at}`)));
  for (const [at, { code, output }] of results.entries()) {
    if (code === 0) expect(opened(keys[at] ?? '')).toBe(`value ${at}`);
    else expect(output).toContain('SEAL-WRITE');
  }
  expect(results.filter(({ code }) => code === 0).length).toBeGreaterThan(0);
  expect(opened('KEPT')).toBe('kept');
  expect(readdirSync(dirname(sealedFile))).toEqual(['test-cluster.json']);
});

test.each([
  ['before it creates the new file', 'openSync', 0, 1],
  ['before it renames the new file', 'renameSync', 1, 0],
])('of two commands, one paused %s, neither undoes the change of the other', async (_, call, second, first) => {
  expect((await seal('set test-server FIRST', 'before')).code).toBe(0);
  expect((await seal('set test-server SECOND', 'before')).code).toBe(0);
  const other = `const { status } = require('child_process').spawnSync(process.execPath,
    [process.argv[1], 'set', 'test-server', 'SECOND'], { input: 'after', env: {} }); console.log('the other ended with ' + status)`;
  const { code, output } = await ended(start('set test-server FIRST', 'after', interrupted(call, other, '')));
  expect(output).toContain(`the other ended with ${second}`);
  expect(code).toBe(first);
  if (code !== 0) expect(output).toContain('SEAL-WRITE');
  expect([opened('FIRST'), opened('SECOND')]).toEqual(first === 0 ? ['after', 'before'] : ['before', 'after']);
});

test('rejects a redirected file that ends in a newline, like a pipe', async () => {
  writeFileSync(join(root, 'value.txt'), 'hunter2\n');
  const line = '"$0" build/seal.cjs set test-server TOKEN < value.txt';
  const child = spawn('bash', ['-c', line, process.execPath], { cwd: root, env: { PATH: process.env.PATH } });
  expect(await ended(child)).toMatchObject({ code: 1, output: expect.stringContaining('SECRET-NEWLINE') });
});

const kill = "process.kill(process.pid, 'SIGKILL')";

test.each([
  ['openSync', kill, '', 'before'],
  ['openSync', '', kill, 'before'],
  ['writeFileSync', "fs.writeSync(args[0], 'half'); process.kill(process.pid, 'SIGKILL')", '', 'before'],
  ['fsyncSync', '', kill, 'before'],
  ['renameSync', kill, '', 'before'],
  ['renameSync', '', kill, 'after'],
  ['closeSync', '', kill, 'before'],
])(
  'a command killed at %s (%s – %s) leaves a valid file with the value from %s',
  async (call, before, after, value) => {
    expect((await seal('set test-server KILLED', 'before')).code).toBe(0);
    const child = start('set test-server KILLED', 'after', interrupted(call, before, after));
    expect((await ended(child)).signal).toBe('SIGKILL');
    expect(readSealed(readFileSync(sealedFile, 'utf8'), 'f', testServer()).problems).toEqual([]);
    expect(opened('KILLED')).toBe(value);
    if (existsSync(`${sealedFile}.new`)) {
      const refused = await seal('set test-server KILLED', 'next');
      expect(refused).toMatchObject({
        code: 1,
        output: expect.stringMatching(/SEAL-WRITE.*delete servers.*json\.new/s),
      });
      rmSync(`${sealedFile}.new`);
    }
    expect((await seal('set test-server KILLED', 'next')).code).toBe(0);
    expect(opened('KILLED')).toBe('next');
  },
);

test('reports a full disk and leaves the file unchanged', async () => {
  expect((await seal('set test-server TOKEN', 'before')).code).toBe(0);
  const text = readFileSync(sealedFile, 'utf8');
  const limited = ['-c', 'ulimit -f 0; exec "$0" "$@"', process.execPath, join(root, 'build/seal.cjs')];
  const child = spawn('bash', [...limited, 'set', 'test-server', 'TOKEN'], {
    cwd: root,
    env: { PATH: process.env.PATH },
  });
  child.stdin.end('after');
  const refused = { code: 1, output: expect.stringMatching(/SEAL-WRITE .*file too large/) };
  expect(await ended(child)).toMatchObject(refused);
  expect(readFileSync(sealedFile, 'utf8')).toBe(text);
  expect(readdirSync(dirname(sealedFile))).toEqual(['test-cluster.json']);
});

/** @param stdin its standard input. @default - stays open */
function start(line: string, stdin?: string, switches: readonly string[] = []): ChildProcess {
  const args = line.split(' ').filter((arg) => arg !== '');
  const child = spawn(process.execPath, [...switches, join(root, 'build/seal.cjs'), ...args], {
    cwd: root,
    env: { PATH: process.env.PATH },
  });
  // A command that fails early closes its end first.
  if (stdin !== undefined) child.stdin.on('error', () => undefined).end(stdin);
  return child;
}

/** Flags for Node that run code before and after a file system call on the new file. */
function interrupted(call: string, before: string, after: string): string[] {
  const script = join(root, 'build/interrupted.cjs');
  const text = `const fs = require('node:fs'), real = fs.${call};
fs.${call} = (...args) => {
  if (typeof args[0] !== 'number' && !args[0].endsWith('.json.new')) return real(...args);
  ${before};
  const result = real(...args);
  ${after};
  return result;
};`;
  writeFileSync(script, text);
  return ['--require', script];
}

function ended(child: ChildProcess): Promise<{ code: number | null; signal: string | undefined; output: string }> {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (output += text));
  return new Promise((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal: signal ?? undefined, output })),
  );
}

function opened(key: string): string | undefined {
  const value = readSealed(readFileSync(sealedFile, 'utf8'), 'f', testServer()).sealed.get(key);
  if (value === undefined) return undefined;
  const result = open(value.ciphertext, [createPrivateKey(keyOf('current').privateKeyPkcs8Pem)], labelOf(value));
  return result.ok ? result.plaintext.toString() : result.why;
}

/** A repository with one server, whose platform pins the throwaway certificate. */
function repositoryOfOneServer(): string {
  const copy = emptyRepository();
  const platform = join(copy, 'platforms/test-cluster.ts');
  const pin = `certificate: { file: 'platforms/certificates/current.pem', sha256: '${keyOf('current').certSha256Hex}', isSample: false },`;
  const changed = readFileSync(platform, 'utf8').replace(/^ {2}certificate: \{[\s\S]*?\},$/m, `  ${pin}`);
  expect(changed).toContain(pin);
  writeFileSync(platform, changed);
  writeFileSync(join(copy, 'platforms/certificates/current.pem'), keyOf('current').certPem);
  mkdirSync(join(copy, 'servers/test-server'));
  writeFileSync(join(copy, 'servers/test-server/server.ts'), declarationOf('test-server'));
  const bundle = ['--bundle', '--packages=external', '--platform=node', '--outfile=build/seal.cjs'];
  execFileSync(join(copy, 'node_modules/.bin/esbuild'), ['gitops/seal/seal.command.ts', ...bundle], {
    cwd: copy,
    stdio: 'ignore',
  });
  return copy;
}
