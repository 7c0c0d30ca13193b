import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { identityOf, type Manifest } from '../../../charts/render';
import { seen } from '../../seen';
import { proveChanges, proveStops } from './flux-predictions';
import { declared, type ServerName } from './sources';
import type { Story } from './story';
import type { Target } from './target';

const names = Object.keys(declared) as ServerName[];
const leaving = ['chart-leaving', 'plain-leaving'] as const satisfies readonly ServerName[];
const staying = names.filter((name) => !leaving.some((each) => each === name));
const foreign = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'theirs', namespace: 'flux-system' } };

/** The files of other owners in the target repository. */
export const theirs = { 'README.md': 'theirs', 'apps/theirs/map.yaml': JSON.stringify(foreign) };

/** 3: Flux applies exactly what `deliver --commit` wrote, and deliver predicts where Flux would stop. */
export function proveDelivery(story: () => Story): void {
  let target: Target;
  let removed: readonly Manifest[] = [];
  beforeAll(() => {
    target = story().target;
    return target.follow();
  });

  test('the first delivery becomes Ready, and each object has our labels and those of Flux', async () => {
    const started = performance.now();
    await target.ready(await target.deliverAndMerge());
    seen(`Ready ${((performance.now() - started) / 1000).toFixed(1)} s after deliver started`);
    const rendered = renderedOf(story(), names);
    expect(rendered.length).toBeGreaterThan(4 * names.length);
    const found = await story().cluster.readAll([...new Set(rendered.map(typeOf))]);
    for (const object of rendered) {
      const labels = { ...object.metadata.labels, 'kustomize.toolkit.fluxcd.io/name': 'apps' };
      expect(found.get(identityOf(object))?.metadata.labels).toMatchObject(labels);
    }
  });

  test.each(['plain-public', 'chart-public'] as const)('a change of %s changes only its objects', async (name) => {
    const objects = [...renderedOf(story(), names), foreign];
    const before = await lastApplied(story(), objects);
    expect([...before.values()].filter((fields) => fields === '[]')).toEqual([]);
    story().sources.edit(`servers/${name}/server.ts`, (text) => text.replace(':1.0.1', ':1.0.2'));
    await target.ready(await target.deliverAndMerge());
    const after = await lastApplied(story(), objects);
    const changed = objects.filter((object) => before.get(identityOf(object)) !== after.get(identityOf(object)));
    expect(changed.map(({ kind }) => kind)).toContain(name === 'plain-public' ? 'Deployment' : 'HelmRelease');
    const others = changed.filter(({ metadata }) => (metadata.namespace ?? metadata.name) !== name);
    expect(others.map(identityOf)).toEqual([]);
  });

  proveStops(story, () => target);

  test('removing servers removes their objects, but their namespaces only with --remove-namespace', async () => {
    const { cluster, sources } = story();
    removed = renderedOf(story(), leaving);
    const before = await lastApplied(story(), renderedOf(story(), staying));
    for (const name of leaving) rmSync(join(sources.repository.root, 'servers', name), { recursive: true });
    const refused = await target.deliver(['--commit']);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('NAMESPACE-REMOVED')]);
    for (const name of leaving) expect(await cluster.read('namespace', { name })).toMatchObject(isActive);
    const started = performance.now();
    await target.ready(await target.deliverAndMerge(leaving.flatMap((name) => ['--remove-namespace', name])));
    for (const object of removed) await cluster.until(typeOf(object), object.metadata, (found) => found === undefined);
    seen(
      `${removed.length} objects removed ${((performance.now() - started) / 1000).toFixed(1)} s after deliver started`,
    );
    expect(await lastApplied(story(), renderedOf(story(), staying))).toEqual(before);
    for (const name of staying) expect(await cluster.read('namespace', { name })).toMatchObject(isActive);
  });

  proveChanges(
    story,
    () => target,
    () => removed,
  );
}

const isActive = { status: { phase: 'Active' } };

function renderedOf({ sources }: Story, servers: readonly ServerName[]): readonly Manifest[] {
  return servers.flatMap((name) => sources.rendered(name));
}

/** The managed fields of Flux in each object, which show when it last changed the object. */
async function lastApplied({ cluster }: Story, objects: readonly Manifest[]): Promise<ReadonlyMap<string, string>> {
  const found = await cluster.readAll([...new Set(objects.map(typeOf))]);
  return new Map(
    objects.map((object) => {
      const fields = found.get(identityOf(object))?.metadata.managedFields ?? [];
      return [identityOf(object), JSON.stringify(fields.filter(({ manager }) => manager === 'kustomize-controller'))];
    }),
  );
}

/** Its kind with version and group, such as `Deployment.v1.apps`. */
function typeOf({ apiVersion, kind }: Manifest): string {
  const [group = '', version] = apiVersion.split('/');
  return version === undefined ? kind : `${kind}.${version}.${group}`;
}
