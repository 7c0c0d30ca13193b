import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { recordedName, recordedServer } from '../../testing/exchanges/recorded';
import { recordedRepository } from '../../testing/repository-copy';

const repository = recordedRepository();
const server = basename(recordedServer);
const environment = { ARCADE_WORKER_SECRET: 's', ARCADE_SERVER_PORT: '0', WORKER_OPERATIONS_PORT: '0' };
const running = new Set<ChildProcess>();

afterEach(async () => {
  const left = [...running].filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
  const ends = left.map((child) => once(child, 'close'));
  for (const child of left) child.kill('SIGTERM');
  await Promise.all(ends);
  running.clear();
});

function run(
  script: string,
  flags: readonly string[],
  changes: Readonly<Record<string, string>> = {},
  folder = repository,
) {
  const command = [join(folder, 'cli/run.mjs'), `worker/dev/${script}.command.ts`, ...flags];
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

test('greets when the worker listens, and stops the worker with the command', async () => {
  const { child, said, code } = run('dev', []);
  while (!said.out.includes('In a browser')) await once(child.stdout, 'data');
  const [, url = ''] = new RegExp(`${server} +(http:\\S+) `).exec(said.out) ?? [];
  expect((await fetch(`${url}/worker/health`)).status).toBe(200);
  const call = run('call', ['echo', 'message=[urgent] call', '--url', url]);
  expect([await call.code, call.said.out]).toEqual([0, '[urgent] call\n']);
  const wrong = run('call', ['eco', '--url', url]);
  expect([await wrong.code, wrong.said.err]).toEqual([1, expect.stringMatching(/TOOL-UNKNOWN[\s\S]*write "Echo"/)]);
  child.kill('SIGTERM');
  expect(await code).toBe(0);
  await expect(fetch(`${url}/worker/health`)).rejects.toThrow('fetch failed');
});

test('a tool with a secret and a token can be tried over /mcp and by call, which name what is missing', async () => {
  const repository = recordedRepository();
  writeFileSync(join(repository, `servers/${server}/tools/spend.ts`), spending);
  const { child, said } = run('dev', [], { TOOL_SECRET_API_KEY: 'key', TOOL_TOKEN_GITHUB: 'tok' }, repository);
  while (!said.out.includes('In a browser')) await once(child.stdout, 'data');
  const [, url = ''] = new RegExp(`${server} +(http:\\S+) `).exec(said.out) ?? [];
  const params = { name: `${recordedName}_Spend`, arguments: {} };
  const answer = await fetch(`${url}/mcp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
  });
  expect(await answer.json()).toMatchObject({ result: { structuredContent: { result: 'key tok' } } });
  const flags = ['spend', '--url', url, '--secret', 'API_KEY', '--token', 'MY_TOKEN'];
  const call = run('call', flags, { API_KEY: 'other', MY_TOKEN: 'mine' }, repository);
  expect([await call.code, call.said.out]).toEqual([0, 'other mine\n']);
  const missing = run('call', flags.slice(0, 5), { API_KEY: 'other' }, repository);
  expect(await missing.code).toBe(1);
  expect(missing.said.err).toMatch(/SECRET-INPUT[\s\S]*a token of github[\s\S]*put TOOL_TOKEN_GITHUB=… in front/);
  const pasted = run('call', ['spend', '--url', url, '--token', 'gho_123456'], {}, repository);
  expect([await pasted.code, pasted.said.err]).toEqual([1, expect.not.stringContaining('gho_123456')]);
});

const spending = `import { defineTool, z } from '#tool';
export default defineTool({
  description: 'Spend.',
  input: z.strictObject({}),
  output: z.string(),
  requires: { secrets: ['API_KEY'], authorization: { provider: 'github' } },
  examples: [{ input: {}, context: { secrets: { API_KEY: 'a' }, token: 'b' }, output: 'a b' }],
  run: (_input, { secrets, token }) => secrets.get('API_KEY') + ' ' + token,
});
`;

test('a port in use ends the command with one line and no greeting', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  // The address of a TCP server is never a string.
  const { port } = other.address() as AddressInfo;
  const { said, code } = run('dev', [], { ARCADE_SERVER_PORT: String(port) });
  expect(await code).toBe(1);
  expect(said.out).toBe('');
  expect(said.err).toMatch(/^Cannot listen on .* set ARCADE_SERVER_PORT .*\n/);
  other.close();
});

test('names a tool that cannot be loaded, and keeps serving the last good build until it is fixed', async () => {
  const repository = recordedRepository();
  const tool = join(repository, `servers/${server}/tools/echo.ts`);
  const right = readFileSync(tool, 'utf8');
  const { child, said } = run('dev', [], {}, repository);
  const isSaid = async (words: string) => {
    while (!`${said.out}${said.err}`.includes(words))
      await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data')]);
  };
  await isSaid('In a browser');
  const [, url = ''] = new RegExp(`${server} +(http:\\S+) `).exec(said.out) ?? [];
  writeFileSync(tool, right.replace("description: 'Send", "description: '', hidden: 'Send"));
  await isSaid('the last good build keeps serving');
  expect(said.err).toContain('echo: the description is empty');
  expect((await fetch(`${url}/worker/health`)).status).toBe(200);
  writeFileSync(tool, right.replace('unchanged.', 'unchanged, again.'));
  await isSaid('worker stopped');
});

test('--all starts every server on its own ports and prints one table of addresses', async () => {
  const repository = recordedRepository();
  cpSync(join(repository, `servers/${server}`), join(repository, 'servers/second'), { recursive: true });
  const { child, said, code } = run('dev', ['--all'], {}, repository);
  while (!said.out.includes('In a browser')) await once(child.stdout, 'data');
  const urls = [...said.out.matchAll(new RegExp(`^(?:${server}|second) +(http:\\S+) `, 'gm'))].map(
    ([, url = '']) => url,
  );
  expect(new Set(urls).size).toBe(2);
  const healths = await Promise.all(urls.map(async (url) => (await fetch(`${url}/worker/health`)).status));
  expect(healths).toEqual([200, 200]);
  child.kill('SIGTERM');
  expect(await code).toBe(0);
});

test('lists the servers instead of guessing when several exist and none is named', async () => {
  const repository = recordedRepository();
  cpSync(join(repository, `servers/${server}`), join(repository, 'servers/second'), { recursive: true });
  const { said, code } = run('dev', [], {}, repository);
  expect(await code).toBe(1);
  expect(said.err).toContain(`name one of: ${server}, second`);
});
