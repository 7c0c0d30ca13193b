import type { Schema } from './schema-parts';

/** A changed bound. */
interface BoundChange {
  readonly what: string;
  readonly effect: 'narrowed' | 'widened' | 'both';
}

/** Every change to the bounds of numbers, lengths and counts. */
export function boundChanges(before: Schema, after: Schema): readonly BoundChange[] {
  return [...bounds.flatMap((bound) => moved(bound, before, after)), ...steps(before, after), ...unique(before, after)];
}

interface Bound {
  readonly keywords: readonly string[];
  /** 1 for a lower bound, -1 for an upper one: multiplied by it, a greater bound is always stricter. */
  readonly sign: 1 | -1;
  /** The value for a schema without this bound. */
  readonly none: number;
}

const bounds: readonly Bound[] = [
  { keywords: ['minimum', 'exclusiveMinimum'], sign: 1, none: Number.NEGATIVE_INFINITY },
  { keywords: ['maximum', 'exclusiveMaximum'], sign: -1, none: Number.NEGATIVE_INFINITY },
  ...['Length', 'Items', 'Properties'].flatMap((what): readonly Bound[] => [
    { keywords: [`min${what}`], sign: 1, none: 0 },
    { keywords: [`max${what}`], sign: -1, none: Number.NEGATIVE_INFINITY },
  ]),
];

function moved(bound: Bound, before: Schema, after: Schema): readonly BoundChange[] {
  const [old, now] = [tightest(bound, before), tightest(bound, after)];
  if (old.strength === now.strength && old.excludes === now.excludes) return [];
  const isTighter = now.strength > old.strength || (now.strength === old.strength && now.excludes);
  return [{ what: `has ${now.text} instead of ${old.text}`, effect: isTighter ? 'narrowed' : 'widened' }];
}

/** Of both keywords, the stricter one applies; of two equal ones, the exclusive one. */
function tightest({ keywords, sign, none }: Bound, schema: Schema) {
  const [inclusive = ''] = keywords;
  let found = { strength: none, excludes: false, text: `no ${inclusive}` };
  for (const [index, keyword] of keywords.entries()) {
    const value = schema[keyword];
    if (typeof value !== 'number') continue;
    const [strength, excludes] = [sign * value, index === 1];
    if (strength > found.strength || (strength === found.strength && excludes)) {
      found = { strength, excludes, text: `${keyword} ${value}` };
    }
  }
  return found;
}

/** Multiples of 4 are also multiples of 2. */
function steps({ multipleOf: before }: Schema, { multipleOf: after }: Schema): readonly BoundChange[] {
  if (before === after) return [];
  const what = `has multipleOf ${after ?? 'none'} instead of ${before ?? 'none'}`;
  if (before === undefined) return [{ what, effect: 'narrowed' }];
  if (after === undefined) return [{ what, effect: 'widened' }];
  const isMultiple = (a: unknown, b: unknown) => Number.isInteger(Number(a) / Number(b));
  return [{ what, effect: isMultiple(after, before) ? 'narrowed' : isMultiple(before, after) ? 'widened' : 'both' }];
}

function unique(
  { uniqueItems: before = false }: Schema,
  { uniqueItems: after = false }: Schema,
): readonly BoundChange[] {
  if (before === after) return [];
  return [
    after
      ? { what: 'now requires unique items', effect: 'narrowed' }
      : { what: 'now accepts duplicate items', effect: 'widened' },
  ];
}
