import { isObject } from '../json';

/** How much something matters, least first (RFC 5424, as MCP has it). */
export const logLevels = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'] as const;

export type LogLevel = (typeof logLevels)[number];

/** Members of JSON. What JSON cannot hold is left out. */
export type LogFields = Readonly<Record<string, unknown>>;

/** `log('begun')`, `log('begun', { page: 2 })`, `log('warning', 'slow', { ms: 900 })`. */
export interface Log {
  (message: string, fields?: LogFields): void;
  (level: LogLevel, message: string, fields?: LogFields): void;
}

/** What a tool said, with nothing secret left in it and of limited size. */
export interface Said {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields?: LogFields;
}

/** Hides what must not be shown in a text. */
export type Hide = (text: string) => string;

/**
 * Makes the function that hides secrets wherever they stand in a text. One of fewer than four letters is left: hiding it would
 * tear up texts that have nothing to do with it.
 */
export function hiding(secrets: readonly string[]): Hide {
  // The longest first: one may be a part of another.
  const found = secrets.filter(({ length }) => length > 3).sort((one, other) => other.length - one.length);
  return (text) => found.reduce((left, secret) => left.replaceAll(secret, '[secret]'), text);
}

/** What the arguments of `log` say. Never throws: the bundle is made without the compiler, and a log must harm no call. */
export function saidOf(given: readonly unknown[], hide: Hide): Said {
  const isLeveled = typeof given[1] === 'string';
  const [message, fields] = isLeveled ? given.slice(1) : given;
  const level = logLevels.find((each) => isLeveled && each === given[0]) ?? 'info';
  try {
    const said = { level, message: shown(String(message), hide) };
    return isObject(fields) ? { ...said, fields: membersOf(fields, hide, 0) } : said;
  } catch {
    return { level, message: '(something that cannot be read)' };
  }
}

/** Names of members whose values must not be in a log, even when an object that holds them is logged. */
export const hiddenNames = ['authorization', 'cookie', 'token', 'secret', 'secrets', 'inputs', 'arguments', 'headers'];

const [maxText, maxMembers, maxDepth] = [2000, 50, 4] as const;

/** Hidden before it is cut: half a secret is one too. */
function shown(text: string, hide: Hide): string {
  const safe = hide(text);
  return safe.length > maxText ? `${safe.slice(0, maxText)}…` : safe;
}

function membersOf(object: LogFields, hide: Hide, depth: number): LogFields {
  const members = Object.entries(object).slice(0, maxMembers);
  return Object.fromEntries(
    members.map(([name, value]) => {
      const isHidden = hiddenNames.includes(name.toLowerCase());
      return [shown(name, hide), isHidden ? '[redacted]' : plainOf(value, hide, depth + 1)];
    }),
  );
}

function plainOf(value: unknown, hide: Hide, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return shown(value, hide);
    case 'bigint':
      return shown(String(value), hide);
    case 'number':
    case 'boolean':
      return value;
    case 'object':
      return value === null ? null : objectOf(value, hide, depth);
    default:
      return undefined;
  }
}

function objectOf(value: object, hide: Hide, depth: number): unknown {
  if (value instanceof Error) return shown(`${value.name}: ${value.message}`, hide);
  if (depth > maxDepth) return '[deeper]';
  if (Array.isArray(value)) return value.slice(0, maxMembers).map((item) => plainOf(item, hide, depth + 1));
  if ('toJSON' in value && typeof value.toJSON === 'function') return plainOf(value.toJSON(), hide, depth + 1);
  return membersOf({ ...value }, hide, depth);
}
