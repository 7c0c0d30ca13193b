import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { labelOf, readSealed } from '../../model/sealed';
import { keyOf } from '../../testing/fake-seal-world';
import { declarationOf, emptyRepository } from '../../testing/repository';
import { open } from './open';

// The command as people run it: a process of its own, in a copy of the repository whose cluster is a throwaway key.
const root = copyOfRepository();
const sealedFile = join(root, 'servers/made-up/sealed/test-cluster.json');
jest.setTimeout(60_000);

test('a value goes from a pipe into the sealed file, and nowhere else', async () => {
  const { code, output } = await seal(['made-up', 'TOKEN'], 'hunter2\n');
  expect({ code, output }).toMatchObject({
    code: 0,
    output: expect.stringContaining('TOKEN of made-up is sealed: 8 bytes'),
  });
  expect(output).toContain('SECRET-NEWLINE');
  expect(output).not.toContain('hunter2');
  expect(opened('TOKEN')).toBe('hunter2\n');
});

test('problems end in exit code 1, say their code, and show no value, not even one from the command line', async () => {
  for (const [args, code] of [
    [['made-up', 'TOKEN', 'hunter2'], 'SECRET-ARGV'],
    [['made-up', 'TOKEN=hunter2'], 'SECRET-ARGV'],
    [['made-up', 'TOKEN', '--value=hunter2'], 'USAGE'],
    [['nosuch', 'TOKEN'], 'SERVER-UNKNOWN'],
    [['made-up', 'TOKEN', '--generate'], 'SECRET-OUTPUT'],
  ] as const) {
    for (const json of [[], ['--json']]) {
      const result = await seal([...args, ...json], 'hunter2');
      expect(result).toMatchObject({ code: 1, output: expect.stringContaining(code) });
      expect(result.output).not.toContain('hunter2');
    }
  }
});

test('a command that waits for a value says so', async () => {
  const child = start(['made-up', 'TOKEN']);
  const waiting = new Promise<string>((resolve) => child.stderr?.once('data', (text) => resolve(String(text))));
  expect(await waiting).toContain('Waiting for the value of TOKEN on standard input');
  child.stdin?.end('v');
  expect((await ended(child)).code).toBe(0);
});

test('of several commands at once each keeps its value, and the same key has one of the values given', async () => {
  const keys = ['A', 'B', 'C', 'D', 'SAME', 'SAME'];
  const results = await Promise.all(keys.map((key, at) => seal(['made-up', key], `value ${at}`)));
  expect(results.map(({ code }) => code)).toEqual(keys.map(() => 0));
  expect(['A', 'B', 'C', 'D'].map(opened)).toEqual(['value 0', 'value 1', 'value 2', 'value 3']);
  expect(['value 4', 'value 5']).toContain(opened('SAME'));
  expect(readdirSync(join(sealedFile, '..')).sort()).toEqual(['test-cluster.json']);
});

test('a command killed at any moment leaves the file whole, and the next one goes on', async () => {
  expect((await seal(['made-up', 'KEPT'], 'kept')).code).toBe(0);
  const startedAt = Date.now();
  expect((await seal(['made-up', 'KILLED'], 'x')).code).toBe(0);
  const usualMs = Date.now() - startedAt;
  const ends: (string | undefined)[] = [];
  for (let at = 0; at < 12; at += 1) {
    const child = start(['made-up', 'KILLED']);
    child.stdin?.on('error', () => undefined).end(`value ${at}`);
    // From the middle of the usual time to its end, where the file is written.
    setTimeout(() => child.kill('SIGKILL'), usualMs * (0.5 + at * 0.05));
    ends.push((await ended(child)).signal);
    const { sealed, problems } = readSealed(readFileSync(sealedFile, 'utf8'), 'f', 'made-up');
    expect(problems).toEqual([]);
    expect(sealed.has('KILLED')).toBe(true);
    expect(opened('KEPT')).toBe('kept');
  }
  expect(ends).toContain('SIGKILL');
  expect((await seal(['made-up', 'KILLED'], 'last')).code).toBe(0);
  expect(opened('KILLED')).toBe('last');
});

async function seal(args: readonly string[], stdin: string) {
  const child = start(args);
  // A command that refuses early closes its end first.
  child.stdin?.on('error', () => undefined).end(stdin);
  return ended(child);
}

function start(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [join(root, 'build/seal.cjs'), ...args], {
    cwd: root,
    env: { PATH: process.env.PATH },
  });
}

function ended(child: ChildProcess): Promise<{ code: number | null; signal: string | undefined; output: string }> {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (output += text));
  return new Promise((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal: signal ?? undefined, output })),
  );
}

function opened(key: string): string | undefined {
  const value = readSealed(readFileSync(sealedFile, 'utf8'), 'f', 'made-up').sealed.get(key);
  if (value === undefined) return undefined;
  const result = open(value.ciphertext, [createPrivateKey(keyOf('current').privateKeyPkcs8Pem)], labelOf(value));
  return result.ok ? result.plaintext.toString() : result.why;
}

/** A repository with one server, whose platform pins the throwaway certificate. */
function copyOfRepository(): string {
  const copy = emptyRepository();
  const platform = join(copy, 'platforms/test-cluster.ts');
  const pin = `certificate: { file: 'platforms/certificates/current.pem', sha256: '${keyOf('current').certSha256Hex}', isSample: false },`;
  const changed = readFileSync(platform, 'utf8').replace(/^ {2}certificate: \{[\s\S]*?\},$/m, `  ${pin}`);
  expect(changed).toContain(pin);
  writeFileSync(platform, changed);
  writeFileSync(join(copy, 'platforms/certificates/current.pem'), keyOf('current').certPem);
  mkdirSync(join(copy, 'servers/made-up'));
  writeFileSync(join(copy, 'servers/made-up/server.ts'), declarationOf('made-up'));
  const bundle = ['--bundle', '--packages=external', '--platform=node', '--outfile=build/seal.cjs'];
  execFileSync(join(copy, 'node_modules/.bin/esbuild'), ['gitops/seal/seal.command.ts', ...bundle], {
    cwd: copy,
    stdio: 'ignore',
  });
  return copy;
}
