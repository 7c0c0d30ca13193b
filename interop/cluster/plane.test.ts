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

// A fake Go builds stand-in programs: the tests cover which process stops which, and the messages.
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
  // Not every machine permits user namespaces. Drops the arguments of unshare and sh in front of the program.
  script('unshare', 'shift 7; exec "$@"');
});

// Processes are identified through /proc.
const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('stops the cluster when its caller ends, and refuses a second one, naming the first', async () => {
  const first = command('start');
  const plane = await planeOf(first);
  expect(plane.parts.map(({ name }) => name).sort()).toEqual([...partNames].sort());
  expect(plane.parts.filter((part) => !isAlive(part))).toEqual([]);
  expect((await fetch(plane.certificate)).status).toBe(200);
  expect(statSync(plane.folder).mode & 0o777).toBe(0o700);
  const second = command('start');
  const printed = text(second.stderr);
  expect(await codeOf(second)).toBe(1);
  expect(await printed).toContain(`process ${first.pid} is running one, kubeconfig ${plane.kubeconfig}`);
  expect(plane.parts.filter((part) => !isAlive(part))).toEqual([]);
  // When the caller is killed, its end of the pipe closes.
  first.stdin.destroy();
  expect(await codeOf(first)).toBe(0);
  expectGone(plane);
});

onLinux('a kept cluster outlives its caller until the stop command', async () => {
  const supervisor = command('start');
  const plane = await planeOf(supervisor);
  supervisor.stdin.end('keep\n');
  supervisor.stdout.destroy();
  supervisor.stderr.destroy();
  const stop = command('stop');
  const printed = text(stop.stderr);
  expect(await codeOf(stop)).toBe(0);
  for (const { name, pid } of plane.parts) expect(await printed).toContain(`${name} (${pid})`);
  await codeOf(supervisor);
  expectGone(plane);
});

onLinux('names the processes that a killed supervisor left behind, and stops them by id', async () => {
  const supervisor = command('start');
  const plane = await planeOf(supervisor);
  supervisor.kill('SIGKILL');
  await codeOf(supervisor);
  expect(plane.parts.filter((part) => !isAlive(part))).toEqual([]);
  const next = command('start');
  const printed = text(next.stderr);
  expect(await codeOf(next)).toBe(1);
  expect(await printed).toMatch(/was killed and left etcd \(\d+\), .*-- cluster --stop/s);
  expect(await codeOf(command('stop'))).toBe(0);
  expectGone(plane);
});

onLinux('a cancelled build stops Go, and the next run builds that program again', async () => {
  // Changes the recipe, so the program is not in the cache.
  appendFileSync(join(copy, 'interop/cluster/go/kube/main.go'), '// changed\n');
  const pidFile = join(standIn, 'go.pid');
  const supervisor = command('start', { STAND_IN_HANGS: pidFile });
  await until(() => supervisor.exitCode !== null || (existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== ''));
  expect(supervisor.exitCode).toBeNull();
  const go = processOf('go', Number(readFileSync(pidFile, 'utf8')));
  supervisor.kill('SIGINT');
  expect(await codeOf(supervisor)).toBe(130);
  await until(() => go !== undefined && !isAlive(go));
  const next = command('start');
  const printed = text(next.stderr);
  const plane = await planeOf(next);
  next.stdin.end();
  expect(await codeOf(next)).toBe(0);
  expect(await printed).toMatch(/Building kube, 1 of 9.*\nBuilt kube in/s);
  expectGone(plane);
});

/** Runs the command in the copy, as the suite does. */
function command(verb: string, environment: Readonly<Record<string, string>> = {}): ChildProcessWithoutNullStreams {
  const env = { ...process.env, ...environment, PATH: `${bin}:${process.env.PATH}` };
  return spawn(process.execPath, ['cli/run.mjs', 'interop/cluster/plane.command.ts', verb], { cwd: copy, env });
}

/** The cluster that it reports when it is ready. */
async function planeOf(supervisor: ChildProcessWithoutNullStreams): Promise<Plane> {
  const ready = once(createInterface({ input: supervisor.stdout }), 'line');
  const [line] = await Promise.race([ready, once(supervisor, 'exit').then(() => [])]);
  if (typeof line !== 'string') throw new Error('the cluster did not start');
  // plane.command.ts writes it.
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

async function until(isDone: () => boolean): Promise<void> {
  while (!isDone()) await sleep(20);
}
