import { externalSecrets, unconfirmedPlatform } from '../../../testing/fixtures';
import { contract } from '../../../worker/contract';
import { podOf } from './pod';
import type { ServerName } from './sources';
import type { Story } from './story';
import { allIsWell, freshPods, problemAt } from './verify-steps';

const name = 'plain-internal' satisfies ServerName;
const secretName = `${name}-worker-secret`;

/**
 * 8: secrets that are sealed no more: what the API server has then, what pods ask for, and what verify says of it. The operator
 * of external-secrets does not run here, so a store stays what nobody reads.
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
  const gone = (kind: string, named: string) =>
    story().cluster.until(kind, { namespace: name, name: named }, (found) => found === undefined);
  /** The Secret that the pods get their environment from. */
  const asked = async () => {
    const [deployment] = await story().cluster.list('deployment', name);
    return deployment?.spec?.template?.spec.containers[0]?.envFrom?.[0]?.secretRef.name;
  };

  test('a store: the sealed secret goes, and verify says that nobody has read the store', async () => {
    const sealed = story().sources.renderedKind(name, 'SealedSecret').metadata.name;
    await declare(externalSecrets);
    const fetched = story().sources.renderedKind(name, 'ExternalSecret').metadata.name;
    await story().cluster.until('externalsecret', { namespace: name, name: fetched }, (found) => found !== undefined);
    await gone('sealedsecret', sealed);
    expect(await asked()).toBe(fetched);
    await problemAt(story(), name, 'external', 'SECRET-NOT-SYNCED', /its controller has not reported on it yet$/);
  });

  test('a Secret that is there: verify says what it lacks, until it is there', async () => {
    const fetched = story().sources.renderedKind(name, 'ExternalSecret').metadata.name;
    await declare({ kind: 'existing' });
    await gone('externalsecret', fetched);
    await gone('secret', secretName);
    expect(await asked()).toBe(secretName);
    await problemAt(story(), name, 'secret-keys', 'SECRET-NOT-SYNCED', /does not exist/);
    const metadata = { namespace: name, name: secretName };
    const stringData = { [contract.env.secret]: 'a-worker-secret-of-somebody-else' };
    await story().cluster.apply([{ apiVersion: 'v1', kind: 'Secret', metadata, stringData }]);
    await freshPods(story(), name);
    expect(await allIsWell(story(), name)).toContain('secret-keys');
    expect((await podOf(story().cluster, name)).environment).toMatchObject(stringData);
  });

  test('and sealed again', async () => {
    await declare({ kind: 'sealed' });
    // Whoever made it takes it away; a sealed one has a name of its own.
    await story().cluster.succeeds(['delete', 'secret', secretName, '-n', name]);
    await freshPods(story(), name);
    expect(await allIsWell(story(), name)).toContain('sealed');
  });
}
