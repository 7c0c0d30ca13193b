import { isObject } from '../../worker/json';
import type { Area, ExpectedAnswer } from './vector';

/** The response of a server. */
export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Empty for a stream, of which only the headers were read. */
  readonly body: Buffer;
}

/** The differences between a response and an expected one; empty if it matches. */
export function differences(
  area: Area,
  expected: ExpectedAnswer,
  answer: Answer,
  requestBaseUrl: string,
): readonly string[] {
  const status = answer.status === expected.status ? [] : [`status: wanted ${expected.status}, found ${answer.status}`];
  // The messages of MCP failures are implementation-specific.
  if (area === 'mcp' && expected.status >= 400) return status;

  const headers = Object.entries(expected.headers ?? {}).flatMap(([name, wanted]) =>
    compare(wanted, answer.headers[name.toLowerCase()], `header ${name}`, { requestBaseUrl, subset: false }),
  );
  if (expected.stream) return [...status, ...headers];
  return [...status, ...headers, ...bodyDifferences(expected, answer.body, requestBaseUrl)];
}

function bodyDifferences(expected: ExpectedAnswer, body: Buffer, requestBaseUrl: string): readonly string[] {
  const text = body.toString('utf8');
  if (expected.raw_body !== undefined) {
    return compare(expected.raw_body, text, 'raw body', { requestBaseUrl, subset: false });
  }
  if (expected.body === undefined) return [];
  try {
    const found: unknown = JSON.parse(text);
    return compare(expected.body, found, 'body', { requestBaseUrl, subset: expected.match === 'subset' });
  } catch {
    return [`body: wanted JSON, found ${show(text)}`];
  }
}

interface Rules {
  readonly requestBaseUrl: string;
  readonly subset: boolean;
}

function compare(wanted: unknown, found: unknown, path: string, rules: Rules): readonly string[] {
  if (wanted === '<any>') return [];
  if (found === undefined) return [`${path}: wanted ${show(wanted)}, found nothing`];
  if (Array.isArray(wanted)) {
    if (!Array.isArray(found)) return [`${path}: wanted a list, found ${show(found)}`];
    if (found.length !== wanted.length) return [`${path}: wanted ${wanted.length} items, found ${found.length}`];
    return wanted.flatMap((item, index) => compare(item, found[index], `${path}.${index}`, rules));
  }
  if (isObject(wanted)) {
    if (!isObject(found)) return [`${path}: wanted an object, found ${show(found)}`];
    const members = Object.keys(wanted).flatMap((key) =>
      compare(wanted[key], member(found, key), `${path}.${key}`, rules),
    );
    const further = rules.subset ? [] : Object.keys(found).filter((key) => !Object.hasOwn(wanted, key));
    return [...members, ...further.map((key) => `${path}.${key}: wanted nothing, found ${show(found[key])}`)];
  }
  const fits = typeof wanted === 'string' ? textFits(wanted, found, rules.requestBaseUrl) : wanted === found;
  return fits ? [] : [`${path}: wanted ${show(wanted)}, found ${show(found)}`];
}

function textFits(wanted: string, found: unknown, requestBaseUrl: string): boolean {
  const whole = placeholders[wanted];
  if (whole !== undefined) return whole(found);
  if (typeof found !== 'string') return false;
  const pattern = wanted
    .replaceAll('<request-base-url>', requestBaseUrl)
    .split('<string>')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[\\s\\S]*');
  return new RegExp(`^${pattern}$`).test(found);
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isIdentifier = (value: unknown) => isText(value) && /^[\x21-\x7e]+$/.test(value);

/** The placeholders that stand for a whole value. */
const placeholders: Readonly<Record<string, (value: unknown) => boolean>> = {
  '<string>': isText,
  '<string|null>': (value) => value === null || isText(value),
  '<stacktrace>': (value) => value === null || isText(value),
  '<number>': (value) => typeof value === 'number',
  '<iso8601>': (value) =>
    isText(value) &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/.test(value) &&
    !Number.isNaN(Date.parse(value)),
  '<uuid>': isIdentifier,
  '<mcp-id>': isIdentifier,
};

/** An own member, so that an expected `constructor` is not found on every object. */
function member(object: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function show(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
