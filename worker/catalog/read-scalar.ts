import type { Issues, Place } from './issues';

/**
 * Parses a value leniently. An invalid value adds an issue at `parent` and `key`; the return value is meaningless then.
 */
export type Read = (value: unknown, issues: Issues, parent: Place | null, key: string | number) => unknown;

// The coercions of the Python server (arcade-mcp-server 1.26.0, pydantic).

export const readString: Read = (value, issues, parent, key) =>
  typeof value === 'string' ? value : issues.add(parent, key, 'string_type');

/** Optional sign, digits with single underscores between them, and a fraction of zeros only. */
const integerText = /^\s*[+-]?\d+(?:_\d+)*(?:\.0+)?\s*$/;

export const readInteger: Read = (value, issues, parent, key) => {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return value + 0;
    if (!Number.isFinite(value)) return issues.add(parent, key, 'finite_number');
    if (Number.isInteger(value)) return issues.add(parent, key, 'int_parsing_size');
    return issues.add(parent, key, 'int_from_float');
  }
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'string') return issues.add(parent, key, 'int_type');
  if (!integerText.test(value)) return issues.add(parent, key, 'int_parsing');
  const whole = Number(value.replaceAll('_', ''));
  return Number.isSafeInteger(whole) ? whole + 0 : issues.add(parent, key, 'int_parsing_size');
};

const decimalText = /^\s*[+-]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?\s*$/;
const infiniteText = /^\s*([+-]?)(inf|infinity|nan)\s*$/i;

export const readNumber: Read = (value, issues, parent, key) => {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'string') return issues.add(parent, key, 'float_type');
  if (decimalText.test(value)) return Number(value.replaceAll('_', ''));
  const [, sign, word] = infiniteText.exec(value) ?? [];
  if (word === undefined) return issues.add(parent, key, 'float_parsing');
  if (word.toLowerCase() === 'nan') return Number.NaN;
  return sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
};

/** JSON cannot represent NaN and infinity. The Python server sends null and the call succeeds. */
export const finiteOrNull: Read = (value, issues, parent, key) => {
  const found = readNumber(value, issues, parent, key);
  if (Number.isFinite(found)) return found;
  issues.nulledNumbers += 1;
  return null;
};

/** The same for MCP clients, whose output schema promises a number. */
export const readFinite: Read = (value, issues, parent, key) => {
  const found = readNumber(value, issues, parent, key);
  if (found === undefined || Number.isFinite(found)) return found;
  return issues.add(parent, key, 'finite_number');
};

const trueTexts = new Set(['true', 't', 'yes', 'y', 'on', '1']);
const falseTexts = new Set(['false', 'f', 'no', 'n', 'off', '0']);

/** Parses a boolean in any case. Undefined when the text is neither true nor false. */
export function flagOf(text: string): boolean | undefined {
  const lower = text.toLowerCase();
  return trueTexts.has(lower) || (falseTexts.has(lower) ? false : undefined);
}

export const readBoolean: Read = (value, issues, parent, key) => {
  if (typeof value === 'boolean') return value;
  if (value === 1 || value === 0) return value === 1;
  if (typeof value === 'string') {
    const flag = flagOf(value);
    if (flag !== undefined) return flag;
  } else if (!Number.isInteger(value)) {
    return issues.add(parent, key, 'bool_type');
  }
  return issues.add(parent, key, 'bool_parsing');
};
