import { nearest } from '../../model/nearest';
import { Problem } from '../../model/problem';
import { differences, type Found, missing } from './differences';
import { objectsIn } from './flux/manifests';
import type { FileChange } from './plan';
import { recordCosts } from './record-costs';
import { secretCosts } from './secret-costs';
import { wayCosts } from './way-costs';
import { workloadCosts } from './workload-costs';

/**
 * The side effects that a diff does not show: a release that is uninstalled first, a record that is destroyed and recreated,
 * a deleted namespace, pods that stop or wait for a Secret, a changed address. All are warnings, except for removing a
 * namespace without permission.
 * @param removable the namespaces named with --remove-namespace
 */
export function costs(changes: readonly FileChange[], removable: ReadonlySet<string>): readonly Problem[] {
  const ofFiles = changes.flatMap((change) => {
    const { path, state, before, after } = change;
    if (before === undefined || state === 'unchanged') return [];
    if (path.endsWith('.tf.json')) return [];
    const namespaces = removedNamespaces(change).map((name) => namespaceRemoved(path, name, removable.has(name)));
    const ofRelease = after === undefined ? [] : releaseCosts(path, releasesIn(before), releasesIn(after));
    return [...namespaces, ...ofRelease, ...workloadCosts(path, before, after)];
  });
  return [...ofFiles, ...recordCosts(changes), ...wayCosts(changes), ...secretCosts(changes)];
}

/** Warnings for each `--remove-namespace` that matches nothing, usually a typo. */
export function unusedRemovals(changes: readonly FileChange[], removable: ReadonlySet<string>): readonly Problem[] {
  if (removable.size === 0) return [];
  const going = changes.flatMap(removedNamespaces);
  const unused = [...removable].filter((name) => !going.includes(name));
  return unused.map((name) => {
    const meant = nearest(name, going);
    const fix = meant === undefined ? 'leave it out' : `write --remove-namespace ${meant}`;
    const message = `--remove-namespace ${name} has no effect: this delivery removes no namespace of that name`;
    return new Problem('USAGE', message, { fix, level: 'warning' });
  });
}

function removedNamespaces({ state, before = '', after = '' }: FileChange): readonly string[] {
  if (state === 'unchanged') return [];
  const kept = namespacesIn(after);
  return namespacesIn(before).filter((name) => !kept.includes(name));
}

function namespacesIn(text: string): readonly string[] {
  const objects = objectsIn(text).map(({ identity }) => identity.split('/'));
  return objects.flatMap(([, kind, , name = '']) => (kind === 'Namespace' ? [name] : []));
}

function namespaceRemoved(file: string, name: string, isAllowed: boolean): Problem {
  const message = `Removing ${file} makes Flux delete the namespace "${name}" and everything in it`;
  const flag = `--remove-namespace ${name}`;
  const fix = isAllowed ? `allowed by ${flag}` : `if that is intended, add ${flag}`;
  return new Problem('NAMESPACE-REMOVED', message, { file, fix, level: isAllowed ? 'warning' : 'error' });
}

function releaseCosts(file: string, old: Found, fresh: Found): readonly Problem[] {
  const fix = 'choose a time when the server may be down for a few minutes, or undo the change';
  // workloadCosts reports a release that is replaced by plain objects.
  const gone = fresh.size === 0 ? [] : missing(old, fresh).map((identity) => `${identity} is removed`);
  return [...gone, ...differences(old, fresh, releaseFields)].map((reason) => {
    const message = `Helm uninstalls the release before it installs the new one: ${reason}`;
    return new Problem('RELEASE-REPLACED', message, { file, fix, level: 'warning' });
  });
}

/** The fields that make Flux uninstall a release and install another (Flux 2.7). */
const releaseFields = ['spec.releaseName', 'spec.chart.spec.chart', 'spec.targetNamespace', 'spec.storageNamespace'];

function releasesIn(text: string): Found {
  const releases = objectsIn(text).filter(({ object: { kind } }) => kind === 'HelmRelease');
  return new Map(releases.map(({ identity, object }) => [identity, object]));
}
