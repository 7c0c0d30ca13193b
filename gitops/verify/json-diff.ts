import { isRecord } from '../../model/json';

/**
 * The differences of two JSON values, one clause each, such as `Add input.parameters[0].required is false instead of true`.
 * @param wanted the declared value
 * @param found the received value
 */
export function jsonDiff(wanted: unknown, found: unknown, path: string): readonly string[] {
  if (Array.isArray(wanted) && Array.isArray(found)) {
    const longest = Math.max(wanted.length, found.length);
    return Array.from({ length: longest }, (_, index) => index).flatMap((index) =>
      jsonDiff(wanted[index], found[index], `${path}[${index}]`),
    );
  }
  if (isRecord(wanted) && isRecord(found)) {
    const names = [...new Set([...Object.keys(wanted), ...Object.keys(found)])];
    return names.flatMap((name) =>
      jsonDiff(wanted[name], found[name], `${path}${path.includes(' ') ? '.' : ' '}${name}`),
    );
  }
  return wanted === found ? [] : [`${path} is ${shown(found)} instead of ${shown(wanted)}`];
}

/** Shortens a list of clauses to the first four and a count of the rest. */
export function firstFew(clauses: readonly string[]): string {
  const more = clauses.length > 4 ? [`and ${clauses.length - 4} more`] : [];
  return [...clauses.slice(0, 4), ...more].join(', ');
}

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}
