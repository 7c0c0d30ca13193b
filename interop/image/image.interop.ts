import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { root } from '../../cli/root';
import { recordedServer } from '../../testing/exchanges/recorded';
import { type RunningServer, startServer } from '../../testing/processes/server';
import { recordedRepository } from '../../testing/repository-copy';
import { contract } from '../../worker/contract';
import { makeBaseImage } from './base-image';
import { buildah } from './buildah';

const baseImage = 'localhost/node-stand-in:latest';
const image = 'localhost/worker-under-test:latest';
const server = basename(recordedServer);

interface Settings {
  readonly User: string;
  readonly Entrypoint: readonly string[];
  readonly ExposedPorts: object;
  readonly Labels: Readonly<Record<string, string>>;
}

let settings: Settings;
let container: string;
let files: string;

/** Builds the Dockerfile for one server, without a registry; wants root. */
beforeAll(async () => {
  await makeBaseImage(baseImage);
  const context = recordedRepository();
  for (const file of ['Dockerfile', '.dockerignore', '.npmrc']) cpSync(join(root, file), join(context, file));
  const replaced = `node=container-image://${baseImage}`;
  const args = ['--build-arg', `SERVER=${server}`, '--build-context', replaced, '--tag', image];
  await buildah('bud', '--isolation', 'chroot', ...args, context);
  settings = JSON.parse(await buildah('inspect', '--type', 'image', image)).OCIv1.config;
  container = await buildah('from', image);
  files = await buildah('mount', container);
});
afterAll(async () => {
  if (container !== undefined) await buildah('rm', container);
  await buildah('rmi', '--force', image, baseImage);
});

test('the image says what Kubernetes and people read', () => {
  expect(settings.User).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  // Without a shell.
  expect([settings.Entrypoint.at(0), settings.Entrypoint.at(-1)]).toEqual(['node', '/app/worker.cjs']);
  expect(Object.keys(settings.ExposedPorts)).toContain(`${contract.port}/tcp`);
  expect(settings.Labels).toMatchObject({ 'org.opencontainers.image.title': server });
});

test('the worker in it is one file', () => {
  expect(readdirSync(join(files, 'app'))).toEqual(['worker.cjs']);
});

describe('without a shell, as the numeric user, on a read-only root filesystem', () => {
  /** A mount of its own makes the root filesystem read-only; chroot takes the numeric user. */
  const readOnlyRoot = `mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec chroot "$@"`;
  let worker: RunningServer;

  beforeAll(async () => {
    // Whatever the base brings along, the worker must not need it.
    for (const program of ['bin/sh', 'usr/bin/env', 'usr/bin/npm']) rmSync(join(files, program), { force: true });
    const chroot = ['sh', '-c', readOnlyRoot, 'sh', files, `--userspec=${settings.User}`, files];
    const [, ...entrypoint] = settings.Entrypoint;
    worker = await startServer({
      name: 'the worker of the image',
      command: ['unshare', '--mount', ...chroot, process.execPath, ...entrypoint],
      environment: (port) => ({
        ARCADE_SERVER_TRANSPORT: 'http',
        ARCADE_SERVER_HOST: '0.0.0.0',
        ARCADE_SERVER_PORT: String(port),
        ARCADE_WORKER_SECRET: 'a-secret-of-this-suite',
        WORKER_OPERATIONS_PORT: '0',
        WORKER_DRAIN_SECONDS: '0',
      }),
    });
  });
  afterAll(() => worker?.kill());

  test('it answers its health', async () => {
    const answer = await fetch(`${worker.url}${contract.paths.health}`);
    expect(await answer.json()).toEqual({ status: 'ok', tool_count: '3' });
  });

  test('it runs as that user', () => {
    const status = readFileSync(`/proc/${worker.pid}/status`, 'utf8');
    const [user = ''] = settings.User.split(':');
    expect(/^Uid:\s+(.*)$/m.exec(status)?.[1]?.split(/\s+/)).toEqual([user, user, user, user]);
  });

  test('its root filesystem is read-only', () => {
    const mounts = readFileSync(`/proc/${worker.pid}/mountinfo`, 'utf8').split('\n');
    const own = mounts.map((line) => line.split(' ')).find(([, , , , place]) => place === '/' || place === files);
    expect(own?.[5]?.split(',')).toContain('ro');
  });

  test('it stops in good order', async () => {
    expect(await worker.stop()).toBe(0);
  });
});
