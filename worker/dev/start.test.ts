import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

test('without the secret `npm start` ends with one line that says what to do', () => {
  const { ARCADE_WORKER_SECRET: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(__dirname, 'start.mjs')], {
    env,
    encoding: 'utf8',
    timeout: 30_000,
  });
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^Cannot start the worker: ARCADE_WORKER_SECRET is missing; .*npm run dev.*\n$/);
});
