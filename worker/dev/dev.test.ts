import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { recordedRepository } from '../../testing/repository';

const repository = recordedRepository();
const environment = { ARCADE_WORKER_SECRET: 's', ARCADE_SERVER_PORT: '0', WORKER_OPERATIONS_PORT: '0' };
const running = new Set<ChildProcess>();

afterEach(() => {
  for (const child of running) child.kill('SIGTERM');
  running.clear();
});

function run(script: string, flags: readonly string[], changes: Readonly<Record<string, string>> = {}) {
  const command = [join(repository, 'cli/run.mjs'), `worker/dev/${script}.command.ts`, ...flags];
  const child = spawn(process.execPath, command, { env: { ...environment, ...changes } });
  running.add(child);
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    said.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said.err += chunk;
  });
  return { child, said, code: once(child, 'close').then(([code]: unknown[]) => code) };
}

describe.each(['dev', 'start'])('%s', (script) => {
  test('shows its usage', async () => {
    const { said, code } = run(script, ['--help']);
    expect(await code).toBe(0);
    expect(said.out).toMatch(/^npm (run dev|start)\b[\s\S]*WORKER_OPERATIONS_PORT/);
  });

  test('refuses a flag it does not know', async () => {
    const { said, code } = run(script, ['--nonsense']);
    expect(await code).toBe(1);
    expect(said.err).toMatch(/^✗ USAGE {2}Cannot read the command line: Unknown option '--nonsense'[\s\S]*npm /);
  });
});

test('the greeting comes when the worker listens, and the worker ends with the command', async () => {
  const { child, said, code } = run('dev', []);
  while (!said.out.includes('In a browser')) await once(child.stdout, 'data');
  const [, url = ''] = /arcade-eval-ref +(http:\S+) /.exec(said.out) ?? [];
  expect((await fetch(`${url}/worker/health`)).status).toBe(200);
  child.kill('SIGTERM');
  expect(await code).toBe(0);
  await expect(fetch(`${url}/worker/health`)).rejects.toThrow('fetch failed');
});

test('a port that is taken ends the command with one line, and without a greeting', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  // Listening on a port, the address is never a text.
  const { port } = other.address() as AddressInfo;
  const { said, code } = run('dev', [], { ARCADE_SERVER_PORT: String(port) });
  expect(await code).toBe(1);
  expect(said.out).toBe('');
  expect(said.err).toMatch(/^Cannot listen on .* set ARCADE_SERVER_PORT .*\n/);
  other.close();
});
