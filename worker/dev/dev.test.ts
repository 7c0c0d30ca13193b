import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
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
  expect(said.out).toMatch(/^As the engine:\n {2}npm run call -- whoami\n/m);
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
  // Not this tool, which comes last: its call would need more than inputs.
  expect(said.out).toContain('npm run call -- whoami\n');
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

test('ports in use end the command before it starts anything, with one problem that says what to do', async () => {
  const repository = recordedRepository();
  cpSync(join(repository, `servers/${server}`), join(repository, 'servers/second'), { recursive: true });
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  // The address of a TCP server is never a string.
  const { port } = other.address() as AddressInfo;
  const foreign = run('dev', [server], { ARCADE_SERVER_PORT: String(port) }, repository);
  expect([await foreign.code, foreign.said]).toEqual([1, { out: '', err: expect.any(String) }]);
  expect(foreign.said.err).toBe(`✗ USAGE  Cannot listen on 127.0.0.1: port ${port} is in use
    fix  stop the program that listens there, or set ARCADE_SERVER_PORT to a free port
1 error
`);
  other.close();
  const { child, said } = run('dev', [server], {}, repository);
  while (!said.out.includes('In a browser')) await once(child.stdout, 'data');
  const [, url = '', main = '', operations = ''] =
    new RegExp(`^${server} +(http:\\S+:(\\d+)) .*:(\\d+) *$`, 'm').exec(said.out) ?? [];
  const ports = { ARCADE_SERVER_PORT: main, WORKER_OPERATIONS_PORT: operations };
  const second = run('dev', ['second'], ports, repository);
  expect([await second.code, second.said]).toEqual([1, { out: '', err: expect.any(String) }]);
  expect(
    second.said.err,
  ).toBe(`✗ USAGE  Cannot listen on 127.0.0.1: ports ${main} and ${operations} are in use, probably by another \`npm run dev\`: the last one listened on ${url}
    fix  stop that one, or run all servers in one with \`npm run dev -- --all\`, or set ARCADE_SERVER_PORT and WORKER_OPERATIONS_PORT to free ports
1 error
`);
});

test('a worker that cannot listen ends the command, which promises no restart', async () => {
  // An address for documentation (RFC 5737), which no machine has.
  const { said, code } = run('dev', [], { ARCADE_SERVER_HOST: '192.0.2.1' });
  expect(await code).toBe(1);
  expect(said.err).toMatch(/^Cannot listen on 192\.0\.2\.1 [\s\S]* exited with 1 before it listened\n$/);
});

test('ends with its worker when the shell that npm started it in has ended, and outlives any other shell', async () => {
  const [plain, npms] = [recordedRepository(), recordedRepository()];
  const shell = spawn('sh', ['-c', 'node cli/run.mjs worker/dev/dev.command.ts & echo "pid $!"; wait'], {
    cwd: plain,
    env: { PATH: process.env.PATH, ...environment },
  });
  const npm = spawn('npm', ['run', 'dev'], { cwd: npms, env: { PATH: process.env.PATH, ...environment } });
  const said = ['', ''];
  for (const [index, child] of [shell, npm].entries()) {
    running.add(child);
    child.stdout.on('data', (chunk) => {
      said[index] += chunk;
    });
    while (!said[index]?.includes('In a browser')) await once(child.stdout, 'data');
  }
  const urls = said.map((text) => new RegExp(`^${server} +(http:\\S+) `, 'm').exec(text)?.[1]);
  const ended = [once(shell, 'exit'), once(npm, 'close')];
  for (const child of [shell, npm]) child.kill('SIGTERM');
  await Promise.all(ended);
  await expect(fetch(`${urls[1]}/worker/health`)).rejects.toThrow('fetch failed');
  expect((await fetch(`${urls[0]}/worker/health`)).status).toBe(200);
  const closed = once(shell, 'close');
  process.kill(Number(/^pid (\d+)$/m.exec(said[0] ?? '')?.[1]), 'SIGTERM');
  await closed;
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

test('prints a call of a tool that works as it is, with the inputs of its first example that succeeds', async () => {
  const repository = recordedRepository();
  cpSync(join(repository, `servers/${server}`), join(repository, 'servers/second'), { recursive: true });
  writeFileSync(join(repository, `servers/${server}/tools/plan_tour.ts`), planning);
  const { child, said } = run('dev', [server], {}, repository);
  while (!said.out.includes('In a browser')) await once(child.stdout, 'data');
  const [line = ''] = /npm run call -- .*/.exec(said.out) ?? [];
  expect(line).toBe(
    `npm run call -- ${server} plan_tour from=2028-02-28 'title=@@home, it'\\''s late' days=2 limit:=null 'tags=["a b"]'`,
  );
  const env = { PATH: process.env.PATH, ARCADE_WORKER_SECRET: environment.ARCADE_WORKER_SECRET };
  const { stdout } = await promisify(execFile)('sh', ['-c', line], { cwd: repository, env });
  expect(stdout).toContain(`{"from":"2028-02-28","title":"@home, it's late","days":2,"limit":null,"tags":["a b"]}\n`);
});

const planning = `import { defineTool, z } from '#tool';
export default defineTool({
  description: 'Plan.',
  input: z.strictObject({
    from: z.string().describe('A day.'),
    title: z.string().describe('A title.'),
    days: z.int().describe('How many.'),
    limit: z.int().nullable().describe('A limit.'),
    tags: z.array(z.string()).describe('Some.'),
  }),
  output: z.string(),
  examples: [
    { input: { from: '', title: '', days: 0, limit: 0, tags: [] }, fails: 'TOOL_RUNTIME_FATAL' },
    { input: { from: '2028-02-28', title: "@home, it's late", days: 2, limit: null, tags: ['a b'] }, output: '' },
  ],
  run: (input) => JSON.stringify(input),
});
`;

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
