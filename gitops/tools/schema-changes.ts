import { boundChanges } from './schema-bounds';
import {
  type Branches,
  branchesOf,
  canonical,
  isObject,
  nameOf,
  type Schema,
  schemaAt,
  typesOf,
  typeText,
  valuesOf,
} from './schema-parts';

/** One difference between two schemas of the same value. */
export interface SchemaChange {
  /** From the root, such as `stops[].name`; empty for the root itself. */
  readonly path: string;
  readonly what: string;
  /**
   * `narrowed` accepts fewer values, `widened` accepts more, `both` drops some and adds others. `removed` is a removed
   * member, `optional` and `required` are new ones. `default` and `wording` leave the accepted values unchanged.
   */
  readonly effect: 'narrowed' | 'widened' | 'both' | 'removed' | 'optional' | 'required' | 'default' | 'wording';
}

/** The current path, the documents that `$ref` points into, and the pairs of references that are being compared. */
interface Place {
  readonly path: string;
  readonly roots: readonly [before: Schema, after: Schema];
  readonly open: ReadonlySet<string>;
}

/**
 * Every difference between two JSON Schemas (2020-12 and draft 7), at any depth. Compares keywords, not sets of values: a
 * change that it cannot order, such as another pattern, is `both`.
 */
export function schemaChanges(before: Schema, after: Schema): readonly SchemaChange[] {
  return compare(before, after, { path: '', roots: [before, after], open: new Set() });
}

function compare(given: unknown, wanted: unknown, place: Place): readonly SchemaChange[] {
  if (given === undefined && wanted === undefined) return [];
  const [before, after] = [schemaAt(given, place.roots[0]), schemaAt(wanted, place.roots[1])];
  const pair = [given, wanted].map((schema) => (isObject(schema) ? schema.$ref : undefined)).join(' ');
  if (pair !== ' ' && place.open.has(pair)) return [];
  const here = pair === ' ' ? place : { ...place, open: new Set(place.open).add(pair) };
  const [unionBefore, unionAfter] = [branchesOf(before), branchesOf(after)];
  if (!unionBefore && !unionAfter) return compareOne(before, after, here);
  const [from, to] = [unionBefore ?? asUnion(before), unionAfter ?? asUnion(after)];
  return [...compareUnions(from, to, here), ...compareOne(from.common, to.common, here)];
}

function asUnion(schema: Schema): Branches {
  return { branches: [schema], common: {} };
}

/** Pairs identical branches, then compares the remaining ones in order. */
function compareUnions({ branches: before }: Branches, { branches: after }: Branches, place: Place) {
  const [from, to] = [new Map(before.map(keyed)), new Map(after.map(keyed))];
  const removed = [...from].filter(([key]) => !to.has(key)).map(([, branch]) => branch);
  const added = [...to].filter(([key]) => !from.has(key)).map(([, branch]) => branch);
  const both = Math.min(removed.length, added.length);
  return [
    // Identical branches may refer to definitions that differ.
    ...[...from].filter(([key]) => to.has(key)).flatMap(([, branch]) => compare(branch, branch, place)),
    ...removed.slice(0, both).flatMap((branch, index) => compare(branch, added[index], place)),
    ...removed.slice(both).map((branch) => change(place.path, `is no longer ${nameOf(branch)}`, 'narrowed')),
    ...added.slice(both).map((branch) => change(place.path, `may also be ${nameOf(branch)}`, 'widened')),
  ];
}

function keyed(branch: unknown): readonly [key: string, branch: unknown] {
  return [canonical(branch), branch];
}

function compareOne(before: Schema, after: Schema, place: Place): readonly SchemaChange[] {
  const { path } = place;
  const types = typeChanges(before, after, path);
  // When the types have nothing in common, further details are noise.
  if (types.some(({ effect }) => effect === 'both')) return types;
  return [
    ...types,
    ...valueChanges(before, after, path),
    ...boundChanges(before, after).map(({ what, effect }) => change(path, what, effect)),
    ...compare(before.items, after.items, { ...place, path: `${path}[]` }),
    ...memberChanges(before, after, place),
    ...otherChanges(before, after, path),
  ];
}

function typeChanges(before: Schema, after: Schema, path: string): readonly SchemaChange[] {
  const [from, to] = [typesOf(before), typesOf(after)];
  const [removed, added] = [from.filter((type) => !to.includes(type)), to.filter((type) => !from.includes(type))];
  if (removed.length === 0 && added.length === 0) return [];
  if (removed.length === 0 && added.join() === 'null') return [change(path, 'may now be null', 'widened')];
  if (added.length === 0 && removed.join() === 'null') return [change(path, 'may no longer be null', 'narrowed')];
  const what = `is ${typeText(after)} instead of ${typeText(before)}`;
  return [change(path, what, removed.length === 0 ? 'widened' : added.length === 0 ? 'narrowed' : 'both')];
}

