import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../cli/root';
import { freePort } from '../../testing/free-port';
import { bootstrap } from './bootstrap';
import { writeCredentials } from './credentials';
import { isAlive, Lock, type ProcessId } from './lock';
import { controllers, controlPlane, listeners, type Ports, type Setting } from './parts';
import { type Part, startPart, stopAll } from './processes';
import { type Programs, programs } from './programs';
import { serveWeb } from './web';

/** A cluster that is ready. */
export interface Plane {
  /** The kubeconfig of a cluster administrator. */
  readonly kubeconfig: string;
  /** The loopback port of its API server. */
  readonly port: number;
  readonly programs: Programs;
  readonly parts: readonly ProcessId[];
  /** Bare repositories go into its `git/`, charts into its `charts/`. */
  readonly folder: string;
  /** The base URL that serves them, such as `http://127.0.0.1:…`: `/git/<name>.git`, `/charts`. */
  readonly web: string;
  /** The URL of the sealing certificate. */
  readonly certificate: string;
}

/** Data, keys and logs of the cluster. Its programs are elsewhere. */
const folder = join(root, '.cache/cluster');
const lock = new Lock(join(root, '.cache'));
const parts: ProcessId[] = [];
let isStopping = false;

/**
 * Builds missing programs and starts a cluster on the loopback address, one per checkout.
 * @param log receives a line for each part that is ready
 * @throws Problem USAGE while another cluster runs; TOOL-MISSING for a program that cannot be built or does not start
 */
export async function startPlane(log: (line: string) => void): Promise<Plane> {
  const kubeconfig = join(folder, 'admin.kubeconfig');
  lock.take(kubeconfig);
  const built = await programs();
  rmSync(folder, { recursive: true, force: true });
  // Only this user may read logs, data and keys.
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const setting: Setting = { programs: built, folder, ports: await freePorts() };
  writeCredentials(setting);
  const started = performance.now();
  const start = async (part: Part) => {
    if (isStopping) return;
    await startPart(part, folder, (id) => {
      parts.push(id);
      lock.note(parts);
    });
    log(`${part.name} is ready after ${Math.round(performance.now() - started)} ms`);
  };
  for (const part of controlPlane(setting)) await start(part);
  await bootstrap(setting);
  await Promise.all(controllers(setting).map(start));
  await serveWeb(folder, setting.ports.web);
  const { apiServer: port, web, sealedSecrets } = setting.ports;
  const certificate = `http://127.0.0.1:${sealedSecrets}/v1/cert.pem`;
  return { kubeconfig, port, programs: built, parts, folder, web: `http://127.0.0.1:${web}`, certificate };
}

/** Stops what this process has started, starts nothing more, and releases the lock. */
export async function stopPlane(): Promise<void> {
  isStopping = true;
  await stopAll(parts);
  if (lock.holder()?.owner.pid !== process.pid) return;
  rmSync(folder, { recursive: true, force: true });
  lock.drop();
}

/** Stops the cluster of another process, which may have ended. @returns the processes that were running */
export async function stopOther(): Promise<readonly ProcessId[]> {
  const holder = lock.holder();
  if (holder === undefined) {
    // Also removes an unreadable lock.
    lock.drop();
    return [];
  }
  const left = [...holder.parts, holder.owner].filter(isAlive);
  await stopAll(left);
  rmSync(folder, { recursive: true, force: true });
  lock.drop();
  return left;
}

async function freePorts(): Promise<Ports> {
  const found = new Set<number>();
  while (found.size < listeners.length) found.add(await freePort());
  const ports = [...found];
  // Complete: the loop above finds one port for each name.
  return Object.fromEntries(listeners.map((name, index) => [name, ports[index]])) as Ports;
}
