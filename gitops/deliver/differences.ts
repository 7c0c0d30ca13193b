import { at } from '../../model/json';

/** Objects by what makes each the same one before and after. */
export type Found = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

/** What a set or a map, of which the keys count, has before and not afterwards. */
export function missing(old: Keyed, fresh: Keyed): readonly string[] {
  return [...old.keys()].filter((identity) => !fresh.has(identity));
}

/** What both have in common. */
interface Keyed {
  keys(): Iterable<string>;
  has(key: string): boolean;
}

/** A sentence about each field, by its path, that is another one afterwards. */
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
