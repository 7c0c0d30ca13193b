import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { recordedRepository } from '../../testing/repository';

test('without the secret `npm start` ends with a problem that says what to do', () => {
  const { ARCADE_WORKER_SECRET: _, ...env } = process.env;
  const command = [join(recordedRepository(), 'cli/run.mjs'), 'worker/dev/start.command.ts'];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { env, encoding: 'utf8' });
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^✗ SECRET-INPUT {2}Cannot start the worker: ARCADE_WORKER_SECRET is missing\n.*npm run dev/);
});
