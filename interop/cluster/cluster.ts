import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { identityOf, type Manifest } from '../../charts/render';
import { root } from '../../cli/root';
import { type Ending, endingOf, run } from '../../testing/processes/program';
import { seen } from '../seen';
import type { Plane } from './plane';

/** A running cluster, used through kubectl. */
export class Cluster {
  constructor(
    readonly plane: Plane,
    /** Stops it, or keeps it running with INTEROP_KEEP. */
    readonly stop: () => Promise<void>,
  ) {}

  /** The environment of a program that uses the cluster, with a kubectl of the same version on the PATH. */
  get environment(): Readonly<Record<string, string | undefined>> {
    const { kubeconfig, programs } = this.plane;
    return { ...process.env, KUBECONFIG: kubeconfig, PATH: `${dirname(programs.kubectl)}:${process.env.PATH}` };
  }

  /** Runs kubectl, which may fail. */
  kubectl(args: readonly string[], input = ''): Promise<Ending> {
    return endingOf(this.plane.programs.kubectl, args, { input, env: this.environment });
  }

  /** Runs kubectl. @returns its standard output @throws Error with its output if it fails */
  succeeds(args: readonly string[]): Promise<string> {
    return run(this.plane.programs.kubectl, args, { env: this.environment });
  }

  /** Runs flux. @returns its standard output @throws Error with its output if it fails */
  flux(args: readonly string[]): Promise<string> {
    return run(this.plane.programs.flux, args, { env: this.environment });
  }

  /** Runs a shell command with kubectl and flux on the PATH. @returns its standard output @throws Error if it fails */
  shell(command: string): Promise<string> {
    const { PATH } = this.environment;
    const env = { ...this.environment, PATH: `${dirname(this.plane.programs.flux)}:${PATH}` };
    return run('sh', ['-ec', command], { env });
  }

  /** Sends a signal to a part. SIGSTOP makes it unavailable without a restart afterwards. */
  signal(name: string, signal: 'SIGSTOP' | 'SIGCONT'): void {
    const part = this.plane.parts.find((each) => each.name === name);
    if (part === undefined) throw new Error(`the cluster has no ${name}`);
    process.kill(part.pid, signal);
  }

  /** Applies objects server-side with strict validation, as Flux does. @throws Error with what the API server rejects */
  async apply(objects: readonly object[]): Promise<void> {
    const args = ['apply', '--server-side', '--validate=strict', '-f', '-'];
    await run(this.plane.programs.kubectl, args, { input: listOf(objects), env: this.environment });
  }

  /** Reads an object. @returns undefined when it does not exist @throws Error when kubectl fails */
  async read(kind: string, { namespace = 'default', name }: Named): Promise<Found | undefined> {
    const args = ['get', kind, name, '-n', namespace, '--ignore-not-found', '-o', 'json'];
    const { code, stdout, stderr } = await this.kubectl(args);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${code}\n${stderr}`);
    return stdout === '' ? undefined : JSON.parse(stdout);
  }

  /** Lists the objects of a kind in a namespace. @param labels a label selector. @default - all objects */
  async list(kind: string, namespace: string, labels = ''): Promise<readonly Found[]> {
    return JSON.parse(await this.succeeds(['get', kind, '-n', namespace, '-l', labels, '-o', 'json'])).items;
  }

  /** Every object of some kinds by identity, with its managed fields. */
  async readAll(kinds: readonly string[]): Promise<ReadonlyMap<string, Found & Manifest>> {
    const args = ['get', kinds.join(), '--all-namespaces', '--show-managed-fields', '-o', 'json'];
    const { items }: { items: readonly (Found & Manifest)[] } = JSON.parse(await this.succeeds(args));
    return new Map(items.map((item) => [identityOf(item), item]));
  }

  /** Waits up to two minutes for a state of an object. @throws Error with its last state */
  async until(kind: string, named: Named, isWanted: (found: Found | undefined) => boolean): Promise<Found | undefined> {
    const deadline = performance.now() + 120_000;
    for (;;) {
      const found = await this.read(kind, named);
      if (isWanted(found)) return found;
      if (performance.now() > deadline) {
        const last = JSON.stringify(found, null, 2);
        throw new Error(`${kind} ${named.namespace}/${named.name} is not as expected after two minutes: ${last}`);
      }
      await sleep(200);
    }
  }
}

/** The name of an object. */
export type Named = Pick<Manifest['metadata'], 'name' | 'namespace'>;

/** An object from the API server, with the fields that the suite reads. */
export interface Found {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly generation?: number;
    readonly resourceVersion?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly managedFields?: readonly { readonly manager: string }[];
  };
  /** Of a Deployment or a pod. */
  readonly spec?: {
    readonly replicas?: number;
    readonly nodeName?: string;
    readonly template?: { readonly spec: { readonly containers: readonly Container[] } };
    readonly containers?: readonly Container[];
  };
  readonly data?: Readonly<Record<string, string>>;
  readonly status?: {
    readonly observedGeneration?: number;
    readonly conditions?: readonly Condition[];
    readonly lastAppliedRevision?: string;
    readonly availableReplicas?: number;
    readonly disruptionsAllowed?: number;
    readonly currentReplicas?: number;
    readonly artifact?: { readonly url: string };
  };
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly envFrom?: readonly { readonly secretRef: { readonly name: string } }[];
}

/** A condition that a controller reports. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly observedGeneration?: number;
}

/**
 * A condition of an object, unless its controller reported it for an earlier generation. Flux's controllers note the generation
 * in the condition, and do not update the status' own when they fail.
 */
export function condition(found: Found | undefined, type: string): Condition | undefined {
  const reported = found?.status?.conditions?.find((each) => each.type === type);
  const generation = reported?.observedGeneration ?? found?.status?.observedGeneration;
  return generation === found?.metadata.generation ? reported : undefined;
}

/** Objects as one JSON document. */
export function listOf(items: readonly object[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

/**
 * Starts a cluster for a suite. A separate process supervises it, so with INTEROP_KEEP it outlives the suite.
 * @throws Error when it does not start; the reason is on standard error
 */
export async function startCluster(): Promise<Cluster> {
  const command = [join(root, 'cli/run.mjs'), 'interop/cluster/plane.command.ts', 'start'];
  // Detached from the terminal's process group: on Ctrl-C the pipe closes, and it stops its parts in order.
  // Does not inherit our standard error either: a program that reads ours would wait for a kept cluster to stop.
  const supervisor = spawn(process.execPath, command, { detached: true });
  supervisor.stderr.on('data', (chunk) => process.stderr.write(chunk));
  supervisor.stdin.on('error', () => undefined);
  const ended = once(supervisor, 'exit');
  const ready = once(createInterface({ input: supervisor.stdout }), 'line');
  const [line] = await Promise.race([ready, ended.then(() => [])]);
  if (typeof line !== 'string') throw new Error('The cluster did not start: see above');
  // plane.command.ts writes it.
  const plane: Plane = JSON.parse(line);
  return new Cluster(plane, async () => {
    if (process.env.INTEROP_KEEP !== undefined) {
      seen(
        `The cluster keeps running: export KUBECONFIG=${plane.kubeconfig}; stop it: npm run interop -- cluster --stop`,
      );
      supervisor.stdin.end('keep\n');
      for (const output of [supervisor.stdout, supervisor.stderr]) output.destroy();
      supervisor.unref();
      return;
    }
    supervisor.stdin.end();
    await ended;
  });
}
