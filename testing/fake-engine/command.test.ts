import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import Arcade from '@arcadeai/arcadejs';
import { root } from '../../cli/root';
import { toolkitNameOf } from '../../worker/catalog/names';
import { recordedToolkit } from '../exchanges/recorded';
import { bundledWorker, realWorker } from '../fake-deployment/real-worker';

const secret = 'a-secret-of-the-engine';
const folder = mkdtempSync(join(tmpdir(), 'engine-'));
const running: ChildProcess[] = [];
let worker: Awaited<ReturnType<typeof realWorker>>;

beforeAll(async () => {
  worker = await realWorker(await bundledWorker(folder), secret);
});

afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  await worker.close();
  rmSync(folder, { recursive: true });
});

test('calls tools of a local worker as production does, and exits on SIGTERM', async () => {
  const child = spawn(
    process.execPath,
    [
      join(root, 'cli/run.mjs'),
      'testing/fake-engine/engine.command.ts',
      '--worker',
      `dev=${worker.url}`,
      '--port',
      '0',
      '--json',
    ],
    { env: { PATH: process.env.PATH, ARCADE_WORKER_SECRET: secret }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  running.push(child);
  const [line = ''] = await firstLine(child);
  const { url, apiKey } = JSON.parse(line);
  const client = new Arcade({ baseURL: url, apiKey, maxRetries: 0, logLevel: 'off' });
  const tool_name = `${toolkitNameOf(recordedToolkit.name)}.Whoami`;
  const called = await client.tools.execute({ tool_name, user_id: 'user@example.com' });
  expect(called).toMatchObject({ success: true, output: { value: 'user@example.com' } });
  expect((await client.workers.get('dev')).binding).toEqual({ id: 'static', type: 'static' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
});

async function firstLine({ stdout }: ChildProcess): Promise<string[]> {
  if (stdout === null) return [];
  for await (const line of createInterface({ input: stdout })) return [line];
  return [];
}
