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
export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields?: LogFields;
}

/** Hides what must not be shown in a text. */
export type Redact = (text: string) => string;

/**
 * Makes the function that hides secrets wherever they stand in a text, also as URLs and JSON write them. One of fewer than four
 * letters is left: redactor it would tear up texts that have nothing to do with it.
 */
export function redactor(secrets: readonly string[]): Redact {
  const isLong = ({ length }: string) => length > 3;
  const forms = new Set(secrets.filter(isLong).flatMap(formsOf).filter(isLong));
  // The longest first: one may be a part of another.
  const found = [...forms].sort((one, other) => other.length - one.length);
  return (text) => found.reduce((left, form) => left.replaceAll(form, '[secret]'), text);
}

/** A secret as it stands in texts: by itself, in a URL, in a form and in JSON. */
function formsOf(secret: string): readonly string[] {
  if (/^[\w.~-]+$/.test(secret)) return [secret];
  const inForm = new URLSearchParams([['', secret]]).toString().slice(1);
  const inPath = new URL('http://localhost');
  inPath.pathname = secret;
  const json = JSON.stringify(secret).slice(1, -1);
  return [secret, inForm, encodeURIComponent(Buffer.from(secret).toString()), inPath.pathname.slice(1), json];
}

/** What the arguments of `log` say. Never throws: the bundle is made without the compiler, and a log must harm no call. */
export function logLineOf(given: readonly unknown[], hide: Redact): LogLine {
  const isLeveled = typeof given[1] === 'string';
  const [message, fields] = isLeveled ? given.slice(1) : given;
  const level = logLevels.find((each) => isLeveled && each === given[0]) ?? 'info';
  try {
    const said = { level, message: shown(String(message), hide) };
    return isObject(fields) ? { ...said, fields: membersOf(fields, { hide, left: maxLetters }, 0) } : said;
  } catch {
    return { level, message: '(something that cannot be read)' };
  }
}

/** Names of members whose values must not be in a log, even when an object that holds them is logged. */
export const redactedNames = ['authorization', 'cookie', 'token', 'secret', 'secrets', 'inputs', 'arguments', 'headers'];

const [maxText, maxMembers, maxDepth] = [2000, 50, 4] as const;
/** The most that all fields of a line have together, in letters. Each value counts, whatever its length. */
const maxLetters = 32 * 1024;
const leastLetters = 16;

/** What fields are written with. */
interface Writing {
  readonly hide: Redact;
  /** How many letters more there may be. */
  left: number;
}

/** Hidden before it is cut: half a secret is one too. */
function shown(text: string, hide: Redact): string {
  const safe = hide(text);
  return safe.length > maxText ? `${safe.slice(0, maxText)}…` : safe;
}

function membersOf(object: LogFields, writing: Writing, depth: number): LogFields {
  const members = Object.entries(object).slice(0, maxMembers);
  return Object.fromEntries(
    members.map(([name, value]) => {
      const isHidden = redactedNames.includes(name.toLowerCase());
      return [textOf(name, writing), isHidden ? '[redacted]' : plainOf(value, writing, depth + 1)];
    }),
  );
}

function plainOf(value: unknown, writing: Writing, depth: number): unknown {
  if (writing.left <= 0) return '[more]';
  switch (typeof value) {
    case 'string':
      return textOf(value, writing);
    case 'bigint':
      return textOf(String(value), writing);
    case 'number': {
      // A secret may be one.
      const text = textOf(String(value), writing);
      return text === String(value) ? value : text;
    }
    case 'boolean':
      return value;
    case 'object':
      return value === null ? null : objectOf(value, writing, depth);
    default:
      return undefined;
  }
}

function textOf(text: string, writing: Writing): string {
  const short = shown(text, writing.hide);
  writing.left -= Math.max(short.length, leastLetters);
  return short;
}

function objectOf(value: object, writing: Writing, depth: number): unknown {
  writing.left -= leastLetters;
  if (value instanceof Error) return textOf(`${value.name}: ${value.message}`, writing);
  if (depth > maxDepth) return '[deeper]';
  if (Array.isArray(value)) return value.slice(0, maxMembers).map((item) => plainOf(item, writing, depth + 1));
  if ('toJSON' in value && typeof value.toJSON === 'function') return plainOf(value.toJSON(), writing, depth + 1);
  return membersOf({ ...value }, writing, depth);
}
