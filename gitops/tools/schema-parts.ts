import { sorted } from '../../model/sorted';

/** A JSON Schema that is an object: its keywords. */
export type Schema = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The keywords of a schema, those of what `$ref` points to inside the same document included; `true` and absence have none. */
export function schemaAt(schema: unknown, root: Schema, followed: readonly string[] = []): Schema {
  if (schema === false) return { not: {} };
  if (!isObject(schema)) return {};
  const { $ref, ...beside } = schema;
  if (typeof $ref !== 'string' || !/^#(\/|$)/.test($ref)) return withNullAsType(schema);
  const steps = $ref.split('/').slice(1);
  const target = steps.reduce<unknown>((node, step) => (isObject(node) ? node[unescaped(step)] : undefined), root);
  // A reference may lead to another; a circle of nothing but references is anything.
  const isCircle = followed.includes($ref);
  return withNullAsType({ ...(isCircle ? {} : schemaAt(target, root, [...followed, $ref])), ...beside });
}

function unescaped(step: string): string {
  return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
}

/** The parts of a union, and what holds for all of them. */
export interface Branches {
  readonly branches: readonly unknown[];
  readonly beside: Schema;
}

/** The branches of `anyOf` or `oneOf`, which are alike for a reader who compares; undefined when it is no union. */
export function branchesOf({ anyOf, oneOf, ...beside }: Schema): Branches | undefined {
  const branches = anyOf ?? oneOf;
  return Array.isArray(branches) ? { branches, beside } : undefined;
}

/** `anyOf: [X, { type: 'null' }]` says the same as X with one type more. */
function withNullAsType(schema: Schema): Schema {
  const { branches, beside } = branchesOf(schema) ?? { branches: [], beside: {} };
  const others = branches.filter((branch) => !(isObject(branch) && branch.type === 'null'));
  const [only] = others;
  if (branches.length !== 2 || others.length !== 1 || !isObject(only) || only.type === undefined) return schema;
  return { ...only, ...beside, type: [...new Set([only.type].flat()), 'null'] };
}

const allTypes = ['null', 'boolean', 'object', 'array', 'number', 'integer', 'string'];

/** The types that a schema takes; a whole number is a number. */
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

/** The values of `enum` or `const` as JSON, but null, which is a type; undefined when any value may come. */
export function valuesOf(schema: Schema): readonly string[] | undefined {
  return rawValues(schema)
    ?.filter((value) => value !== null)
    .map((value) => JSON.stringify(value));
}

/** What to call one branch of a union: its title, its values, or its type. */
export function nameOf(branch: unknown): string {
  const schema = isObject(branch) ? branch : {};
  return typeof schema.title === 'string' ? schema.title : (valuesOf(schema)?.join(', ') ?? typeText(schema));
}

/** The types in words. */
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
