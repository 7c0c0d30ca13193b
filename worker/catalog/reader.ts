import { z } from 'zod';
import { isObject } from '../json';
import { Issues, type Place } from './issues';
import { finiteOrNull, type Read, readBoolean, readInteger, readNumber, readString } from './read-scalar';
import type { Field, Member, Shape } from './shape';

/** A value as the tool or the engine may have it, or everything that does not fit. */
export type Reading = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly issues: Issues };

/** `inputs` refuse members that are not declared; `results` drop them, and send what is not a number as null. */
export type Direction = 'inputs' | 'results';

/**
 * Makes the function that reads values of a field leniently, as the Python server does (arcade-mcp-server 1.26.0):
 * models send numbers as text. Everything that can be decided beforehand is decided here, once.
 */
export function readerOf(field: Field, direction: Direction): (value: unknown) => Reading {
  const read = readNullable(field, direction);
  return (value) => {
    const issues = new Issues();
    const found = read(value, issues, null, '');
    if (issues.count > 0) return { ok: false, issues };
    return field.hasRules ? withRules(field.shape.schema, found) : { ok: true, value: found };
  };
}

/** The rules that only zod knows run on the value as it was read. */
function withRules(schema: z.core.$ZodType, value: unknown): Reading {
  const { success, data, error } = z.safeParse(schema, value);
  if (success) return { ok: true, value: data };
  const issues = new Issues();
  for (const { path, code, message } of error.issues) issues.push({ path: path.join('.'), code, reason: message });
  return { ok: false, issues };
}

function readNullable(field: Field, direction: Direction): Read {
  const read = readShape(field.shape, direction);
  if (!field.nullable) return read;
  return (value, issues, parent, key) => (value === null ? null : read(value, issues, parent, key));
}

function readShape(shape: Shape, direction: Direction): Read {
  switch (shape.kind) {
    case 'string':
      return readString;
    case 'integer':
      return readInteger;
    case 'number':
      return direction === 'inputs' ? readNumber : finiteOrNull;
    case 'boolean':
      return readBoolean;
    case 'map':
      return direction === 'inputs' ? readMap : readJson;
    case 'choice':
      return readChoice(new Set(shape.values), shape.code, `Input should be ${quotedList(shape.values)}`);
    case 'list':
      return readList(readNullable(shape.item, direction));
    case 'object':
      return readObject(shape.members, shape.title, direction);
  }
}

const readMap: Read = (value, issues, parent, key) => (isObject(value) ? value : issues.add(parent, key, 'dict_type'));

/** A free object of a result is sent whole, so it has to survive being written as JSON. */
const readJson: Read = (value, issues, parent, key) => {
  if (!isObject(value)) return readMap(value, issues, parent, key);
  try {
    return JSON.parse(JSON.stringify(value));
  } catch {
    // Circles, big integers and endless depth are all the same to the caller: a result that cannot be sent.
    return issues.add(parent, key, 'not_json');
  }
};

function readChoice(values: ReadonlySet<unknown>, code: string, reason: string): Read {
  return (value, issues, parent, key) => (values.has(value) ? value : issues.addAs(parent, key, code, reason));
}

function readList(readItem: Read): Read {
  return (value, issues, parent, key) => {
    if (!Array.isArray(value)) return issues.add(parent, key, 'list_type');
    const here: Place = { parent, key };
    return value.map((item, index) => readItem(item, issues, here, index));
  };
}

function readObject(members: readonly Member[], title: string, direction: Direction): Read {
  const readers = members.map((member) => ({ ...member, read: readNullable(member, direction) }));
  const known = new Set(members.map(({ name }) => name));
  const notAnObject = `Input should be a valid dictionary or instance of ${title}`;
  return (value, issues, parent, key) => {
    if (!isObject(value)) return issues.addAs(parent, key, 'model_type', notAnObject);
    const here = key === '' && parent === null ? null : { parent, key };
    const found: Record<string, unknown> = {};
    for (const { name, read, required, fallback } of readers) {
      const given = value[name];
      if (given !== undefined) found[name] = read(given, issues, here, name);
      else if (required) issues.add(here, name, 'missing');
      else if (fallback !== undefined) found[name] = fallback();
    }
    if (direction === 'inputs') {
      for (const name in value) {
        if (!known.has(name)) issues.add(here, name, 'extra_forbidden');
      }
    }
    return found;
  };
}

/** `'a', 'b' or 'c'`. */
function quotedList(values: readonly string[]): string {
  const quoted = values.map((value) => `'${value}'`);
  return [quoted.slice(0, -1).join(', '), ...quoted.slice(-1)].filter(Boolean).join(' or ');
}
