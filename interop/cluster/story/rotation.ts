import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contract } from '../../../worker/contract';
import { seen } from '../../seen';
import type { Found } from '../cluster';
import { bytesIn, bytesOf } from './sealing';
import type { ServerName } from './sources';
import type { Story } from './story';
import { allPass, problemAt, recreatePods } from './verify-steps';

const { secret: workerSecret, previousSecret } = contract.env;
const names = ['chart-internal', 'plain-internal'] as const satisfies readonly ServerName[];

/**
 * 5: after a rotation no pod of either runtime uses an old value, even while the controller of sealed-secrets is down: new pods
 * reference a Secret with a new name, and a kubelet starts no container whose Secret is missing (1.36, kubelet_pods.go,
 * makeEnvironmentVariables). kwok reads no Secrets, so the tests check which Secret the pods reference, which Secrets exist, and
 * that existing ones are never overwritten.
 */
export function proveRotation(story: () => Story): void {
  const out = mkdtempSync(join(tmpdir(), 'rotation-'));
  const old = new Map<ServerName, string>();
  const fresh = (name: ServerName) => readFileSync(join(out, name), 'utf8');

  afterEach(() => story().cluster.signal('sealed-secrets', 'SIGCONT'));

  test('a rotation while the controller is down leaves new pods without a Secret, and the old Secret unchanged', async () => {
    const { sources } = story();
    for (const name of names) old.set(name, await workerSecretOf(story(), name));
    await whileDown(async () => {
      for (const name of names) {
        await sources.succeeds('seal', ['rotate', name, workerSecret, '--plaintext-out', join(out, name)]);
      }
    });
    for (const name of names) {
      await expectSecret(name, { [workerSecret]: fresh(name), [previousSecret]: old.get(name) ?? '' });
    }
  });

  test('finishing it while the controller is down does the same', async () => {
    await whileDown(async () => {
      for (const name of names) await story().sources.succeeds('seal', ['finish', name, workerSecret]);
    });
    for (const name of names) await expectSecret(name, { [workerSecret]: fresh(name) });
  });

  /** Delivers a change of the sealed values while the controller is stopped, and checks the cluster before resuming it. */
  const whileDown = async (change: () => Promise<void>) => {
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
      // Flux prunes the old SealedSecret, and the old Secret is deleted with it.
      if (is !== undefined) expect(is.metadata.resourceVersion).toBe(was?.metadata.resourceVersion);
      await problemAt(story(), name, 'sealed', 'SECRET-NOT-SYNCED');
    }
    cluster.signal('sealed-secrets', 'SIGCONT');
    for (const name of names) {
      const { metadata } = story().sources.renderedKind(name, 'SealedSecret');
      await cluster.until('secret', metadata, (found) => found !== undefined);
    }
    seen(`both have their Secrets ${((performance.now() - started) / 1000).toFixed(1)} s after deliver started`);
  };

  const expectSecret = async (name: ServerName, wanted: Readonly<Record<string, string>>) => {
    expect(bytesIn(await secretOf(story(), name))).toEqual(bytesOf(wanted));
    await recreatePods(story(), name);
    await allPass(story(), name);
  };
}

/** The Secret that the pods of a server reference. */
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
