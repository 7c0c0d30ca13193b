import { join } from 'node:path';
import { unconfirmedPlatform } from '../../../testing/fixtures';
import type { Ending } from '../../../testing/processes/program';
import { type Repository, repository } from '../../../testing/temp-repository';
import { type Condition, condition, type Found } from '../cluster';
import type { Story } from './story';

const namespace = 'flux-system';
const { repository: name } = unconfirmedPlatform.gitops;

/** A Flux Kustomization for a folder of the repository. @param more more fields of its spec */
export function kustomization(of: string, path: string, more: object = {}) {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: of, namespace },
    spec: { interval: '10m', path, prune: true, sourceRef: { kind: 'GitRepository', name }, ...more },
  };
}

const apps = kustomization('apps', './apps');

/** A checkout of the GitOps repository, whose main branch Flux reads. */
export class Target {
  readonly #story: Pick<Story, 'cluster' | 'sources'>;
  readonly checkout: Repository;
  /** The file of the Flux Kustomization for `apps/`. */
  readonly definition = 'clusters/test/apps.yaml';

  /** @param files the files of other owners, in addition to the Flux Kustomization for `apps/` */
  constructor(story: Pick<Story, 'cluster' | 'sources'>, files: Readonly<Record<string, string>>) {
    this.#story = story;
    this.checkout = repository({ ...files, [this.definition]: JSON.stringify(apps) });
    const bare = join(story.cluster.plane.folder, 'git', `${name}.git`);
    this.checkout.git('init', '--quiet', '--bare', '--initial-branch=main', bare);
    this.checkout.git('remote', 'add', 'origin', bare);
    this.checkout.git('push', '--quiet', 'origin', 'main');
  }

  /** Applies the Flux objects that read the repository. */
  follow(): Promise<void> {
    const url = `${this.#story.cluster.plane.web}/git/${name}.git`;
    const spec = { interval: '10m', url, ref: { branch: 'main' } };
    const source = {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'GitRepository',
      metadata: { name, namespace },
      spec,
    };
    return this.#story.cluster.apply([source, apps]);
  }

  /** Renders and commits the sources, then runs `npm run deliver`, which may fail. */
  async deliver(args: readonly string[] = []): Promise<Ending> {
    const { sources } = this.#story;
    await sources.succeeds('synth', []);
    sources.repository.commit();
    return sources.command('deliver', ['--to', this.checkout.root, ...args]);
  }

  /** Delivers with `--commit`, merges the branch into main and pushes it. @returns the revision in Flux's notation */
  async deliverAndMerge(args: readonly string[] = []): Promise<string> {
    const { code, stdout, stderr } = await this.deliver(['--commit', ...args]);
    if (code !== 0) throw new Error(`deliver ended with ${code}\n${stdout}\n${stderr}`);
    const branch = this.checkout.git('symbolic-ref', '--short', 'HEAD').trim();
    this.checkout.git('switch', '--quiet', 'main');
    this.checkout.git('merge', '--quiet', '--ff-only', branch);
    return this.push();
  }

  /** Commits all changes, pushes main and requests a reconciliation. @returns the revision in Flux's notation */
  async push(): Promise<string> {
    if (this.checkout.git('status', '--porcelain') !== '') this.checkout.commit();
    this.checkout.git('push', '--quiet', 'origin', 'main');
    const revision = `main@sha1:${this.checkout.git('rev-parse', 'HEAD').trim()}`;
    const request = `reconcile.fluxcd.io/requestedAt=${revision}`;
    const args = ['annotate', '--overwrite', '-n', namespace, `gitrepository/${name}`, request];
    const { code, stderr } = await this.#story.cluster.kubectl(args);
    if (code !== 0) throw new Error(stderr);
    return revision;
  }

  /** Waits until Flux has applied a revision. */
  ready(revision: string): Promise<Found | undefined> {
    return this.until('apps', ({ status }, found) => {
      return status === 'True' && found?.status?.lastAppliedRevision === revision;
    });
  }

  /** Waits until Flux fails to apply the branch. @returns the Ready condition */
  async stopped(): Promise<Condition | undefined> {
    return condition(await this.until('apps', ({ status }) => status === 'False'), 'Ready');
  }

  /** Waits for a Ready condition that Flux reports for the current generation of a Kustomization. */
  until(of: string, isWanted: (ready: Condition, found: Found | undefined) => boolean): Promise<Found | undefined> {
    const type = 'kustomization.kustomize.toolkit.fluxcd.io';
    return this.#story.cluster.until(type, { namespace, name: of }, (found) => {
      const ready = condition(found, 'Ready');
      return ready !== undefined && isWanted(ready, found);
    });
  }
}
