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
   * Some values are taken no longer, some are new, or both. Members come and go, which means the same whoever writes the
   * value; a default and words change no value.
   */
  readonly effect: 'narrowed' | 'widened' | 'both' | 'removed' | 'optional' | 'required' | 'default' | 'wording';
}

/** The documents that `$ref` points into, and the pairs of references that are being compared further up. */
interface Place {
  readonly path: string;
  readonly roots: readonly [before: Schema, after: Schema];
  readonly open: ReadonlySet<string>;
}

/**
 * Every difference between two JSON Schemas (2020-12 and draft 7), at any depth. It decides by keywords, not by sets:
 * what it cannot order, such as two patterns, counts as narrowed and widened at once.
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
  const [from, to] = [unionBefore ?? alone(before), unionAfter ?? alone(after)];
  return [...compareUnions(from, to, here), ...compareOne(from.beside, to.beside, here)];
}

function alone(schema: Schema): Branches {
  return { branches: [schema], beside: {} };
}

/** Branches that read alike belong together; what is left over on both sides is compared in order. */
function compareUnions({ branches: before }: Branches, { branches: after }: Branches, place: Place) {
  const [from, to] = [new Map(before.map(keyed)), new Map(after.map(keyed))];
  const gone = [...from].filter(([key]) => !to.has(key)).map(([, branch]) => branch);
  const added = [...to].filter(([key]) => !from.has(key)).map(([, branch]) => branch);
  const both = Math.min(gone.length, added.length);
  return [
    // What they refer to may differ all the same.
    ...[...from].filter(([key]) => to.has(key)).flatMap(([, branch]) => compare(branch, branch, place)),
    ...gone.slice(0, both).flatMap((branch, index) => compare(branch, added[index], place)),
    ...gone.slice(both).map((branch) => change(place.path, `is no longer ${nameOf(branch)}`, 'narrowed')),
    ...added.slice(both).map((branch) => change(place.path, `may be ${nameOf(branch)} too`, 'widened')),
  ];
}

function keyed(branch: unknown): readonly [key: string, branch: unknown] {
  return [canonical(branch), branch];
}

function compareOne(before: Schema, after: Schema, place: Place): readonly SchemaChange[] {
  const { path } = place;
  const types = typeChanges(before, after, path);
  // Of two values that have nothing in common, the details say no more.
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
  const [gone, added] = [from.filter((type) => !to.includes(type)), to.filter((type) => !from.includes(type))];
  if (gone.length === 0 && added.length === 0) return [];
  if (gone.length === 0 && added.join() === 'null') return [change(path, 'may be null now', 'widened')];
  if (added.length === 0 && gone.join() === 'null') return [change(path, 'may no longer be null', 'narrowed')];
  const what = `is ${typeText(after)} instead of ${typeText(before)}`;
  return [change(path, what, gone.length === 0 ? 'widened' : added.length === 0 ? 'narrowed' : 'both')];
}

function valueChanges(before: Schema, after: Schema, path: string): readonly SchemaChange[] {
  const [from, to] = [valuesOf(before), valuesOf(after)];
  if (from === undefined && to === undefined) return [];
  if (to === undefined) return [change(path, 'may have any value now', 'widened')];
  if (from === undefined) return [change(path, `may only be ${to.join(', ')} now`, 'narrowed')];
  const [gone, added] = [from.filter((value) => !to.includes(value)), to.filter((value) => !from.includes(value))];
  return [
    ...(gone.length > 0 ? [change(path, `may no longer be ${gone.join(', ')}`, 'narrowed')] : []),
    ...(added.length > 0 ? [change(path, `may be ${added.join(', ')} too`, 'widened')] : []),
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
      if (now === undefined) return [change(path, 'is gone', 'removed')];
      if (old === undefined)
        return [
          change(path, now.isRequired ? 'is new and required' : 'is new', now.isRequired ? 'required' : 'optional'),
        ];
      const required = now.isRequired ? 'narrowed' : 'widened';
      const what = now.isRequired ? 'is required now' : 'is no longer required';
      return [
        ...(old.isRequired === now.isRequired ? [] : [change(path, what, required)]),
        ...compare(old.schema, now.schema, { ...place, path }),
      ];
    }),
    ...restChanges(before.additionalProperties, after.additionalProperties, { ...place, path: at('*') }),
  ];
}

/** Members that are not named: refused, anything, or of one schema. */
function restChanges(before: unknown, after: unknown, place: Place): readonly SchemaChange[] {
  if (before === false && after === false) return [];
  if (before === false) return [change(place.path, 'is taken now: members without a name here', 'widened')];
  if (after === false) return [change(place.path, 'is refused now: members without a name here', 'narrowed')];
  return compare(before, after, place);
}

/** Every keyword that no rule above reads: there or not is an order, two different ones have none. */
function otherChanges(before: Schema, after: Schema, path: string): readonly SchemaChange[] {
  const keywords = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((word) => !read.has(word));
  return keywords.flatMap((word) => {
    const [old, now] = [before[word], after[word]];
    if (canonical(old) === canonical(now)) return [];
    if (words.has(word)) return [change(path, `has another ${word}`, 'wording')];
    const what = `has ${word} ${text(now)} instead of ${text(old)}`;
    if (word === 'default' || word === 'inferrable') return [change(path, what, 'default')];
    return [change(path, what, old === undefined ? 'narrowed' : now === undefined ? 'widened' : 'both')];
  });
}

/** Words for people and models, and what says nothing of a value. */
const words = new Set([
  'title',
  'description',
  'examples',
  'example',
  'deprecated',
  'readOnly',
  'writeOnly',
  '$comment',
]);

const read = new Set([
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
