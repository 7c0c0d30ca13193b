import { isObject } from '../json';

/** The severities of RFC 5424 as MCP uses them, least severe first. */
export const logLevels = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'] as const;

export type LogLevel = (typeof logLevels)[number];

/** Structured fields of a line. Values that JSON cannot represent are dropped. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes a line: `log('started')`, `log('started', { page: 2 })`, `log('warning', 'slow', { ms: 900 })`. */
export interface Log {
  (message: string, fields?: LogFields): void;
  (level: LogLevel, message: string, fields?: LogFields): void;
}

/** One line that a tool logged, redacted and bounded in size. */
export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields?: LogFields;
}

/** Replaces secrets in a text. */
export type Redact = (text: string) => string;

/**
 * Creates the function that replaces secrets in a text, also in the forms that URLs and JSON encode them. Secrets shorter
 * than four characters are kept: replacing them would garble unrelated text.
 */
export function redactor(secrets: readonly string[]): Redact {
  const isLong = ({ length }: string) => length > 3;
  const forms = new Set(secrets.filter(isLong).flatMap(formsOf).filter(isLong));
  // Longest first: one secret may contain another.
  const longestFirst = [...forms].sort((one, other) => other.length - one.length);
  return (text) => longestFirst.reduce((left, form) => left.replaceAll(form, '[secret]'), text);
}

/** A secret in every encoding to search for: plain, URL path, form and JSON. */
function formsOf(secret: string): readonly string[] {
  if (/^[\w.~-]+$/.test(secret)) return [secret];
  const inForm = new URLSearchParams([['', secret]]).toString().slice(1);
  const inPath = new URL('http://localhost');
  inPath.pathname = secret;
  const json = JSON.stringify(secret).slice(1, -1);
  return [secret, inForm, encodeURIComponent(Buffer.from(secret).toString()), inPath.pathname.slice(1), json];
}

/** Builds a line from the arguments of `log`, which may be of any type. Never throws: logging must not fail a call. */
export function logLineOf(given: readonly unknown[], redact: Redact): LogLine {
  const isLeveled = typeof given[1] === 'string';
  const [message, fields] = isLeveled ? given.slice(1) : given;
  const level = logLevels.find((each) => isLeveled && each === given[0]) ?? 'info';
  try {
    const line = { level, message: shown(String(message), redact) };
    return isObject(fields) ? { ...line, fields: membersOf(fields, { redact, left: maxCharacters }, 0) } : line;
  } catch {
    return { level, message: '(unreadable log message)' };
  }
}

/** Field names whose values are redacted at any depth. */
export const redactedNames = [
  'authorization',
  'cookie',
  'token',
  'secret',
  'secrets',
  'inputs',
  'arguments',
  'headers',
];

const [maxText, maxMembers, maxDepth] = [2000, 50, 4] as const;
/** The size limit of all fields of a line together, in characters. Every value costs at least `minCharacters`. */
const maxCharacters = 32 * 1024;
const minCharacters = 16;

/** The state while writing the fields of one line. */
interface Writing {
  readonly redact: Redact;
  /** The remaining budget, in characters. */
  left: number;
}

/** Redacts before truncating, because half a secret is still sensitive. */
function shown(text: string, redact: Redact): string {
  const safe = redact(text);
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
      // A secret may be a number.
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
  const short = shown(text, writing.redact);
  writing.left -= Math.max(short.length, minCharacters);
  return short;
}

function objectOf(value: object, writing: Writing, depth: number): unknown {
  writing.left -= minCharacters;
  if (value instanceof Error) return textOf(`${value.name}: ${value.message}`, writing);
  if (depth > maxDepth) return '[deeper]';
  if (Array.isArray(value)) return value.slice(0, maxMembers).map((item) => plainOf(item, writing, depth + 1));
  if ('toJSON' in value && typeof value.toJSON === 'function') return plainOf(value.toJSON(), writing, depth + 1);
  return membersOf({ ...value }, writing, depth);
}
