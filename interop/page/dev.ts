import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import { basename, join } from 'node:path';
import { root } from '../../cli/root';
import { recordedServer } from '../../testing/exchanges/recorded';
import { recordedRepository } from '../../testing/repository-copy';

/** `npm run dev` as a process of its own. */
export interface Dev {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts it in a copy of the repository, with the recorded tools and those of `interop/page/server`. @throws Error with its log */
export async function startDev(variables: Readonly<Record<string, string>>): Promise<Dev> {
  const repository = recordedRepository();
  const own = { recursive: true };
  cpSync(join(root, 'interop/page/server'), join(repository, 'servers', basename(recordedServer)), own);
  const child = spawn(process.execPath, [join(repository, 'cli/run.mjs'), 'worker/dev/dev.command.ts'], {
    env: { PATH: process.env.PATH, ARCADE_SERVER_PORT: '0', WORKER_OPERATIONS_PORT: '0', ...variables },
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      log += chunk;
    });
  }
  const gone = once(child, 'exit');
  const ended = gone.then(() => Promise.reject(new Error(log)));
  // Nobody waits for it once the worker is up.
  ended.catch(() => undefined);
  while (!log.includes('In a browser')) await Promise.race([once(child.stdout, 'data'), ended]);
  const [, url = ''] = /try a tool: (http:\S+)\/try/.exec(log) ?? [];
  return {
    url,
    stop: async () => {
      child.kill('SIGTERM');
      await gone;
    },
  };
}
