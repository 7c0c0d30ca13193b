import { nearest } from '../../model/nearest';
import { Problem } from '../../model/problem';
import { at } from '../rules/check';
import { documentsOf, isRecord, objectsIn } from './flux/manifests';
import type { FileChange } from './plan';

/**
 * What a change costs beyond its lines: a release that is uninstalled first, a record that is destroyed and made anew, a
 * namespace that goes with everything in it. Warnings, except for a namespace that nobody has said may go.
 * @param removable the namespaces that were named as such
 */
export function costs(changes: readonly FileChange[], removable: ReadonlySet<string>): readonly Problem[] {
  return changes.flatMap((change) => {
    if (change.before === undefined || change.state === 'unchanged') return [];
    return change.path.endsWith('.tf.json') ? recordCosts(change) : objectCosts(change, removable);
  });
}

/** Namespaces that were named to go and do not, most often because of a typo. */
export function unusedRemovals(changes: readonly FileChange[], removable: ReadonlySet<string>): readonly Problem[] {
  if (removable.size === 0) return [];
  const going = changes.flatMap(({ state, before, after }) => {
    if (state === 'unchanged') return [];
    const kept = byIdentity(after);
    return [...byIdentity(before).keys()].flatMap((identity) => {
      const [, kind, , name = ''] = identity.split('/');
      return kind === 'Namespace' && !kept.has(identity) ? [name] : [];
    });
  });
  return [...removable]
    .filter((name) => !going.includes(name))
    .map((name) => {
      const meant = nearest(name, going);
      return new Problem('USAGE', `--remove-namespace ${name} removes nothing: no namespace of that name would go`, {
        fix: meant === undefined ? 'leave it out' : `write --remove-namespace ${meant}`,
        level: 'warning',
      });
    });
}

function objectCosts({ path, before = '', after }: FileChange, removable: ReadonlySet<string>): readonly Problem[] {
  const old = byIdentity(before);
  const fresh = byIdentity(after);
  return [...old].flatMap(([identity, object]) => {
    const [, kind, , name = ''] = identity.split('/');
    const next = fresh.get(identity);
    if (kind === 'Namespace' && next === undefined) return [namespaceRemoved(path, name, removable.has(name))];
    if (kind !== 'HelmRelease') return [];
    if (next === undefined) return after === undefined ? [] : [releaseReplaced(path, `${identity} goes`)];
    return releaseFields.flatMap(([label, ...members]) => {
      const [was, is] = [at(object, ...members), at(next, ...members)];
      return was === is ? [] : [releaseReplaced(path, `${label} changes from ${quoted(was)} to ${quoted(is)}`)];
    });
  });
}

/** What Helm takes for another release, or Flux for another chart: the old one is uninstalled first (Flux 2.7). */
const releaseFields: readonly [label: string, ...path: string[]][] = [
  ['releaseName', 'spec', 'releaseName'],
  ['the chart', 'spec', 'chart', 'spec', 'chart'],
  ['the target namespace', 'spec', 'targetNamespace'],
  ['the storage namespace', 'spec', 'storageNamespace'],
];

function recordCosts({ path, before = '', after }: FileChange): readonly Problem[] {
  const [old, fresh] = [recordsIn(before), recordsIn(after)];
  const added = [...fresh.keys()].filter((address) => !old.has(address));
  return [...old].flatMap(([address, record]) => {
    const next = fresh.get(address);
    if (next === undefined) {
      return [
        added.length === 0 ? recordGone(path, address) : recordReplaced(path, `${address} becomes ${added.join(', ')}`),
      ];
    }
    return ['name', 'type', 'zone_id'].flatMap((field) =>
      record[field] === next[field]
        ? []
        : [
            recordReplaced(
              path,
              `${field} of ${address} changes from ${quoted(record[field])} to ${quoted(next[field])}`,
            ),
          ],
    );
  });
}

function namespaceRemoved(path: string, name: string, isMeant: boolean): Problem {
  const message = `Removing ${path} makes Flux delete the namespace "${name}" and everything in it`;
  const fix = isMeant
    ? 'this was asked for with --remove-namespace'
    : `if that is meant, add --remove-namespace ${name}`;
  return new Problem('NAMESPACE-REMOVED', message, { file: path, fix, level: isMeant ? 'warning' : 'error' });
}

function releaseReplaced(path: string, what: string): Problem {
  return new Problem('RELEASE-REPLACED', `Helm uninstalls the release before it installs the new one: ${what}`, {
    file: path,
    fix: 'choose a time when the server may be away for some minutes, or undo the change',
    level: 'warning',
  });
}

function recordReplaced(path: string, what: string): Problem {
  return new Problem('RECORD-REPLACED', `Terraform destroys the record: ${what}`, {
    file: path,
    fix: 'the name does not resolve in between; a moved block in the workspace keeps a record whose label alone changes',
    level: 'warning',
  });
}

function recordGone(path: string, address: string): Problem {
  return new Problem('RECORD-REPLACED', `Terraform destroys the record: ${address} goes`, {
    file: path,
    fix: 'the name does not resolve any more: see that nobody asks for it, or undo the change',
    level: 'warning',
  });
}

function byIdentity(text = ''): ReadonlyMap<string, Readonly<Record<string, unknown>>> {
  return new Map(objectsIn(text).map(({ identity, object }) => [identity, object]));
}

/** The records of a Terraform file by their address, `<type>.<label>`. */
function recordsIn(text = ''): ReadonlyMap<string, Readonly<Record<string, unknown>>> {
  // JSON is YAML, and a text that is neither holds no record that Terraform knows.
  const [content] = documentsOf(text);
  const resources = isRecord(content) && isRecord(content.resource) ? content.resource : {};
  return new Map(
    Object.entries(resources).flatMap(([type, labels]) =>
      Object.entries(isRecord(labels) ? labels : {}).flatMap(([label, record]) =>
        isRecord(record) ? [[`${type}.${label}`, record] as const] : [],
      ),
    ),
  );
}

function quoted(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
