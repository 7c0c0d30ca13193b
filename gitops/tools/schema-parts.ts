import { sorted } from '../../model/sorted';

/** A JSON Schema in object form: its keywords. */
export type Schema = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The keywords of a schema, with local `$ref`s resolved; none for `true` or an absent schema. */
export function schemaAt(schema: unknown, root: Schema, followed: readonly string[] = []): Schema {
  if (schema === false) return { not: {} };
  if (!isObject(schema)) return {};
  const { $ref, ...siblings } = schema;
  if (typeof $ref !== 'string' || !/^#(\/|$)/.test($ref)) return withNullAsType(schema);
  const steps = $ref.split('/').slice(1);
  const target = steps.reduce<unknown>((node, step) => (isObject(node) ? node[unescaped(step)] : undefined), root);
  // A reference may lead to another. A cycle of references alone accepts anything.
  const isCycle = followed.includes($ref);
  return withNullAsType({ ...(isCycle ? {} : schemaAt(target, root, [...followed, $ref])), ...siblings });
}

function unescaped(step: string): string {
  return decoded(step).replaceAll('~1', '/').replaceAll('~0', '~');
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    // A stray percent sign: zod does not encode the names of definitions.
    return step;
  }
}

/** The branches of a union, and the keywords that apply to all of them. */
export interface Branches {
  readonly branches: readonly unknown[];
  readonly common: Schema;
}

/** The branches of `anyOf` or `oneOf`, which make no difference here; undefined for any other schema. */
export function branchesOf({ anyOf, oneOf, ...common }: Schema): Branches | undefined {
  const branches = anyOf ?? oneOf;
  return Array.isArray(branches) ? { branches, common } : undefined;
}

/** Rewrites `anyOf: [X, { type: 'null' }]` as X with the additional type null. */
function withNullAsType(schema: Schema): Schema {
  const { branches, common } = branchesOf(schema) ?? { branches: [], common: {} };
  const others = branches.filter((branch) => !(isObject(branch) && branch.type === 'null'));
  const [only] = others;
  if (branches.length !== 2 || others.length !== 1 || !isObject(only) || only.type === undefined) return schema;
  return { ...only, ...common, type: [...new Set([only.type].flat()), 'null'] };
}

const allTypes = ['null', 'boolean', 'object', 'array', 'number', 'integer', 'string'];

/** The types that a schema accepts; `number` includes `integer`. */
export function typesOf({ type, ...schema }: Schema): readonly string[] {
  const values = rawValues(schema);
  const named = type === undefined ? (values?.map(typeOf) ?? allTypes) : [type].flat().map(String);
  return [...new Set(named.flatMap((name) => (name === 'number' ? ['number', 'integer'] : [name])))];
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

/** The values of `enum` or `const` as JSON, except null, which is a type; undefined when any value is allowed. */
export function valuesOf(schema: Schema): readonly string[] | undefined {
  return rawValues(schema)
    ?.filter((value) => value !== null)
    .map((value) => JSON.stringify(value));
}

/** A name for one branch of a union: its title, its values, or its type. */
export function nameOf(branch: unknown): string {
  const schema = isObject(branch) ? branch : {};
  return typeof schema.title === 'string' ? schema.title : (valuesOf(schema)?.join(', ') ?? typeText(schema));
}

/** The types as text. */
export function typeText({ type }: Schema): string {
  return type === undefined ? 'anything' : [type].flat().join(' or ');
}

function rawValues(schema: Schema): readonly unknown[] | undefined {
  if ('const' in schema) return [schema.const];
  return Array.isArray(schema.enum) ? schema.enum : undefined;
}

/** JSON text in which the order of members does not matter. */
export function canonical(value: unknown): string {
  return JSON.stringify(sorted(value)) ?? 'undefined';
}
