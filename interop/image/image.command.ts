import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../../cli/command';
import { Problem } from '../../model/problem';
import { contract } from '../../worker/contract';
import { makeBaseImage } from './base-image';
import { buildah } from './buildah';

const baseImage = 'localhost/node-stand-in:latest';
const image = 'localhost/worker-under-test:latest';
const port = 18_000;

void runCommand({
  usage:
    'npm run interop -- image    builds the Dockerfile with buildah, without a registry, and runs the result as the\n' +
    '                            numeric user, on a read-only root filesystem, without any shell (needs root)',
  options: {},
  async run() {
    makeBaseImage(baseImage);
    const replaced = `node=container-image://${baseImage}`;
    buildah('bud', '--isolation', 'chroot', '--build-context', replaced, '--tag', image, '.');
    const user = checkSettings();
    await runImage(user);
    buildah('rmi', image, baseImage);
    return 0;
  },
});

/** What Kubernetes and people read of an image. Returns its user. */
function checkSettings(): string {
  const { config } = JSON.parse(buildah('inspect', '--type', 'image', image)).OCIv1;
  say('the user is a number', /^\d+:\d+$/.test(config.User) && !config.User.startsWith('0:'), config.User);
  say(
    'it starts without a shell',
    config.Entrypoint.at(0) === 'node' && config.Entrypoint.at(-1) === '/app/worker.cjs',
    config.Entrypoint,
  );
  say('both ports are named', `${contract.port}/tcp` in config.ExposedPorts, Object.keys(config.ExposedPorts));
  say('it is labelled', Boolean(config.Labels['org.opencontainers.image.title']), Object.keys(config.Labels));
  return config.User;
}

async function runImage(user: string): Promise<void> {
  const container = buildah('from', image);
  try {
    const files = buildah('mount', container);
    say(
      'the worker is one file',
      readdirSync(join(files, 'app')).join() === 'worker.cjs',
      readdirSync(join(files, 'app')),
    );
    // Whatever the base brings along, the worker must not need it.
    for (const program of ['bin/sh', 'usr/bin/env', 'usr/bin/npm']) rmSync(join(files, program), { force: true });
    await answers(files, user);
  } finally {
    buildah('rm', container);
  }
}

/** A mount of its own makes the root filesystem read-only; chroot takes the numeric user. */
const readOnlyRoot = `mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec chroot "$@"`;

async function answers(files: string, user: string): Promise<void> {
  const command = ['--mount', 'sh', '-c', readOnlyRoot, 'sh', files, `--userspec=${user}`, files];
  const worker = spawn('unshare', [...command, process.execPath, '/app/worker.cjs'], {
    env: {
      ARCADE_SERVER_TRANSPORT: 'http',
      ARCADE_SERVER_HOST: '0.0.0.0',
      ARCADE_SERVER_PORT: String(port),
      ARCADE_WORKER_SECRET: 'a-secret-of-this-suite',
      WORKER_OPERATIONS_PORT: String(port + 1),
      WORKER_DRAIN_SECONDS: '0',
      PATH: process.env.PATH,
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  try {
    const answer = await firstAnswer(`http://127.0.0.1:${port}${contract.paths.health}`);
    say('it answers its health', answer === '{"status":"ok","tool_count":"3"}', answer);
    const status = readFileSync(`/proc/${worker.pid}/status`, 'utf8');
    const ids = /^Uid:\s+(.*)$/m.exec(status)?.[1];
    say(
      'it runs as that user',
      ids?.split(/\s+/).every((id) => `${id}:` === user.slice(0, id.length + 1)) ?? false,
      ids,
    );
    const mounts = readFileSync(`/proc/${worker.pid}/mountinfo`, 'utf8').split('\n');
    const own = mounts.find((line) => line.split(' ')[4] === '/' || line.split(' ')[4] === files);
    say('its root filesystem is read-only', own?.split(' ')[5]?.split(',').includes('ro') ?? false, own);
    worker.kill('SIGTERM');
    const [code] = await once(worker, 'exit');
    say('it stops in good order', code === 0, code);
  } finally {
    worker.kill('SIGKILL');
  }
}

async function firstAnswer(url: string): Promise<string> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer !== undefined) return answer.text();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Problem('INTEROP-FAILED', `Cannot reach ${url}: no answer within 10 s`, {
    fix: 'look at its output above',
  });
}

function say(what: string, isSo: boolean, found: unknown): void {
  if (!isSo) {
    throw new Problem('INTEROP-FAILED', `Cannot say that ${what}: found ${JSON.stringify(found)}`, {
      fix: 'look at the Dockerfile',
    });
  }
  process.stdout.write(`✓ ${what}\n`);
}
