import { Issues } from './issues';
import { readGivenJson, readSentJson } from './read-json';
import { type FieldReader, readChoice, readList, readMap, readObject, readVariants } from './read-members';
import { finiteOrNull, type Read, readBoolean, readFinite, readInteger, readNumber, readString } from './read-scalar';
import type { Rule } from './rules';
import type { Field } from './shape';

/** A parsed value, or all issues with it. */
export type Reading = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly issues: Issues };

/** Undeclared members: `inputs` reject them, `results` drop them. */
export type Direction = 'inputs' | 'results';

export interface ReaderOptions {
  /**
   * Whether NaN or an infinite number in a result is an issue, because the output schema promises a number.
   * @default - it becomes null and the call succeeds, as on the Python server
   */
  readonly rejectsNonFinite?: boolean;
}

/**
 * Creates a lenient parser for a field. It coerces like the Python server (arcade-mcp-server 1.26.0), because models send
 * numbers as strings. All decisions that depend only on the schema are made here, once.
 */
export function readerOf(
  field: Field,
  direction: Direction,
  { rejectsNonFinite = false }: ReaderOptions = {},
): (value: unknown) => Reading {
  const { read, absent } = fieldReader(field, { direction, rejectsNonFinite, checksRules: true });
  return (value) => {
    const issues = new Issues();
    const found =
      value === undefined && absent !== undefined ? absent(issues, null, '') : read(value, issues, null, '');
    return issues.count > 0 ? { ok: false, issues } : { ok: true, value: found };
  };
}

/**
 * The default of a field.
 * @throws whatever the author's default function throws
 */
export function absentOf({ layers }: Field): unknown {
  return layers.findLast(({ fallback }) => fallback !== undefined)?.fallback?.();
}

interface Settings {
  readonly direction: Direction;
  readonly rejectsNonFinite: boolean;
  /** False to check only types and no rules. */
  readonly checksRules: boolean;
}

/** Applies the layers in zod's order: each does its own work, then checks its rules. */
function fieldReader(field: Field, settings: Settings): FieldReader {
  let read = readShape(field, settings);
  let absent: FieldReader['absent'];
  for (const { kind, rule, fallback } of field.layers) {
    if (kind === 'nullable') read = orNull(read);
    if (kind === 'optional') absent ??= nothing;
    if (fallback !== undefined) {
      absent =
        settings.direction === 'results' && settings.checksRules
          ? checked(fallback, typesOf(field, settings))
          : fallback;
    }
    if (rule === undefined || !settings.checksRules) continue;
    // A rule may replace a result with any value, so its type is checked again.
    const recheck =
      rule.changes && settings.direction === 'results' && kind !== 'optional' ? typesOf(field, settings) : undefined;
    read = withRule(read, settings.direction === 'inputs' ? rule.runOnInput : rule.run, recheck);
    if (absent !== undefined) absent = absentWithRule(absent, rule);
  }
  if (field.absentIsNull && absent === undefined) {
    absent = (issues, parent, key) => read(null, issues, parent, key);
  }
  return { read, absent };
}

function nothing(): undefined {}

function orNull(read: Read): Read {
  return (value, issues, parent, key) => (value === null ? null : read(value, issues, parent, key));
}

/** A default in a result comes from the author, so its type is checked too. */
function checked(fallback: () => unknown, read: Read): FieldReader['absent'] {
  return (issues, parent, key) => read(fallback(), issues, parent, key);
}

function typesOf(field: Field, settings: Settings): Read {
  return fieldReader(field, { ...settings, checksRules: false }).read;
}

function withRule(read: Read, run: Rule['run'], recheck: Read | undefined): Read {
  return (value, issues, parent, key) => {
    const { count, nulledNumbers } = issues;
    const found = read(value, issues, parent, key);
    // A rule gets only values of its type: no invalid ones, and no NaN that became null.
    if (issues.count > count || issues.nulledNumbers > nulledNumbers) return found;
    const checkedValue = run(found, issues, parent, key);
    return recheck === undefined || issues.count > count ? checkedValue : recheck(checkedValue, issues, parent, key);
  };
}

function absentWithRule(absent: NonNullable<FieldReader['absent']>, rule: Rule): FieldReader['absent'] {
  return (issues, parent, key) => {
    const { count } = issues;
    const found = absent(issues, parent, key);
    return issues.count > count ? found : rule.run(found, issues, parent, key);
  };
}

function readShape(field: Field, settings: Settings): Read {
  const { shape } = field;
  const inner = (nested: Field) => fieldReader(nested, settings);
  switch (shape.kind) {
    case 'string':
      return readString;
    case 'integer':
      return readInteger;
    case 'number':
      if (settings.direction === 'inputs') return readNumber;
      return settings.rejectsNonFinite && !field.nullable ? readFinite : finiteOrNull;
    case 'boolean':
      return readBoolean;
    case 'map':
      if (shape.key !== undefined || shape.value !== undefined) return readMap(shape, settings.direction, inner);
      return settings.direction === 'inputs' ? readGivenJson : readSentJson;
    case 'choice':
      return readChoice(shape.values, shape.code);
    case 'list':
      return readList(inner(shape.item).read);
    case 'object':
      return readObject(shape, settings.direction, inner);
    case 'variants':
      return readVariants(shape, inner);
  }
}
