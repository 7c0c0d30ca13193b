import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../../../charts/render';
import { seen } from '../../seen';
import { condition } from '../cluster';
import type { Story } from './story';
import { kustomization, type Target } from './target';

/** Files of other owners that stop Flux, with the reason that it reports. */
const stopping = {
  'has a syntax error': { name: 'file.yaml', text: 'a: [', reason: 'BuildFailed' },
  'has no apiVersion': {
    name: 'file.yaml',
    text: 'kind: ConfigMap\nmetadata: {name: a, namespace: flux-system}\n',
    reason: 'BuildFailed',
  },
  'is a kustomization file with a typo': { name: 'kustomization.yaml', text: 'resorces: []\n', reason: 'BuildFailed' },
  'has no namespace for a namespaced object': {
    name: 'file.yaml',
    text: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n',
    reason: 'ReconciliationFailed',
  },
} as const;

/** deliver reports a file that will stop Flux, and with it the delivery of every server. */
export function proveStops(story: () => Story, target: () => Target): void {
  test.each(Object.entries(stopping))(
    "deliver reports another owner's file that %s, which stops Flux",
    async (_, each) => {
      const { checkout } = target();
      const file = `apps/broken/${each.name}`;
      checkout.write(file, each.text);
      checkout.commit();
      const refused = await target().deliver();
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining(file) });
      await target().push();
      expect(await target().stopped()).toMatchObject({ reason: each.reason });
      rmSync(join(checkout.root, 'apps/broken'), { recursive: true });
      await target().ready(await target().push());
      expect(await story().cluster.read('configmap', { namespace: 'flux-system', name: 'a' })).toBeUndefined();
    },
  );
}

/** Fields by which the Flux Kustomization that reads our folder changes our objects. */
const changes = { targetNamespace: 'elsewhere', namePrefix: 'x-', nameSuffix: '-x' } as const;

/**
 * deliver reports a Flux Kustomization that renames or moves our objects, which leaves the pods without their Secret.
 * @param spare the objects of servers that are not in the cluster
 */
export function proveChanges(story: () => Story, target: () => Target, spare: () => readonly Manifest[]): void {
  afterAll(async () => {
    await story().cluster.kubectl([
      'delete',
      'kustomizations.kustomize.toolkit.fluxcd.io',
      'changed',
      '-n',
      'flux-system',
    ]);
    rmSync(join(target().checkout.root, 'changed'), { recursive: true, force: true });
    await target().push();
  });

  test.each(Object.entries(changes))(
    'deliver reports %s of the Flux Kustomization, which leaves the pods without their Secret',
    async (field, value) => {
      const { cluster } = story();
      const { checkout, definition } = target();
      const before = checkout.read(definition);
      checkout.write(definition, JSON.stringify(kustomization('apps', './apps', { [field]: value })));
      const refused = await target().deliver();
      checkout.write(definition, before);
      expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/FLUX-(TRANSFORM|BUILD)/)]);

      const changed = kustomization('changed', './changed', { [field]: value });
      for (const [index, object] of spare().entries()) checkout.write(`changed/${index}.yaml`, JSON.stringify(object));
      const revision = await target().push();
      await cluster.apply([changed]);
      const found = await target().until('changed', ({ status }, found) => {
        return status === 'False' || (status === 'True' && found?.status?.lastAppliedRevision === revision);
      });
      const isStopped = condition(found, 'Ready')?.status === 'False';
      const named = spare().flatMap(({ kind, metadata: { name } }) => (kind === 'SealedSecret' ? [name] : []));
      const sealed = await reconciled(story());
      seen(
        isStopped
          ? `Flux stops: ${condition(found, 'Ready')?.message}`
          : `Flux applied ${sealed.length} renamed or moved sealed secrets`,
      );
      expect(named.length).toBeGreaterThan(0);
      expect(isStopped || sealed.length === named.length).toBe(true);
      for (const { metadata } of sealed) {
        for (const name of named) expect(await cluster.read('secret', { ...metadata, name })).toBeUndefined();
      }
    },
  );
}

/** The sealed secrets of the second Kustomization, once their controller has reported on them. */
async function reconciled({ cluster }: Story): Promise<readonly Manifest[]> {
  const args = ['get', 'sealedsecrets', '-A', '-l', 'kustomize.toolkit.fluxcd.io/name=changed', '-o', 'json'];
  const items: readonly Manifest[] = JSON.parse((await cluster.kubectl(args)).stdout).items;
  for (const { metadata } of items) {
    await cluster.until('sealedsecret', metadata, (found) => condition(found, 'Synced') !== undefined);
  }
  return items;
}