function valueChanges(before: Schema, after: Schema, path: string): readonly SchemaChange[] {
  const [from, to] = [valuesOf(before), valuesOf(after)];
  if (from === undefined && to === undefined) return [];
  if (to === undefined) return [change(path, 'may now have any value', 'widened')];
  if (from === undefined) return [change(path, `may now only be ${to.join(', ')}`, 'narrowed')];
  const [removed, added] = [from.filter((value) => !to.includes(value)), to.filter((value) => !from.includes(value))];
  return [
    ...(removed.length > 0 ? [change(path, `may no longer be ${removed.join(', ')}`, 'narrowed')] : []),
    ...(added.length > 0 ? [change(path, `may also be ${added.join(', ')}`, 'widened')] : []),
  ];
}

function memberChanges(before: Schema, after: Schema, place: Place): readonly SchemaChange[] {
  const [from, to] = [membersOf(before), membersOf(after)];
  const names = [...new Set([...from.keys(), ...to.keys()])];
  const at = (name: string) => (place.path === '' ? name : `${place.path}.${name}`);
  return [
    ...names.flatMap((name): readonly SchemaChange[] => {
      const [old, now] = [from.get(name), to.get(name)];
      const path = at(name);
      if (now === undefined) return [change(path, 'was removed', 'removed')];
      if (old === undefined)
        return [
          change(path, now.isRequired ? 'is new and required' : 'is new', now.isRequired ? 'required' : 'optional'),
        ];
      const required = now.isRequired ? 'narrowed' : 'widened';
      const what = now.isRequired ? 'is now required' : 'is no longer required';
      return [
        ...(old.isRequired === now.isRequired ? [] : [change(path, what, required)]),
        ...compare(old.schema, now.schema, { ...place, path }),
      ];
    }),
    ...restChanges(before.additionalProperties, after.additionalProperties, { ...place, path: at('*') }),
  ];
}

/** Undeclared members: rejected, anything, or matching one schema. */
function restChanges(before: unknown, after: unknown, place: Place): readonly SchemaChange[] {
  if (before === false && after === false) return [];
  if (before === false) return [change(place.path, 'now accepts undeclared members', 'widened')];
  if (after === false) return [change(place.path, 'now rejects undeclared members', 'narrowed')];
  return compare(before, after, place);
}

/** Every keyword without its own rule: adding one narrows, removing one widens, changing one does both. */
function otherChanges(before: Schema, after: Schema, path: string): readonly SchemaChange[] {
  const keywords = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((each) => !handled.has(each));
  return keywords.flatMap((keyword) => {
    const [old, now] = [before[keyword], after[keyword]];
    if (canonical(old) === canonical(now)) return [];
    if (annotations.has(keyword)) return [change(path, `has a different ${keyword}`, 'wording')];
    const what = `has ${keyword} ${text(now)} instead of ${text(old)}`;
    if (keyword === 'default' || keyword === 'inferrable') return [change(path, what, 'default')];
    return [change(path, what, old === undefined ? 'narrowed' : now === undefined ? 'widened' : 'both')];
  });
}

/** Keywords for people and models, which do not constrain a value. */
const annotations = new Set([
  'title',
  'description',
  'examples',
  'example',
  'deprecated',
  'readOnly',
  'writeOnly',
  '$comment',
]);

const handled = new Set([
  ...['type', 'enum', 'const', 'items', 'properties', 'required', 'additionalProperties', 'anyOf', 'oneOf'],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'uniqueItems'],
  ...['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'],
  ...['$ref', '$defs', 'definitions', '$schema', '$id', '$anchor'],
]);

function membersOf({ properties, required }: Schema) {
  const names = Array.isArray(required) ? required.map(String) : [];
  const schemas = isObject(properties) ? properties : {};
  return new Map(
    [...new Set([...Object.keys(schemas), ...names])].map((name) => [
      name,
      { schema: schemas[name], isRequired: names.includes(name) },
    ]),
  );
}

function text(value: unknown): string {
  return value === undefined ? 'none' : JSON.stringify(value);
}

function change(path: string, what: string, effect: SchemaChange['effect']): SchemaChange {
  return { path, what, effect };
}
