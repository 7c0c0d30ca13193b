import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from '../../cli/root';
import { isAlive, processOf } from './lock';
import type { Plane } from './plane';

// The programs are stand-ins that Go is not asked to build: what is judged here is who ends whom, and what is told.
const copy = mkdtempSync(join(tmpdir(), 'plane-'));
const standIn = join(copy, 'interop/cluster/stand-in');
const bin = join(copy, 'bin');
const objects = [
  ...['config/crd/bases', 'helm/sealed-secrets/crds', 'kustomize/stage/pod/fast'],
  ...['kustomize/stage/node/fast', 'kustomize/stage/node/heartbeat-with-lease', 'config/crd/standard'],
];
const definitions = [
  'config/crd/bases/keda.sh_scaledobjects',
  ...['externalsecrets', 'secretstores', 'clustersecretstores'].map(
    (kind) => `config/crds/bases/external-secrets.io_${kind}`,
  ),
  ...['podmonitors', 'prometheusrules', 'servicemonitors'].map(
    (kind) => `example/prometheus-operator-crd/monitoring.coreos.com_${kind}`,
  ),
];
const partNames = [
  ...['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok', 'sealed-secrets'],
  ...['source-controller', 'kustomize-controller', 'helm-controller'],
];

beforeAll(() => {
  for (const source of ['package.json', 'cli', 'model', 'charts', 'interop', 'testing', 'worker']) {
    cpSync(join(root, source), join(copy, source), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  for (const path of [...objects.map((folder) => `${folder}/object`), ...definitions]) {
    const file = join(standIn, 'module', `${path}.yaml`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '');
  }
  mkdirSync(bin);
  const script = (name: string, text: string) =>
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  script('go', `exec "${process.execPath}" "${join(standIn, 'go.mjs')}" "$@"`);
  // Not every machine lets everybody have namespaces; the program and its flags are the eighth word and what follows.
  script('unshare', 'shift 7; exec "$@"');
});

// A process is known by what /proc says of it.
const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('a cluster ends with whoever asked for it, and a second one is told where the first is', async () => {
  const first = command('start');
  const plane = await planeOf(first);
  expect(plane.parts.map(({ name }) => name).sort()).toEqual([...partNames].sort());
  expect(plane.parts.filter((part) => !isAlive(part))).toEqual([]);
  expect((await fetch(plane.certificate)).status).toBe(200);
  expect(statSync(plane.folder).mode & 0o777).toBe(0o700);
  const second = command('start');
  const told = text(second.stderr);
  expect(await codeOf(second)).toBe(1);
  expect(await told).toContain(`process ${first.pid} has one running, kubeconfig ${plane.kubeconfig}`);
  expect(plane.parts.filter((part) => !isAlive(part))).toEqual([]);
  // As when whoever asked is killed: its end of the pipe closes.
  first.stdin.destroy();
  expect(await codeOf(first)).toBe(0);
  expectGone(plane);
});

onLinux('a cluster that is kept outlives whoever asked, and is stopped from anywhere', async () => {
  const watch = command('start');
  const plane = await planeOf(watch);
  watch.stdin.end('keep\n');
  watch.stdout.destroy();
  watch.stderr.destroy();
  const stop = command('stop');
  const told = text(stop.stderr);
  expect(await codeOf(stop)).toBe(0);
  for (const { name, pid } of plane.parts) expect(await told).toContain(`${name} (${pid})`);
  await codeOf(watch);
  expectGone(plane);
});

onLinux('what is left after its watch was ended by force is told, and stopped by its ids', async () => {
  const watch = command('start');
  const plane = await planeOf(watch);
  watch.kill('SIGKILL');
  await codeOf(watch);
  expect(plane.parts.filter((part) => !isAlive(part))).toEqual([]);
  const next = command('start');
  const told = text(next.stderr);
  expect(await codeOf(next)).toBe(1);
  expect(await told).toMatch(/ended by force and left etcd \(\d+\), .*-- cluster --stop/s);
  expect(await codeOf(command('stop'))).toBe(0);
  expectGone(plane);
});

onLinux('a build that is cut off ends with its Go, and the next run builds that program again', async () => {
  // Another recipe: it is not built yet.
  appendFileSync(join(copy, 'interop/cluster/go/kube/main.go'), '// changed\n');
  const pidFile = join(standIn, 'go.pid');
  const watch = command('start', { STAND_IN_HANGS: pidFile });
  await until(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '');
  const go = processOf('go', Number(readFileSync(pidFile, 'utf8')));
  watch.kill('SIGINT');
  expect(await codeOf(watch)).toBe(130);
  await until(() => go !== undefined && !isAlive(go));
  const next = command('start');
  const told = text(next.stderr);
  const plane = await planeOf(next);
  next.stdin.end();
  expect(await codeOf(next)).toBe(0);
  expect(await told).toMatch(/Building kube, 1 of 9.*\nBuilt kube in/s);
  expectGone(plane);
});

/** The command in the copy, as the suite runs it. */
function command(verb: string, environment: Readonly<Record<string, string>> = {}): ChildProcessWithoutNullStreams {
  const env = { ...process.env, ...environment, PATH: `${bin}:${process.env.PATH}` };
  return spawn(process.execPath, ['cli/run.mjs', 'interop/cluster/plane.command.ts', verb], { cwd: copy, env });
}

/** What it says once it is ready. */
async function planeOf(watch: ChildProcessWithoutNullStreams): Promise<Plane> {
  const ready = once(createInterface({ input: watch.stdout }), 'line');
  const [line] = await Promise.race([ready, once(watch, 'exit').then(() => [])]);
  if (typeof line !== 'string') throw new Error('there is no cluster');
  // Written by the same sources.
  return JSON.parse(line);
}

async function codeOf(child: ChildProcessWithoutNullStreams): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}

function expectGone({ parts, folder }: Plane): void {
  expect(parts).toHaveLength(partNames.length);
  expect(parts.filter(isAlive)).toEqual([]);
  expect(existsSync(folder)).toBe(false);
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(20);
}
