import { z } from 'zod';
import type { Field, Member, Shape } from './shape';

/** Something about a value that does not fit: where, the code of the reference, and the words for a model. */
export interface Misfit {
  readonly path: string;
  readonly code: string;
  readonly reason: string;
}

/** A value as the tool or the engine may have it, or everything that does not fit. */
export type Reading =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly misfits: Misfits };

/** `inputs` refuse members that are not declared; `results` drop them, and send what is not a number as null. */
export type Direction = 'inputs' | 'results';

/**
 * Makes the function that reads values of a field leniently, as the Python server does (arcade-mcp-server 1.26.0):
 * models send numbers as text. Everything that can be decided beforehand is decided here, once.
 */
export function readerOf(field: Field, direction: Direction): (value: unknown) => Reading {
  const read = readNullable(field, direction);
  return (value) => {
    const misfits = new Misfits();
    const found = read(value, misfits, null, '');
    if (misfits.count > 0) return { ok: false, misfits };
    return field.hasRules ? withRules(field.shape.schema, found) : { ok: true, value: found };
  };
}

/** The rules that only zod knows run on the value as it was read. */
function withRules(schema: z.core.$ZodType, value: unknown): Reading {
  const { success, data, error } = z.safeParse(schema, value);
  if (success) return { ok: true, value: data };
  const misfits = new Misfits();
  for (const { path, code, message } of error.issues) misfits.push({ path: path.join('.'), code, reason: message });
  return { ok: false, misfits };
}

/** At most so many misfits are told of one call: a list of a million wrong items must not make an answer of 50 MB. */
const toldAtMost = 100;

export class Misfits {
  count = 0;
  readonly told: Misfit[] = [];

  push(misfit: Misfit): void {
    this.count += 1;
    if (this.told.length < toldAtMost) this.told.push(misfit);
  }

  add(parent: Place | null, key: string | number, code: string, reason: string): undefined {
    this.count += 1;
    if (this.told.length < toldAtMost) this.told.push({ path: pathTo(parent, key), code, reason });
  }

  /** Each misfit in one line, joined as the reference does it. */
  describe(line: (misfit: Misfit) => string): string {
    const more = this.count - this.told.length;
    return this.told.map(line).join('; ') + (more === 0 ? '' : `; and ${more} more`);
  }
}

/** Where a value stands. The text is made only when something does not fit. */
interface Place {
  readonly parent: Place | null;
  readonly key: string | number;
}

function pathTo(parent: Place | null, key: string | number): string {
  const keys = [shortened(key)];
  for (let place = parent; place !== null; place = place.parent) keys.unshift(shortened(place.key));
  return keys.filter((part) => part !== '').join('.');
}

/** A caller may call a member as he likes; the text of it goes into answers and logs. */
function shortened(key: string | number): string | number {
  return typeof key === 'string' && key.length > 100 ? `${key.slice(0, 100)}…` : key;
}

type Read = (value: unknown, misfits: Misfits, parent: Place | null, key: string | number) => unknown;

function readNullable(field: Field, direction: Direction): Read {
  const read = readShape(field.shape, direction);
  if (!field.nullable) return read;
  return (value, misfits, parent, key) => (value === null ? null : read(value, misfits, parent, key));
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

const readString: Read = (value, misfits, parent, key) =>
  typeof value === 'string' ? value : misfits.add(parent, key, 'string_type', 'Input should be a valid string');

/** Optional sign, digits with single underscores between them, and a fraction of zeros only. */
const integerText = /^\s*[+-]?\d+(?:_\d+)*(?:\.0+)?\s*$/;

const readInteger: Read = (value, misfits, parent, key) => {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return value + 0;
    if (!Number.isFinite(value)) return misfits.add(parent, key, 'finite_number', 'Input should be a finite number');
    if (Number.isInteger(value)) return misfits.add(parent, key, ...tooLarge);
    return misfits.add(
      parent,
      key,
      'int_from_float',
      'Input should be a valid integer, got a number with a fractional part',
    );
  }
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'string') return misfits.add(parent, key, 'int_type', 'Input should be a valid integer');
  if (!integerText.test(value)) {
    return misfits.add(
      parent,
      key,
      'int_parsing',
      'Input should be a valid integer, unable to parse string as an integer',
    );
  }
  const whole = Number(value.replaceAll('_', ''));
  return Number.isSafeInteger(whole) ? whole + 0 : misfits.add(parent, key, ...tooLarge);
};

