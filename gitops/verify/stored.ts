import { Problem } from '../../model/problem';
import { clusterStep, controllerFix, type Judge, notApplied } from './cluster';
import { faultOf, find } from './cluster-object';
import type { World } from './node-world';
import { failed, passed, type Step, skipped } from './step';
import type { ClusterTarget, StoredSecrets } from './target';

const judgeFetched: Judge = ({ secretName, namespace, stored }, objects) => {
  const object = find(objects, 'ExternalSecret', secretName);
  if (object === undefined) return ['SECRET-NOT-SYNCED', `ExternalSecret ${secretName} does not exist`, notApplied];
  const fault = faultOf(object, 'Ready');
  if (fault === undefined) return secretName;
  const describe = `kubectl -n ${namespace} describe externalsecret ${secretName}`;
  // The condition only says that it failed (external-secrets 1.3.2, SecretSyncedError); the events name the entry.
  const fix = fault.isUnreported
    ? controllerFix('external-secrets', describe)
    : `${describe} names the entry; check that the store is ready and has each of: ${stored?.places.join(', ')}`;
  return ['SECRET-NOT-SYNCED', `ExternalSecret ${secretName} ${fault.what}`, fix];
};

/** The operator has read every value from the store and written the Secret. */
export const isFetched: Step = {
  ...clusterStep('external', 'ExternalSecret is ready', judgeFetched),
  appliesTo: ({ cluster }) => cluster?.stored?.kind === 'external',
};

/** A Secret that is not sealed here has every declared key. Reads the names of its keys and no value. */
export const hasKeys: Step = {
  name: 'secret-keys',
  title: 'the Secret has every key',
  appliesTo: ({ cluster }) => cluster?.stored !== undefined,
  async run({ name, cluster }, _facts, world) {
    if (cluster?.stored === undefined) return skipped('the secret is sealed');
    const { secretName, stored } = cluster;
    const refuse = (what: string, fix: string) =>
      failed(
        new Problem('SECRET-NOT-SYNCED', `The cluster does not run ${name} as declared: ${what}`, { path: name, fix }),
      );
    const found = await keysIn(cluster, stored, world);
    if (found instanceof Problem) return failed(found);
    if (found === undefined) {
      const fix =
        stored.kind === 'external' ? notApplied : `create it with ${stored.keys.join(', ')}; ${stored.rollout}`;
      return refuse(`Secret ${secretName} does not exist`, fix);
    }
    const missing = stored.keys.filter((key) => !found.keys.includes(key));
    if (missing.length > 0) {
      const places = stored.places.filter((_, index) => missing.includes(stored.keys[index] ?? ''));
      const fix = `write ${places.join(', ')}; then ${stored.rollout}`;
      return refuse(`Secret ${secretName} has no ${missing.join(', ')}`, fix);
    }
    return passed(`${found.keys.length} keys; pods read a new value when they restart`, {
      secretWrittenAt: found.writtenAt,
    });
  },
};

/**
 * The names of a Secret's keys, and when it was last written; undefined when it does not exist. The template keeps the
 * values inside kubectl.
 * @returns a problem when the account may not read it; only a warning for an ExternalSecret, whose status covers the keys
 */
async function keysIn({ secretName, namespace }: ClusterTarget, { kind }: StoredSecrets, world: World) {
  const template = '{{range .metadata.managedFields}}{{.time}} {{end}};{{range $key, $_ := .data}}{{$key}} {{end}}';
  const args = ['get', 'secret', secretName, '--namespace', namespace, '--ignore-not-found'];
  try {
    const printed = await world.kubectl([...args, '--output', `go-template=${template}`]);
    if (printed.trim() === '') return undefined;
    const [times = [], keys = []] = printed.split(';').map((part) => part.split(' ').filter(Boolean));
    // RFC 3339 in UTC and whole seconds, so the order as text is the order in time.
    return { keys, writtenAt: times.sort().at(-1) };
  } catch (error) {
    if (!(error instanceof Problem) || !/forbidden/i.test(error.message)) throw error;
    const fix = `allow this account to get the Secret ${secretName} in the namespace ${namespace}, or skip the step: --skip secret-keys`;
    const level = kind === 'external' ? 'warning' : 'error';
    return new Problem('CLUSTER', `Cannot read the keys of the Secret: ${error.message}`, {
      fix,
      level,
      cause: error,
    });
  }
}
