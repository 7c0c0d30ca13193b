import { at } from '../../model/json';
import { Problem } from '../../model/problem';
import { missing } from './differences';
import { objectsIn } from './flux/manifests';
import type { FileChange } from './plan';
import { terraformBlocks } from './terraform-blocks';

/**
 * Warnings for a delivery that changes a server's ways in (Ingress, HTTPRoute) together with its DNS record. Flux, Terraform
 * and resolver caches update one after another, so meanwhile the name may point where nothing serves it. Separate deliveries
 * avoid that: add the new way in, move the record, remove the old way in.
 */
export function wayCosts(changes: readonly FileChange[]): readonly Problem[] {
  return changes.flatMap(({ path, state, before, after, server }) => {
    if (state === 'unchanged' || before === undefined || after === undefined || !path.endsWith('.yaml')) return [];
    const [old, fresh] = [waysIn(before), waysIn(after)];
    const [gone, added] = [missing(old, fresh), missing(fresh, old)];
    // Gaining the first way in, or losing the last, is reported as ADDRESS-CHANGED.
    if (old.size === 0 || fresh.size === 0 || gone.length + added.length === 0) return [];
    const record = changes.find((change) => change.server === server && change.path.endsWith('.tf.json'));
    const [from, to] = [targetIn(record?.before), targetIn(record?.after)];
    const isMoving = record !== undefined && from !== undefined && from !== to;
    // An unchanged record still points to a remaining way in.
    if (!isMoving && (record !== undefined || gone.length === 0)) return [];
    const what = [...gone.map((way) => `loses its ${way}`), ...added.map((way) => `gets its ${way}`)].join(' and ');
    const message = isMoving
      ? `"${server}" ${what} in the same delivery that moves its record from ${from} to ${to}: for a while its name points where nothing serves it`
      : `"${server}" ${what}, and its name may still point there: the record is not visible here`;
    const fix = isMoving
      ? 'deliver it in steps: declare both ways in, then change active, then remove the old one after the record has been applied and its TTL has passed (docs/platforms.md, "Ways in")'
      : `check first where it points: npm run verify -- ${server}; with --dns-to, deliver compares the record`;
    return [new Problem('WAY-CHANGED', message, { file: path, fix, level: 'warning' })];
  });
}

/** The kinds of way in that the objects of a server define. */
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

/** The target of the record in one of our files. */
function targetIn(text = ''): string | undefined {
  const blocks = terraformBlocks(text, 'record.tf.json');
  return blocks.flatMap(({ kind, attributes }) => (kind === 'resource' ? (attributes.get('content') ?? []) : []))[0];
}
