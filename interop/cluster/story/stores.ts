import { externalSecrets, unconfirmedPlatform } from '../../../testing/fixtures';
import { contract } from '../../../worker/contract';
import { podOf } from './pod';
import type { ServerName } from './sources';
import type { Story } from './story';
import { allPass, problemAt, recreatePods } from './verify-steps';

const name = 'plain-internal' satisfies ServerName;
const secretName = `${name}-worker-secret`;

/**
 * 9: secrets move from sealed ones to a store, to an existing Secret and back. Checks the objects of the API server, the Secret
 * that pods reference, and the findings of verify. The operator of external-secrets does not run here, so no store is read.
 */
export function proveStores(story: () => Story): void {
  const declare = async (secrets: { readonly kind: string }) => {
    const { sources, target } = story();
    sources.edit(unconfirmedPlatform.source, (text) =>
      text.replace(/( {2}secrets: .*\n)?( {2}ways: )/, `  secrets: ${JSON.stringify(secrets)},\n$2`),
    );
    const { stderr } = await target.deliver();
    await target.ready(await target.deliverAndMerge());
    expect(stderr).toContain('SECRET-MOVED');
  };
  const untilGone = (kind: string, named: string) =>
    story().cluster.until(kind, { namespace: name, name: named }, (found) => found === undefined);
  /** The Secret that the pods reference. */
  const referenced = async () => {
    const [deployment] = await story().cluster.list('deployment', name);
    return deployment?.spec?.template?.spec.containers[0]?.envFrom?.[0]?.secretRef.name;
  };

  test('a store replaces the sealed secret, and verify reports that its operator has not reported yet', async () => {
    const sealed = story().sources.renderedKind(name, 'SealedSecret').metadata.name;
    await declare(externalSecrets);
    const fetched = story().sources.renderedKind(name, 'ExternalSecret').metadata.name;
    await story().cluster.until('externalsecret', { namespace: name, name: fetched }, (found) => found !== undefined);
    await untilGone('sealedsecret', sealed);
    expect(await referenced()).toBe(fetched);
    await problemAt(story(), name, 'external', 'SECRET-NOT-SYNCED', /its controller has not reported on it yet$/);
  });

  test('verify reports a missing existing Secret until it is created', async () => {
    const fetched = story().sources.renderedKind(name, 'ExternalSecret').metadata.name;
    await declare({ kind: 'existing' });
    await untilGone('externalsecret', fetched);
    await untilGone('secret', secretName);
    expect(await referenced()).toBe(secretName);
    await problemAt(story(), name, 'secret-keys', 'SECRET-NOT-SYNCED', /does not exist/);
    const metadata = { namespace: name, name: secretName };
    const stringData = { [contract.env.secret]: 'a-worker-secret-of-another-owner' };
    await story().cluster.apply([{ apiVersion: 'v1', kind: 'Secret', metadata, stringData }]);
    await recreatePods(story(), name);
    expect(await allPass(story(), name)).toContain('secret-keys');
    expect((await podOf(story().cluster, name)).environment).toMatchObject(stringData);
  });

  test('moves back to a sealed secret', async () => {
    await declare({ kind: 'sealed' });
    // Its owner deletes it; the sealed Secret has another name.
    await story().cluster.succeeds(['delete', 'secret', secretName, '-n', name]);
    await recreatePods(story(), name);
    expect(await allPass(story(), name)).toContain('sealed');
  });
}
