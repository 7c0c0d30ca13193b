import { isObject } from '../json';
import type { Issues, Place } from './issues';
import { checkGiven, copyOf } from './read-json';
import type { Read } from './read-scalar';
import type { Field, Shape } from './shape';

/** Reads a member, present or absent. */
export interface FieldReader {
  readonly read: Read;
  /** Returns the value of an absent member, or undefined for none. @default - the member is required */
  readonly absent: ((issues: Issues, parent: Place | null, key: string | number) => unknown) | undefined;
}

type Inner = (field: Field) => FieldReader;
type Of<Kind extends Shape['kind']> = Extract<Shape, { readonly kind: Kind }>;

/** Reads one of several strings. */
export function readChoice(choices: readonly string[], code: string): Read {
  const values: ReadonlySet<unknown> = new Set(choices);
  const reason = `Input should be ${quotedList(choices)}`;
  return (value, issues, parent, key) => (values.has(value) ? value : issues.addAs(parent, key, code, reason));
}

/** Reads a list, item by item. */
export function readList(readItem: Read): Read {
  return (value, issues, parent, key) => {
    if (!Array.isArray(value)) return issues.add(parent, key, 'list_type');
    const here: Place = { parent, key };
    // Not `map`, which skips holes.
    return Array.from(value, (item, index) => readItem(item, issues, here, index));
  };
}

/** Reads an object with known members. Results drop unknown members, inputs reject them. */
export function readObject({ members, title }: Of<'object'>, direction: 'inputs' | 'results', inner: Inner): Read {
  const readers = members.map((member) => ({ name: member.name, ...inner(member) }));
  const known = new Set(members.map(({ name }) => name));
  const notAnObject = `Input should be a valid dictionary or instance of ${title}`;
  return (value, issues, parent, key) => {
    if (!isObject(value)) return issues.addAs(parent, key, 'model_type', notAnObject);
    const here = placeOf(parent, key);
    const found: Record<string, unknown> = {};
    for (const { name, read, absent } of readers) {
      const given = value[name];
      if (given !== undefined) found[name] = read(given, issues, here, name);
      else if (absent === undefined) issues.add(here, name, 'missing');
      else {
        const fallback = absent(issues, here, name);
        if (fallback !== undefined) found[name] = fallback;
      }
    }
    if (direction === 'inputs') {
      for (const name in value) {
        if (!known.has(name)) issues.add(here, name, 'extra_forbidden');
      }
    }
    return found;
  };
}

/** Reads a discriminated union. */
export function readVariants({ tag, title, variants }: Of<'variants'>, inner: Inner): Read {
  const readers = new Map<unknown, Read>();
  for (const { tags, field } of variants) {
    const { read } = inner(field);
    for (const text of tags) readers.set(text, read);
  }
  const notAnObject = `Input should be a valid dictionary or instance of ${title}`;
  const noVariant = `Input should be ${quotedList(variants.flatMap(({ tags }) => tags))}`;
  return (value, issues, parent, key) => {
    if (!isObject(value)) return issues.addAs(parent, key, 'model_type', notAnObject);
    const read = readers.get(value[tag]);
    if (read !== undefined) return read(value, issues, parent, key);
    if (value[tag] === undefined) return issues.add(placeOf(parent, key), tag, 'missing');
    return issues.addAs(placeOf(parent, key), tag, 'union_tag_invalid', noVariant);
  };
}

/** Reads a record with rules for its keys or values. */
export function readMap(
  { key: keyField, value: valueField, isComplete }: Of<'map'>,
  direction: 'inputs' | 'results',
  inner: Inner,
): Read {
  const readKey = keyField && inner(keyField).read;
  const valueReader = valueField && inner(valueField);
  const readAny = direction === 'inputs' ? readGiven : copyOf;
  const required = isComplete && keyField?.shape.kind === 'choice' ? keyField.shape.values : [];
  return (value, issues, parent, key) => {
    if (!isObject(value)) return issues.add(parent, key, 'dict_type');
    const here = placeOf(parent, key);
    const found: Record<string, unknown> = {};
    for (const name of Object.keys(value)) {
      const { count } = issues;
      const given = value[name];
      if (given === undefined) continue;
      const readName = readKey ? readKey(name, issues, here, name) : name;
      if (issues.count > count) continue;
      // Assigning it would set the prototype.
      if (readName === '__proto__') issues.add(here, name, 'invalid_key');
      else found[String(readName)] = (valueReader?.read ?? readAny)(given, issues, here, name);
    }
    for (const name of required) {
      if (value[name] !== undefined || valueReader === undefined) continue;
      if (valueReader.absent === undefined) issues.add(here, name, 'missing');
      else {
        const fallback = valueReader.absent(issues, here, name);
        if (fallback !== undefined) found[name] = fallback;
      }
    }
    return found;
  };
}

const readGiven: Read = (value, issues, parent, key) => {
  checkGiven(value, issues, parent, key);
  return value;
};

/** The root is not part of a path. */
function placeOf(parent: Place | null, key: string | number): Place | null {
  return key === '' && parent === null ? null : { parent, key };
}

/** `'a', 'b' or 'c'`. */
function quotedList(values: readonly string[]): string {
  const quoted = values.map((value) => `'${value}'`);
  return [quoted.slice(0, -1).join(', '), ...quoted.slice(-1)].filter(Boolean).join(' or ');
}
