import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../cli/root';
import { freePort } from '../../testing/free-port';
import { bootstrap } from './bootstrap';
import { writeCredentials } from './credentials';
import { isAlive, Lock, type ProcessId } from './lock';
import { controllers, controlPlane, listeners, type Ports, type Setting } from './parts';
import { endAll, type Part, startPart } from './processes';
import { type Programs, programs } from './programs';
import { serveWeb } from './web';

/** A cluster that is ready, for whoever uses it. */
export interface Plane {
  /** Of somebody who may do everything. */
  readonly kubeconfig: string;
  /** The port of the loopback address at which its API server answers. */
  readonly port: number;
  readonly programs: Programs;
  readonly parts: readonly ProcessId[];
  /** Bare repositories go into `git/` there, and charts into `charts/`. */
  readonly folder: string;
  /** Where the cluster finds them, such as `http://127.0.0.1:…`: `/git/<name>.git`, `/charts`. */
  readonly web: string;
  /** The certificate to seal with. */
  readonly certificate: string;
}

/** Everything of a cluster but its programs; the logs of its parts are there as well. */
const folder = join(root, '.cache/cluster');
const lock = new Lock(join(root, '.cache'));
const parts: ProcessId[] = [];
let isStopping = false;

/**
 * Builds what is not built, and starts a cluster on the loopback address: one in this checkout at a time.
 * @param tell is told what has started, and after how many milliseconds
 * @throws Problem USAGE while there is another; TOOL-MISSING without what it is made of, or for a part that fails
 */
export async function startPlane(tell: (line: string) => void): Promise<Plane> {
  const kubeconfig = join(folder, 'admin.kubeconfig');
  lock.take(kubeconfig);
  const built = await programs();
  rmSync(folder, { recursive: true, force: true });
  // Logs, data and keys are for this user alone.
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
    tell(`${part.name} is ready after ${Math.round(performance.now() - started)} ms`);
  };
  for (const part of controlPlane(setting)) await start(part);
  await bootstrap(setting);
  await Promise.all(controllers(setting).map(start));
  await serveWeb(folder, setting.ports.web);
  const { apiServer: port, web, sealedSecrets } = setting.ports;
  const certificate = `http://127.0.0.1:${sealedSecrets}/v1/cert.pem`;
  return { kubeconfig, port, programs: built, parts, folder, web: `http://127.0.0.1:${web}`, certificate };
}

/** Ends what this process has started, starts nothing more, and gives the lock back. */
export async function stopPlane(): Promise<void> {
  isStopping = true;
  await endAll(parts);
  if (lock.holder()?.owner.pid !== process.pid) return;
  rmSync(folder, { recursive: true, force: true });
  lock.drop();
}

/** Ends a cluster that another process watches over, or has left. @returns what was running */
export async function stopOther(): Promise<readonly ProcessId[]> {
  const holder = lock.holder();
  if (holder === undefined) {
    // What nobody can read is nobody's.
    lock.drop();
    return [];
  }
  const left = [...holder.parts, holder.owner].filter(isAlive);
  await endAll(left);
  rmSync(folder, { recursive: true, force: true });
  lock.drop();
  return left;
}

async function freePorts(): Promise<Ports> {
  const found = new Set<number>();
  while (found.size < listeners.length) found.add(await freePort());
  const ports = [...found];
  // One for each name: the loop above ends with as many.
  return Object.fromEntries(listeners.map((name, index) => [name, ports[index]])) as Ports;
}
