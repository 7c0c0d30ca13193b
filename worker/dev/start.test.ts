import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import packageJson from '../../package.json';
import { recordedName, recordedServer } from '../../testing/exchanges/recorded';
import { recordedRepository } from '../../testing/repository-copy';

const repository = recordedRepository();

test('`npm start` without the secret ends with a problem and its fix', () => {
  const { ARCADE_WORKER_SECRET: _, ...env } = process.env;
  const command = [join(repository, 'cli/run.mjs'), 'worker/dev/start.command.ts'];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { env, encoding: 'utf8' });
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^✗ SECRET-INPUT {2}Cannot start the worker: ARCADE_WORKER_SECRET is missing\n.*npm run dev/);
});

test('clients that start it in parallel each get their response, and no files remain', async () => {
  const call = {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: `${recordedName}_Echo`, arguments: { message: 'x' } },
  };
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => {
      const child = spawn(process.execPath, [join(repository, 'cli/run.mjs'), 'worker/dev/start.command.ts'], {
        env: { ...process.env, ARCADE_SERVER_TRANSPORT: 'stdio', LOG_LEVEL: 'error' },
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      child.stdin.end(`${JSON.stringify(call)}\n`);
      return text(child.stdout);
    }),
  );
  expect(answers.map((answer) => JSON.parse(answer).result.structuredContent)).toEqual(
    answers.map(() => ({ result: 'x' })),
  );
  expect(readdirSync(join(repository, 'build')).filter((file) => file.startsWith(basename(recordedServer)))).toEqual(
    [],
  );
});

test('no variable lets callers use the secrets that `npm run dev` would let them use', async () => {
  const repository = recordedRepository();
  const tool = join(repository, 'servers', basename(recordedServer), 'tools/spend.ts');
  writeFileSync(tool, spending);
  const child = spawn(process.execPath, [join(repository, 'cli/run.mjs'), 'worker/dev/start.command.ts'], {
    env: {
      ...{ ARCADE_WORKER_SECRET: 's', ARCADE_SERVER_PORT: '0', WORKER_OPERATIONS_PORT: '0', NODE_ENV: 'development' },
      ...{ API_KEY: 'own', TOOL_SECRET_API_KEY: 'key', TOOL_TOKEN_GITHUB: 'tok' },
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const [{ url }] = await once(child, 'message');
  const params = { name: `${recordedName}_Spend`, arguments: {} };
  const answer = await fetch(`${url}/mcp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
  });
  expect(await answer.json()).toMatchObject({
    result: { isError: true, content: [{ text: expect.stringMatching(/^Cannot call/) }, {}] },
  });
  child.kill('SIGINT');
  await once(child, 'close');
});

const spending = `import { defineTool, z } from '#tool';
export default defineTool({
  description: 'Spend.',
  input: z.strictObject({}),
  output: z.string(),
  requires: { secrets: ['API_KEY'] },
  examples: [{ input: {}, context: { secrets: { API_KEY: 'a' } }, output: 'a' }],
  run: (_input, { secrets }) => secrets.get('API_KEY'),
});
`;

test('runs with the Node flags of the image', () => {
  const dockerfile = readFileSync(join(__dirname, '../../Dockerfile'), 'utf8');
  const command: readonly string[] = JSON.parse(/^ENTRYPOINT (.*)$/m.exec(dockerfile)?.[1] ?? '[]');
  expect(command.length).toBeGreaterThan(2);
  expect(packageJson.scripts.start).toBe(
    [...command.slice(0, -1), 'cli/run.mjs worker/dev/start.command.ts'].join(' '),
  );
});
