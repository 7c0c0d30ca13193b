import { at } from '../../model/json';
import { Problem } from '../../model/problem';
import { missing } from './differences';
import { objectsIn } from './flux/manifests';
import type { FileChange } from './plan';
import { terraformBlocks } from './terraform-blocks';

/**
 * What it costs to take a way in away from a server, or to lead its record to one, in the delivery that does more than
 * that: Flux, Terraform and the caches of resolvers follow one after another, and in between the name leads where nothing
 * serves it. Apart, each step leaves a way that serves: add one, let the record follow, remove the other.
 */
export function wayCosts(changes: readonly FileChange[]): readonly Problem[] {
  return changes.flatMap(({ path, state, before, after, server }) => {
    if (state === 'unchanged' || before === undefined || after === undefined || !path.endsWith('.yaml')) return [];
    const [old, fresh] = [waysIn(before), waysIn(after)];
    const [gone, added] = [missing(old, fresh), missing(fresh, old)];
    // Without any way left, or before there was one, it is the address that changes, which is told as that.
    if (old.size === 0 || fresh.size === 0 || gone.length + added.length === 0) return [];
    const record = changes.find((change) => change.server === server && change.path.endsWith('.tf.json'));
    const [from, to] = [targetIn(record?.before), targetIn(record?.after)];
    const isMoving = record !== undefined && from !== undefined && from !== to;
    // A record that stays where it is leads to what stays.
    if (!isMoving && (record !== undefined || gone.length === 0)) return [];
    const what = [...gone.map((way) => `loses its ${way}`), ...added.map((way) => `gets its ${way}`)].join(' and ');
    const message = isMoving
      ? `"${server}" ${what} in the delivery that leads its record from ${from} to ${to}: for a while its name leads where nothing serves it`
      : `"${server}" ${what}, and nobody can tell from here whether its name still leads there`;
    const fix = isMoving
      ? 'deliver it in steps: declare both ways, then change active, then, once the record has been applied and its time to live is over, take the other way out (docs/platforms.md, "Ways in")'
      : `see first where it leads: npm run verify -- ${server}; with --dns-to, deliver compares the record`;
    return [new Problem('WAY-CHANGED', message, { file: path, fix, level: 'warning' })];
  });
}

/** The kinds of way that lead to a server. */
function waysIn(text: string): ReadonlySet<string> {
  const ways = objectsIn(text).flatMap(({ object }) => {
    if (object.kind === 'Ingress') return ['ingress'];
    if (object.kind === 'HTTPRoute') return ['route'];
    return object.kind === 'HelmRelease' && at(object, 'spec', 'values', 'ingress', 'enabled') === true
      ? ['ingress']
      : [];
  });
  return new Set(ways);
}

/** Where the record of a file of ours points to. */
function targetIn(text = ''): string | undefined {
  const blocks = terraformBlocks(text, 'record.tf.json');
  return blocks.flatMap(({ kind, attributes }) => (kind === 'resource' ? (attributes.get('content') ?? []) : []))[0];
}
