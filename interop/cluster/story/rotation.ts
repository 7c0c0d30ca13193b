import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contract } from '../../../worker/contract';
import { seen } from '../../seen';
import type { Found } from '../cluster';
import { bytesIn, bytesOf } from './sealing';
import type { ServerName } from './sources';
import type { Story } from './story';
import { allIsWell, freshPods, problemAt } from './verify-steps';

const { secret: workerSecret, previousSecret } = contract.env;
const names = ['chart-internal', 'plain-internal'] as const satisfies readonly ServerName[];

/**
 * 5: no pod of either runtime runs on an old value after a rotation, whatever the controller of sealed-secrets does. Pods
 * ask for a Secret of another name, and a kubelet starts no container whose Secret is missing (1.36,
 * kubelet_pods.go, makeEnvironmentVariables). The nodes of this cluster read no Secrets: shown is what pods ask for, what
 * is there, and that nothing is ever written under a name that was there before.
 */
export function proveRotation(story: () => Story): void {
  const out = mkdtempSync(join(tmpdir(), 'rotation-'));
  const old = new Map<ServerName, string>();
  const fresh = (name: ServerName) => readFileSync(join(out, name), 'utf8');

  afterEach(() => story().cluster.signal('sealed-secrets', 'SIGCONT'));

  test('begun while the controller is away, it leaves new pods without a Secret, and the old one as it was', async () => {
    const { sources } = story();
    for (const name of names) old.set(name, await workerSecretOf(story(), name));
    await whileAway(async () => {
      for (const name of names) {
        await sources.succeeds('seal', ['rotate', name, workerSecret, '--plaintext-out', join(out, name)]);
      }
    });
    for (const name of names) {
      await expectSecret(name, { [workerSecret]: fresh(name), [previousSecret]: old.get(name) ?? '' });
    }
  });

  test('finished while the controller is away, the same', async () => {
    await whileAway(async () => {
      for (const name of names) await story().sources.succeeds('seal', ['finish', name, workerSecret]);
    });
    for (const name of names) await expectSecret(name, { [workerSecret]: fresh(name) });
  });

  /** Delivers a change of the sealed values while the controller is away, and looks before it comes back. */
  const whileAway = async (change: () => Promise<void>) => {
    const { cluster, target } = story();
    const before = await Promise.all(names.map((name) => secretOf(story(), name)));
    cluster.signal('sealed-secrets', 'SIGSTOP');
    await change();
    const started = performance.now();
    await target.ready(await target.deliverAndMerge());
    for (const [index, name] of names.entries()) {
      const { metadata } = story().sources.renderedKind(name, 'SealedSecret');
      const was = before[index];
      expect(metadata.name).not.toBe(was?.metadata.name);
      await cluster.until('deployment', { namespace: name, name }, (found) => secretIn(found) === metadata.name);
      expect(await cluster.read('secret', metadata)).toBeUndefined();
      const is = await cluster.read('secret', was?.metadata ?? metadata);
      // Its SealedSecret is pruned, and it goes along.
      if (is !== undefined) expect(is.metadata.resourceVersion).toBe(was?.metadata.resourceVersion);
      await problemAt(story(), name, 'sealed', 'SECRET-NOT-SYNCED');
    }
    cluster.signal('sealed-secrets', 'SIGCONT');
    for (const name of names) {
      const { metadata } = story().sources.renderedKind(name, 'SealedSecret');
      await cluster.until('secret', metadata, (found) => found !== undefined);
    }
    seen(`both have their Secrets ${((performance.now() - started) / 1000).toFixed(1)} s after deliver was called`);
  };

  const expectSecret = async (name: ServerName, wanted: Readonly<Record<string, string>>) => {
    expect(bytesIn(await secretOf(story(), name))).toEqual(bytesOf(wanted));
    await freshPods(story(), name);
    await allIsWell(story(), name);
  };
}

/** The Secret that the pods of a server ask for, as it is. */
async function secretOf({ cluster }: Story, name: ServerName): Promise<Found | undefined> {
  const deployment = await cluster.read('deployment', { namespace: name, name });
  return cluster.read('secret', { namespace: name, name: secretIn(deployment) ?? '' });
}

function secretIn(deployment: Found | undefined): string | undefined {
  return deployment?.spec?.template?.spec.containers[0]?.envFrom?.[0]?.secretRef.name;
}

async function workerSecretOf(story: Story, name: ServerName): Promise<string> {
  const { data = {} } = (await secretOf(story, name)) ?? {};
  return Buffer.from(data[workerSecret] ?? '', 'base64').toString();
}
