import { z } from 'zod';
import { portablePattern } from './pattern';
import { changesValue, type Rule } from './rules';
import type { Shape } from './shape';

/** JSON Schema keywords for the rules of a type. */
export type Keywords = Readonly<Record<string, string | number>>;

/**
 * Converts rules to JSON Schema keywords. A client must never reject what the worker accepts, so a rule without an exact
 * equivalent is omitted; only the worker checks it.
 * @param direction the schema of an input applies before a rule changes the value, that of a result after
 */
export function keywordsOf(kind: Shape['kind'], rule: Rule | undefined, direction: 'inputs' | 'results'): Keywords {
  const checks = rule?.checks ?? [];
  const at = direction === 'inputs' ? checks.findIndex(changesValue) : checks.findLastIndex(changesValue);
  const relevant = at === -1 ? checks : direction === 'inputs' ? checks.slice(0, at) : checks.slice(at + 1);
  const found: Record<string, string | number> = {};
  for (const check of relevant) {
    for (const [keyword, value] of Object.entries(keywordsFor(kind, check))) {
      found[keyword] = narrower(keyword, found[keyword], value);
    }
  }
  return withoutInexactStep(found);
}

/**
 * Keeps `multipleOf` only for integers within bounds. Clients divide doubles: to Ajv 8.20, 19.99 is not a multiple of 0.01,
 * and 1e300 not one of 2. To zod 4.6.7, any number beyond 2^50 is a multiple of 3.
 */
function withoutInexactStep({ multipleOf, ...others }: Keywords): Keywords {
  const bounds = [others.minimum ?? others.exclusiveMinimum, others.maximum ?? others.exclusiveMaximum];
  const isExact = bounds.every((each) => each !== undefined && Math.abs(Number(each)) < 2 ** 49);
  return multipleOf !== undefined && isExact ? { ...others, multipleOf } : others;
}

/** The stricter of two values of a keyword. Of two patterns the first: a second needs `allOf`, which some model APIs reject. */
function narrower(keyword: string, one: string | number | undefined, other: string | number): string | number {
  if (typeof one !== 'number' || typeof other !== 'number') return one ?? other;
  return /^(min|exclusiveMin)/.test(keyword) ? Math.max(one, other) : Math.min(one, other);
}

function keywordsFor(kind: Shape['kind'], check: z.core.$ZodCheck): Keywords {
  // zod types every check as the base class; the union of all its definitions is what `check` discriminates.
  const def = check._zod.def as z.core.$ZodChecks['_zod']['def'];
  switch (def.check) {
    case 'min_length':
      return sizes(kind, { min: def.minimum });
    case 'max_length':
      return sizes(kind, { max: def.maximum });
    case 'length_equals':
      return sizes(kind, { min: def.length, max: def.length });
    case 'greater_than':
      return bound(def.inclusive ? 'minimum' : 'exclusiveMinimum', def.value);
    case 'less_than':
      return bound(def.inclusive ? 'maximum' : 'exclusiveMaximum', def.value);
    case 'number_format': {
      const [min, max] = z.core.util.NUMBER_FORMAT_RANGES[def.format ?? 'float64'];
      return { ...bound('minimum', min), ...bound('maximum', max) };
    }
    case 'multiple_of':
      return kind === 'integer' && isCount(def.value) && def.value > 0 ? { multipleOf: def.value } : {};
    case 'string_format':
      return formatOf(def);
    default:
      return {};
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function bound(keyword: string, value: unknown): Keywords {
  return typeof value === 'number' && Number.isFinite(value) ? { [keyword]: value } : {};
}

function sizes(kind: Shape['kind'], { min, max }: { readonly min?: number; readonly max?: number }): Keywords {
  const unit = kind === 'string' ? 'Length' : 'Items';
  return {
    ...(isCount(min) ? { [`min${unit}`]: min } : {}),
    ...(isCount(max) ? { [`max${unit}`]: max } : {}),
  };
}

/**
 * The JSON Schema formats that accept everything that zod's format with that pattern accepts (zod 4.6.7, ajv-formats
 * 3.0.1). Not `email`: Ajv rejects a hyphen at the end of a label. Not `uri`: Ajv rejects an ö.
 */
const formats: ReadonlyMap<string, readonly [format: string, isAll: boolean]> = new Map([
  [z.regexes.date.source, ['date', true]],
  [z.regexes.ipv4.source, ['ipv4', true]],
  [z.regexes.hostname.source, ['hostname', true]],
  [z.regexes.uuid().source, ['uuid', false]],
  [z.regexes.datetime({}).source, ['date-time', false]],
  [z.regexes.datetime({ offset: true }).source, ['date-time', false]],
]);

/** The formats that zod does not check with their pattern (4.6.7). */
const withoutPattern = new Set(['url', 'ipv6', 'cidrv6', 'jwt']);

function formatOf({ format, pattern }: { readonly format: string; readonly pattern?: RegExp | undefined }): Keywords {
  if (pattern === undefined || withoutPattern.has(format)) return {};
  const [standard, isAll] = pattern.flags === '' ? (formats.get(pattern.source) ?? []) : [];
  const source = isAll ? undefined : portablePattern(pattern);
  return {
    ...(standard === undefined ? {} : { format: standard }),
    ...(source === undefined ? {} : { pattern: source }),
  };
}
