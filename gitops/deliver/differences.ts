import { at } from '../../model/json';

/** Objects by an identity that is stable across the change. */
export type Found = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

/** The keys of a set or map that are missing afterwards. */
export function missing(old: Keyed, fresh: Keyed): readonly string[] {
  return [...old.keys()].filter((identity) => !fresh.has(identity));
}

interface Keyed {
  keys(): Iterable<string>;
  has(key: string): boolean;
}

/** A sentence about each field that changes; fields are dotted paths. */
export function differences(old: Found, fresh: Found, fields: readonly string[]): readonly string[] {
  return [...old].flatMap(([identity, object]) =>
    fields.flatMap((field) => {
      const next = fresh.get(identity) ?? object;
      const [was, is] = [at(object, ...field.split('.')), at(next, ...field.split('.'))];
      return was === is ? [] : [`${field} of ${identity} changes from ${quoted(was)} to ${quoted(is)}`];
    }),
  );
}

function quoted(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
