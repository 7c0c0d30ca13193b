import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { recordedServer } from '../../testing/exchanges/recorded';
import { bundledWorker, realWorker } from '../../testing/fake-deployment/real-worker';
import { type Engine, startEngine } from '../../testing/fake-engine/fake-engine';
import { addPlatform, recordedRepository } from '../../testing/repository-copy';

const secret = 'a-secret-of-the-commands';
const apiKey = 'a-key-of-the-commands';
const name = basename(recordedServer);
const secretVariable = `${name.replaceAll('-', '_').toUpperCase()}_SECRET`;
const repository = recordedRepository();
const folder = mkdtempSync(join(tmpdir(), 'commands-'));
const secretFile = join(folder, 'secret.txt');
let worker: Awaited<ReturnType<typeof realWorker>>;
let engine: Engine;

beforeAll(async () => {
  writeFileSync(secretFile, secret);
  worker = await realWorker(await bundledWorker(folder), secret);
  engine = await startEngine({ apiKey, allowlist: ['127.0.0.0/8'] });
});

afterAll(async () => {
  await Promise.all([worker.close(), engine.close()]);
  for (const path of [folder, repository]) rmSync(path, { recursive: true });
});

test('verify explains why the engine loads no tools from a healthy server at a private address', async () => {
  const { code, output } = await run('verify/verify', [name, '--url', worker.url, '--secret-file', secretFile]);
  expect(code).toBe(1);
  expect(output).toMatch(/✗ address is public .* INTERNAL-URL/);
  expect(output).toContain('The engine refuses private addresses for workers registered in the dashboard');
  expect(output).toMatch(/✓ \/worker\/health is 200 .* 3 tools; healthy, but the engine will load none of them/);
  expect(output).toContain(`npm run register -- ${name} --print`);
  expect(output).not.toContain(secret);
});

test('verify passes every step with an allow-list, and reports it with --json', async () => {
  const flags = [
    '--url',
    worker.url,
    '--allowlisted',
    '127.0.0.0/8',
    '--expect',
    'echo,add,whoami',
    '--invoke',
    'all',
    '--json',
  ];
  const { code, output } = await run('verify/verify', [name, ...flags], {
    [secretVariable]: secret,
  });
  const { ok, servers } = JSON.parse(output);
  // Speed depends on the machine.
  const steps = servers[0].steps.filter(({ name }: { name: string }) => name !== 'speed');
  expect(steps.map(({ name, state }: { name: string; state: string }) => `${name} ${state}`)).toEqual(
    ['resolve', 'public', 'health', 'closed', 'token', 'tools', 'mcp', 'mcp-2026', 'invoke'].map(
      (name) => `${name} passed`,
    ),
  );
  expect({ ok, code }).toEqual({ ok: true, code: 0 });
});

test('verify reads the secret from standard input', async () => {
  const flags = ['--url', worker.url, '--allowlisted', '127.0.0.0/8', '--json'];
  expect(await run('verify/verify', [name, ...flags], {}, secret)).toMatchObject({ code: 0 });
});

test('register accepts a private address only when the allow-list covers it', async () => {
  const flags = [name, '--url', worker.url, '--engine', engine.url, '--secret-file', secretFile];
  const rejected = await run('register/register', flags, { ARCADE_API_KEY: apiKey });
  expect(rejected).toMatchObject({ code: 1, output: expect.stringContaining('✗ INTERNAL-URL') });
  const done = await run('register/register', [...flags, '--allowlisted', '127.0.0.0/8'], {
    ARCADE_API_KEY: apiKey,
  });
  expect(done).toMatchObject({
    code: 0,
    output: expect.stringContaining(`✓ the engine lists 3 tools of ${name}`),
  });
  expect(done.output).not.toContain(apiKey);
  expect(done.output).not.toContain(secret);
});

test.each<[string, string, string[], Record<string, string>]>([
  ['ENGINE-KEY', 'no key', [name, '--engine', 'http://127.0.0.1:1'], {}],
  ['USAGE', 'no engine', [name], { ARCADE_API_KEY: apiKey }],
  ['USAGE', 'no server', [], { ARCADE_API_KEY: apiKey }],
])('register fails with %s: %s', async (problem, _what, args, environment) => {
  const { code, output } = await run('register/register', args, environment);
  expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining(`✗ ${problem}`) });
});

test('requires --platform when there are several platforms, and names the platform in the JSON', async () => {
  addPlatform(repository, 'staging');
  for (const command of ['verify/verify', 'register/register']) {
    const { code, output } = await run(command, [name]);
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('--platform staging') });
  }
  const flags = ['--platform', 'staging', '--url', worker.url, '--no-secret', '--json'];
  const { output } = await run('verify/verify', [name, ...flags]);
  expect(JSON.parse(output)).toMatchObject({ platform: 'staging', servers: [{ name }] });
});

/** Runs a command in the copied repository until it exits. */
function run(command: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}, input = '') {
  return new Promise<{ code: number; output: string }>((resolve) => {
    const env = { PATH: process.env.PATH, NO_COLOR: '1', ...environment };
    const child = execFile(
      process.execPath,
      [join(repository, 'cli/run.mjs'), `gitops/${command}.command.ts`, ...args],
      { env },
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr }),
    );
    child.stdin?.end(input);
  });
}