/** Python's integers have no bound; ours would be rounded, and a rounded value is a wrong one. */
const tooLarge = [
  'int_parsing_size',
  'Input should be a valid integer, at most 9007199254740991 in absolute value',
] as const;

const decimalText = /^\s*[+-]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?\s*$/;
const infiniteText = /^\s*([+-]?)(inf|infinity|nan)\s*$/i;

const readNumber: Read = (value, misfits, parent, key) => {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'string') return misfits.add(parent, key, 'float_type', 'Input should be a valid number');
  if (decimalText.test(value)) return Number(value.replaceAll('_', ''));
  const [, sign, word] = infiniteText.exec(value) ?? [];
  if (word === undefined) {
    return misfits.add(
      parent,
      key,
      'float_parsing',
      'Input should be a valid number, unable to parse string as a number',
    );
  }
  if (word.toLowerCase() === 'nan') return Number.NaN;
  return sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
};

/** JSON has no word for what is not a number; the reference sends null and calls it a success. */
const finiteOrNull: Read = (value, misfits, parent, key) => {
  const found = readNumber(value, misfits, parent, key);
  return Number.isFinite(found) ? found : null;
};

const trueTexts = new Set(['true', 't', 'yes', 'y', 'on', '1']);
const falseTexts = new Set(['false', 'f', 'no', 'n', 'off', '0']);

const readBoolean: Read = (value, misfits, parent, key) => {
  if (typeof value === 'boolean') return value;
  if (value === 1 || value === 0) return value === 1;
  if (typeof value === 'string') {
    const text = value.toLowerCase();
    if (trueTexts.has(text)) return true;
    if (falseTexts.has(text)) return false;
  } else if (!Number.isInteger(value)) {
    return misfits.add(parent, key, 'bool_type', 'Input should be a valid boolean');
  }
  return misfits.add(parent, key, 'bool_parsing', 'Input should be a valid boolean, unable to interpret input');
};

const readMap: Read = (value, misfits, parent, key) =>
  isObject(value) ? value : misfits.add(parent, key, 'dict_type', 'Input should be a valid dictionary');

/** A free object of a result is sent whole, so it has to survive being written as JSON. */
const readJson: Read = (value, misfits, parent, key) => {
  if (!isObject(value)) return readMap(value, misfits, parent, key);
  try {
    return JSON.parse(JSON.stringify(value));
  } catch {
    // Circles, big integers and endless depth are all the same to the caller: a result that cannot be sent.
    return misfits.add(parent, key, 'not_json', 'Input should be a value that JSON can hold');
  }
};

function readChoice(values: ReadonlySet<unknown>, code: string, reason: string): Read {
  return (value, misfits, parent, key) => (values.has(value) ? value : misfits.add(parent, key, code, reason));
}

function readList(readItem: Read): Read {
  return (value, misfits, parent, key) => {
    if (!Array.isArray(value)) return misfits.add(parent, key, 'list_type', 'Input should be a valid list');
    const here: Place = { parent, key };
    return value.map((item, index) => readItem(item, misfits, here, index));
  };
}

function readObject(members: readonly Member[], title: string, direction: Direction): Read {
  const readers = members.map((member) => ({ ...member, read: readNullable(member, direction) }));
  const known = new Set(members.map(({ name }) => name));
  const notAnObject = `Input should be a valid dictionary or instance of ${title}`;
  return (value, misfits, parent, key) => {
    if (!isObject(value)) return misfits.add(parent, key, 'model_type', notAnObject);
    const here = key === '' && parent === null ? null : { parent, key };
    const found: Record<string, unknown> = {};
    for (const { name, read, required, fallback } of readers) {
      const given = value[name];
      if (given !== undefined) found[name] = read(given, misfits, here, name);
      else if (required) misfits.add(here, name, 'missing', 'Field required');
      else if (fallback !== undefined) found[name] = fallback();
    }
    if (direction === 'inputs') {
      for (const name in value) {
        if (!known.has(name)) misfits.add(here, name, 'extra_forbidden', 'Extra inputs are not permitted');
      }
    }
    return found;
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `'a', 'b' or 'c'`. */
function quotedList(values: readonly string[]): string {
  const quoted = values.map((value) => `'${value}'`);
  return [quoted.slice(0, -1).join(', '), ...quoted.slice(-1)].filter(Boolean).join(' or ');
}
