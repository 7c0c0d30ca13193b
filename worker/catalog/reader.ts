import { Issues } from './issues';
import { readGivenJson, readSentJson } from './read-json';
import { type FieldReader, readChoice, readList, readMap, readObject, readVariants } from './read-members';
import { finiteOrNull, type Read, readBoolean, readFinite, readInteger, readNumber, readString } from './read-scalar';
import type { Rule } from './rules';
import type { Field } from './shape';

/** A value as the tool or the caller may have it, or everything that does not fit. */
export type Reading = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly issues: Issues };

/** `inputs` refuse members that are not declared; `results` drop them. */
export type Direction = 'inputs' | 'results';

export interface ReaderOptions {
  /**
   * Whether a number that JSON has no word for is sent as null, as the reference does and calls it a success, or is a
   * result that does not fit, because clients have been told that it is a number. @default - null
   */
  readonly refusesGaps?: boolean;
}

/**
 * Makes the function that reads values of a field leniently, as the Python server does (arcade-mcp-server 1.26.0):
 * models send numbers as text. Everything that can be decided beforehand is decided here, once.
 */
export function readerOf(
  field: Field,
  direction: Direction,
  { refusesGaps = false }: ReaderOptions = {},
): (value: unknown) => Reading {
  const { read, absent } = fieldReader(field, { direction, refusesGaps, isRuled: true });
  return (value) => {
    const issues = new Issues();
    const found =
      value === undefined && absent !== undefined ? absent(issues, null, '') : read(value, issues, null, '');
    return issues.count > 0 ? { ok: false, issues } : { ok: true, value: found };
  };
}

/**
 * The value of a field that is left out.
 * @throws whatever the author's function for it throws
 */
export function absentOf({ layers }: Field): unknown {
  return layers.findLast(({ fallback }) => fallback !== undefined)?.fallback?.();
}

interface Way {
  readonly direction: Direction;
  readonly refusesGaps: boolean;
  /** False for the types alone, without the rules. */
  readonly isRuled: boolean;
}

/** Layer by layer, as zod runs them: each does what it does, and then checks its own rules. */
function fieldReader(field: Field, way: Way): FieldReader {
  let read = readShape(field, way);
  let absent: FieldReader['absent'];
  for (const { kind, rule, fallback } of field.layers) {
    if (kind === 'nullable') read = orNull(read);
    if (kind === 'optional') absent ??= nothing;
    if (fallback !== undefined) {
      absent = way.direction === 'results' && way.isRuled ? made(fallback, typesOf(field, way)) : fallback;
    }
    if (rule === undefined || !way.isRuled) continue;
    // A rule may put anything in place of a result, and what is sent must be what is declared.
    const again = rule.changes && way.direction === 'results' && kind !== 'optional' ? typesOf(field, way) : undefined;
    read = ruled(read, way.direction === 'inputs' ? rule.runGiven : rule.run, again);
    if (absent !== undefined) absent = ruledAbsent(absent, rule);
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

/** A default of a result is an author's word like any other, and is read for what it is. */
function made(fallback: () => unknown, read: Read): FieldReader['absent'] {
  return (issues, parent, key) => read(fallback(), issues, parent, key);
}

function typesOf(field: Field, way: Way): Read {
  return fieldReader(field, { ...way, isRuled: false }).read;
}

function ruled(read: Read, run: Rule['run'], again: Read | undefined): Read {
  return (value, issues, parent, key) => {
    const { count, gaps } = issues;
    const found = read(value, issues, parent, key);
    // A rule is for values of its type: it sees neither what does not fit nor what became null for want of a word.
    if (issues.count > count || issues.gaps > gaps) return found;
    const judged = run(found, issues, parent, key);
    return again === undefined || issues.count > count ? judged : again(judged, issues, parent, key);
  };
}

function ruledAbsent(absent: NonNullable<FieldReader['absent']>, rule: Rule): FieldReader['absent'] {
  return (issues, parent, key) => {
    const { count } = issues;
    const found = absent(issues, parent, key);
    return issues.count > count ? found : rule.run(found, issues, parent, key);
  };
}

function readShape(field: Field, way: Way): Read {
  const { shape } = field;
  const inner = (held: Field) => fieldReader(held, way);
  switch (shape.kind) {
    case 'string':
      return readString;
    case 'integer':
      return readInteger;
    case 'number':
      if (way.direction === 'inputs') return readNumber;
      return way.refusesGaps && !field.nullable ? readFinite : finiteOrNull;
    case 'boolean':
      return readBoolean;
    case 'map':
      if (shape.key !== undefined || shape.value !== undefined) return readMap(shape, way.direction, inner);
      return way.direction === 'inputs' ? readGivenJson : readSentJson;
    case 'choice':
      return readChoice(shape.values, shape.code);
    case 'list':
      return readList(inner(shape.item).read);
    case 'object':
      return readObject(shape, way.direction, inner);
    case 'variants':
      return readVariants(shape, inner);
  }
}
