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

/** A cluster as the story sees it: through kubectl. */
export class Cluster {
  constructor(
    readonly plane: Plane,
    /** Ends it, or leaves it running for whoever wants to look at it. */
    readonly end: () => Promise<void>,
  ) {}

  /** What a program needs to find it, kubectl of the same version on the PATH included. */
  get environment(): Readonly<Record<string, string | undefined>> {
    const { kubeconfig, programs } = this.plane;
    return { ...process.env, KUBECONFIG: kubeconfig, PATH: `${dirname(programs.kubectl)}:${process.env.PATH}` };
  }

  /** kubectl, whatever it ends with. */
  kubectl(args: readonly string[], input = ''): Promise<Ending> {
    return endingOf(this.plane.programs.kubectl, args, { input, env: this.environment });
  }

  /** kubectl where it has to go well. @returns what it printed @throws Error with what it said */
  succeeds(args: readonly string[]): Promise<string> {
    return run(this.plane.programs.kubectl, args, { env: this.environment });
  }

  /** The same of flux. */
  flux(args: readonly string[]): Promise<string> {
    return run(this.plane.programs.flux, args, { env: this.environment });
  }

  /** Runs a command as a person does who has flux as well. @returns what it printed @throws Error with what it said */
  shell(command: string): Promise<string> {
    const { PATH } = this.environment;
    const env = { ...this.environment, PATH: `${dirname(this.plane.programs.flux)}:${PATH}` };
    return run('sh', ['-ec', command], { env });
  }

  /** Sends a signal to a part: stopped, it is as good as away, but comes back at once. */
  signal(name: string, signal: 'SIGSTOP' | 'SIGCONT'): void {
    const part = this.plane.parts.find((each) => each.name === name);
    if (part === undefined) throw new Error(`the cluster has no ${name}`);
    process.kill(part.pid, signal);
  }

  /** Gives objects to the cluster, as Flux does: server-side, and strictly. @throws Error with what it refuses */
  async apply(objects: readonly object[]): Promise<void> {
    const args = ['apply', '--server-side', '--validate=strict', '-f', '-'];
    await run(this.plane.programs.kubectl, args, { input: listOf(objects), env: this.environment });
  }

  /** An object as it stands. @returns undefined when there is none @throws Error when nobody answers */
  async read(kind: string, { namespace = 'default', name }: Named): Promise<Found | undefined> {
    const args = ['get', kind, name, '-n', namespace, '--ignore-not-found', '-o', 'json'];
    const { code, stdout, stderr } = await this.kubectl(args);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${code}\n${stderr}`);
    return stdout === '' ? undefined : JSON.parse(stdout);
  }

  /** The objects of a kind in a namespace, those with these labels alone when some are given. */
  async list(kind: string, namespace: string, labels = ''): Promise<readonly Found[]> {
    return JSON.parse(await this.succeeds(['get', kind, '-n', namespace, '-l', labels, '-o', 'json'])).items;
  }

  /** Every object of some kinds by its identity, with who has set which of its fields. */
  async readAll(kinds: readonly string[]): Promise<ReadonlyMap<string, Found & Manifest>> {
    const args = ['get', kinds.join(), '--all-namespaces', '--show-managed-fields', '-o', 'json'];
    const { items }: { items: readonly (Found & Manifest)[] } = JSON.parse(await this.succeeds(args));
    return new Map(items.map((item) => [identityOf(item), item]));
  }

  /** Waits until an object is as it should be, up to two minutes. @throws Error with the object as it is */
  async until(kind: string, named: Named, isWanted: (found: Found | undefined) => boolean): Promise<Found | undefined> {
    const deadline = performance.now() + 120_000;
    for (;;) {
      const found = await this.read(kind, named);
      if (isWanted(found)) return found;
      if (performance.now() > deadline) {
        throw new Error(`${kind} ${named.namespace}/${named.name} stays as it is: ${JSON.stringify(found, null, 2)}`);
      }
      await sleep(200);
    }
  }
}

/** What an object is called. */
export type Named = Pick<Manifest['metadata'], 'name' | 'namespace'>;

/** An object of the API server, with the fields that the story looks at. */
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

/** What a controller says about an object. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly observedGeneration?: number;
}

/**
 * What the object's controller says under a name, once it has seen the object as it is now. Flux's controllers write into
 * the condition what they have seen, and leave the status behind when they fail.
 */
export function condition(found: Found | undefined, type: string): Condition | undefined {
  const said = found?.status?.conditions?.find((each) => each.type === type);
  const seen = said?.observedGeneration ?? found?.status?.observedGeneration;
  return seen === found?.metadata.generation ? said : undefined;
}

/** Objects as one document. */
export function listOf(items: readonly object[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

/**
 * A cluster for a suite, watched over by a process of its own. With INTEROP_KEEP it outlives the suite.
 * @throws Error when it does not start; why, it has said on standard error
 */
export async function startCluster(): Promise<Cluster> {
  const command = [join(root, 'cli/run.mjs'), 'interop/cluster/plane.command.ts', 'start'];
  // Not of the terminal's group: on Ctrl-C it sees the pipe end, and ends its parts in order.
  // Not of our standard error either: whoever reads ours would wait for the end of a cluster that is kept.
  const watch = spawn(process.execPath, command, { detached: true });
  watch.stderr.on('data', (chunk) => process.stderr.write(chunk));
  watch.stdin.on('error', () => undefined);
  const ended = once(watch, 'exit');
  const ready = once(createInterface({ input: watch.stdout }), 'line');
  const [line] = await Promise.race([ready, ended.then(() => [])]);
  if (typeof line !== 'string') throw new Error('there is no cluster: see above');
  // Written by the command of the same sources.
  const plane: Plane = JSON.parse(line);
  return new Cluster(plane, async () => {
    if (process.env.INTEROP_KEEP !== undefined) {
      seen(`The cluster stays: export KUBECONFIG=${plane.kubeconfig}, and npm run interop -- cluster --stop ends it`);
      watch.stdin.end('keep\n');
      for (const output of [watch.stdout, watch.stderr]) output.destroy();
      watch.unref();
      return;
    }
    watch.stdin.end();
    await ended;
  });
}
