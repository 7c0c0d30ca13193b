import { z } from 'zod';
import { portablePattern } from './pattern';
import { changesValue, type Rule } from './rules';
import type { Shape } from './shape';

/** Keywords of JSON Schema that say what the rules of a type say. */
export type Keywords = Readonly<Record<string, string | number>>;

/**
 * What JSON Schema can say of the rules of a type. Only what zod's own judgement implies is said: a client must never
 * refuse what the worker accepts. The rest is checked here alone.
 * @param direction a call is judged before a rule changes it, a result after
 */
export function keywordsOf(kind: Shape['kind'], rule: Rule | undefined, direction: 'inputs' | 'results'): Keywords {
  const checks = rule?.checks ?? [];
  const at = direction === 'inputs' ? checks.findIndex(changesValue) : checks.findLastIndex(changesValue);
  const told = at === -1 ? checks : direction === 'inputs' ? checks.slice(0, at) : checks.slice(at + 1);
  const found: Record<string, string | number> = {};
  for (const check of told) {
    for (const [keyword, value] of Object.entries(sayable(kind, check))) {
      found[keyword] = narrower(keyword, found[keyword], value);
    }
  }
  return withoutInexactStep(found);
}

/**
 * A step is said of whole numbers within bounds alone. Clients divide doubles: 19.99 is no multiple of 0.01 to them, and
 * 1e300 none of 2 (Ajv 8.20); and far out zod takes any number for a multiple of 3 (beyond 2^50 in 4.6.7).
 */
function withoutInexactStep({ multipleOf, ...others }: Keywords): Keywords {
  const bounds = [others.minimum ?? others.exclusiveMinimum, others.maximum ?? others.exclusiveMaximum];
  const isExact = bounds.every((each) => each !== undefined && Math.abs(Number(each)) < 2 ** 49);
  return multipleOf !== undefined && isExact ? { ...others, multipleOf } : others;
}

/** Of two values of one keyword, the one that says more; of two texts the first, for a second pattern needs `allOf`, which some APIs of models refuse. */
function narrower(keyword: string, one: string | number | undefined, other: string | number): string | number {
  if (typeof one !== 'number' || typeof other !== 'number') return one ?? other;
  return /^(min|exclusiveMin)/.test(keyword) ? Math.max(one, other) : Math.min(one, other);
}

function sayable(kind: Shape['kind'], check: z.core.$ZodCheck): Keywords {
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
 * The formats of JSON Schema that take everything which zod's format of that pattern takes, as Ajv judges them (zod
 * 4.6.7, ajv-formats 3.0.1). Not `email`: Ajv refuses a hyphen at the end of a label. Not `uri`: it refuses an ö.
 */
const formats: ReadonlyMap<string, readonly [format: string, isAll: boolean]> = new Map([
  [z.regexes.date.source, ['date', true]],
  [z.regexes.ipv4.source, ['ipv4', true]],
  [z.regexes.hostname.source, ['hostname', true]],
  [z.regexes.uuid().source, ['uuid', false]],
  [z.regexes.datetime({}).source, ['date-time', false]],
  [z.regexes.datetime({ offset: true }).source, ['date-time', false]],
]);

/** The formats that zod does not judge by their pattern (4.6.7). */
const withoutPattern = new Set(['url', 'ipv6', 'cidrv6', 'jwt']);

function formatOf({ format, pattern }: { readonly format: string; readonly pattern?: RegExp | undefined }): Keywords {
  if (pattern === undefined || withoutPattern.has(format)) return {};
  const [standard, isAll] = pattern.flags === '' ? (formats.get(pattern.source) ?? []) : [];
  const told = isAll ? undefined : portablePattern(pattern);
  return { ...(standard === undefined ? {} : { format: standard }), ...(told === undefined ? {} : { pattern: told }) };
}
