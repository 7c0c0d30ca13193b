import { at, isRecord } from '../../model/json';
import { Problem } from '../../model/problem';
import { differences, type Found, missing } from './differences';
import { documentsOf } from './flux/manifests';
import type { FileChange } from './plan';
import { terraformBlocks } from './terraform-blocks';

/**
 * Warnings for the DNS records that Terraform destroys, each with a way to keep it: records that are removed or renamed in the
 * module, and changes that force replacement. A record named in a `moved` block of any file is kept.
 */
export function recordCosts(changes: readonly FileChange[]): readonly Problem[] {
  const files = changes.filter(({ path }) => path.endsWith('.tf.json'));
  const moved = new Set(files.flatMap(({ path, after = '' }) => movedIn(after, path)));
  const changed = files.filter(({ state }) => state !== 'unchanged');
  const coming = changed.flatMap(({ before, after }) => {
    const [old, fresh] = [recordsIn(before), recordsIn(after)];
    return missing(fresh, old).map((address) => ({ address, record: fresh.get(address) ?? {} }));
  });
  return changed.flatMap(({ path: file, before, after }) => {
    if (before === undefined) return [];
    const [old, fresh] = [recordsIn(before), recordsIn(after)];
    const destroyed = (reason: string, fix: string) =>
      new Problem('RECORD-REPLACED', `Terraform destroys the record: ${reason}`, { file, fix, level: 'warning' });
    const going = missing(old, fresh).filter((address) => !moved.has(address));
    return [
      ...going.map((address) => {
        const next = coming.find(({ record }) => record.name === old.get(address)?.name);
        return next === undefined
          ? destroyed(`${address} is removed`, gone)
          : destroyed(`${address} becomes ${next.address}`, kept(address, next.record));
      }),
      ...differences(old, fresh, ['name', 'type', 'zone_id']).map((reason) => destroyed(reason, changing)),
    ];
  });
}

const gone = 'the name stops resolving: check that nothing uses it, or undo the change';
const changing = 'the name does not resolve until the record is recreated: choose a time, or undo the change';

function kept(address: string, { '//': server }: Readonly<Record<string, unknown>>): string {
  return `to keep it, write record: { movedFrom: '${address}' } in servers/${server ?? '<server>'}/server.ts, and run npm run synth`;
}

function movedIn(text: string, path: string): readonly string[] {
  return terraformBlocks(text, path).flatMap(({ kind, attributes }) =>
    kind === 'moved' ? (attributes.get('from') ?? []) : [],
  );
}

/** The records of a Terraform file by their address, `<type>.<label>`. */
function recordsIn(text = ''): Found {
  // JSON is a subset of YAML; Terraform reads nothing from a text that does not parse.
  const [content] = documentsOf(text);
  const entriesOf = (value: unknown) => Object.entries(isRecord(value) ? value : {});
  const records = entriesOf(at(content, 'resource')).flatMap(([type, labels]) =>
    entriesOf(labels).flatMap(([label, record]) => (isRecord(record) ? [[`${type}.${label}`, record] as const] : [])),
  );
  return new Map(records);
}
