import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { identityOf, type Manifest } from '../../../charts/render';
import { seen } from '../../seen';
import { declared, type ServerName } from './sources';
import type { Story } from './story';
import { Target } from './target';

const names = Object.keys(declared) as ServerName[];
const foreign = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'theirs', namespace: 'flux-system' } };
const broken = 'apps/theirs/broken.yaml';

/** 3: what `deliver --commit` makes is what Flux makes of the cluster, and where Flux would stop, deliver has said so. */
export function proveDelivery(story: () => Story): void {
  let target: Target;
  beforeAll(() => {
    target = new Target(story(), { 'README.md': 'theirs', 'apps/theirs/map.yaml': JSON.stringify(foreign) });
    return target.follow();
  });

  test('a first delivery is Ready at its revision, and each object has our labels beside those of Flux', async () => {
    const started = performance.now();
    await target.ready(await target.deliverAndMerge());
    seen(`Ready ${((performance.now() - started) / 1000).toFixed(1)} s after deliver was called`);
    const rendered = renderedOf(story(), names);
    expect(rendered.length).toBeGreaterThan(4 * names.length);
    for (const object of rendered) {
      const labels = { ...object.metadata.labels, 'kustomize.toolkit.fluxcd.io/name': 'apps' };
      expect((await story().cluster.read(typeOf(object), object.metadata))?.metadata.labels).toMatchObject(labels);
    }
  });

  test('a change of one server changes its objects and no others', async () => {
    const objects = renderedOf(story(), names);
    const before = await lastApplied(story(), objects);
    story().sources.edit('servers/plain-public/server.ts', (text) => text.replace(':1.0.1', ':1.0.2'));
    await target.ready(await target.deliverAndMerge());
    const after = await lastApplied(story(), objects);
    const changed = objects.filter((object) => before.get(identityOf(object)) !== after.get(identityOf(object)));
    expect(changed.map(({ kind }) => kind)).toContain('Deployment');
    const others = changed.filter(({ metadata: { namespace, name } }) => (namespace ?? name) !== 'plain-public');
    expect(others.map(identityOf)).toEqual([]);
  });

  test("somebody else's file that cannot be read is told by deliver, and stops Flux", async () => {
    target.checkout.write(broken, 'a: [');
    target.checkout.commit();
    const told = await target.deliver();
    expect([told.code, told.stderr]).toEqual([1, expect.stringContaining(broken)]);
    await target.push();
    expect(await target.stopped()).toMatchObject({ reason: 'BuildFailed' });
    rmSync(join(target.checkout.root, broken));
    await target.ready(await target.push());
  });

  test('a server that is removed goes with its namespace, once that is said, and the others stay', async () => {
    const { cluster, sources } = story();
    const gone = renderedOf(story(), ['chart-internal']);
    rmSync(join(sources.repository.root, 'servers/chart-internal'), { recursive: true });
    const refused = await target.deliver(['--commit']);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('NAMESPACE-REMOVED')]);
    await target.ready(await target.deliverAndMerge(['--remove-namespace', 'chart-internal']));
    for (const object of gone) await cluster.until(typeOf(object), object.metadata, (found) => found === undefined);
    for (const name of names.filter((name) => name !== 'chart-internal')) {
      expect(await cluster.read('namespace', { name })).toMatchObject({ status: { phase: 'Active' } });
    }
  });
}

function renderedOf({ sources }: Story, servers: readonly ServerName[]): readonly Manifest[] {
  return servers.flatMap((name) => sources.rendered(name));
}

/** What the API server has noted of the last change that Flux made to each object. */
async function lastApplied({ cluster }: Story, objects: readonly Manifest[]): Promise<ReadonlyMap<string, string>> {
  const noted = new Map<string, string>();
  for (const object of objects) {
    const { namespace = 'default', name } = object.metadata;
    const args = ['get', typeOf(object), name, '-n', namespace, '--show-managed-fields', '-o', 'json'];
    const { metadata } = JSON.parse((await cluster.kubectl(args)).stdout);
    const managers: readonly { readonly manager: string }[] = metadata.managedFields;
    const fields = managers.filter(({ manager }) => manager === 'kustomize-controller');
    noted.set(identityOf(object), JSON.stringify(fields));
  }
  return noted;
}

/** The name of its kind that says the group and the version as well. */
function typeOf({ apiVersion, kind }: Manifest): string {
  const [group = '', version] = apiVersion.split('/');
  return version === undefined ? kind : `${kind}.${version}.${group}`;
}
