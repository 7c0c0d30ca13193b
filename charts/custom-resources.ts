import Ajv from 'ajv';
import standaloneCode from 'ajv/dist/standalone';

/** The members of a CustomResourceDefinition (apiextensions.k8s.io/v1) that are read here. */
export interface CustomResourceDefinition {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: Schema } }[];
  };
}

/** The schema of a whole object, as far as it is taken apart here. */
interface Schema {
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Definitions by file name, one file a group: two files of one group would overwrite each other's classes. */
export function crdFiles(definitions: readonly CustomResourceDefinition[]): ReadonlyMap<string, readonly object[]> {
  const files = new Map<string, object[]>();
  for (const definition of definitions) {
    const name = `${definition.spec.group}.yaml`;
    files.set(name, [...(files.get(name) ?? []), definition]);
  }
  return files;
}

/** The schema of every kind, `<group>/<version>/<kind>` → schema of what a person writes, refusing unknown fields. */
export function schemasOf(definitions: readonly CustomResourceDefinition[]): Readonly<Record<string, object>> {
  const schemas = definitions.flatMap(({ spec: { group, names, versions } }) =>
    versions.map(({ name, schema: { openAPIV3Schema } }) => {
      const { status: _, ...properties } = openAPIV3Schema.properties;
      return [`${group}/${name}/${names.kind}`, closed({ ...openAPIV3Schema, properties })] as const;
    }),
  );
  return Object.fromEntries(schemas);
}

/**
 * The schemas as JavaScript, one function a kind, exported under its name: compiling them at every start of synth would
 * take longer than everything else it does with one server.
 */
export function validatorsOf(schemas: Readonly<Record<string, object>>): string {
  const ajv = new Ajv({
    allErrors: true,
    strict: false,
    validateFormats: false,
    logger: false,
    code: { source: true },
  });
  for (const [key, schema] of Object.entries(schemas)) ajv.addSchema(schema, key);
  return `${standaloneCode(ajv, Object.fromEntries(Object.keys(schemas).map((key) => [kindOf(key), key])))}\n`;
}

/** The types of the same functions. */
export function validatorTypes(schemas: Readonly<Record<string, object>>): string {
  const lines = Object.keys(schemas).map((key) => `export const ${kindOf(key)}: ValidateFunction;\n`);
  return `import type { ValidateFunction } from 'ajv';\n\n${lines.join('')}`;
}

function kindOf(key: string): string {
  return key.split('/').at(-1) ?? '';
}

/** The same without its prose, which is half of the bytes and none of the meaning. */
export function withoutProse<T>(value: T): T {
  const strip = (node: unknown): unknown =>
    mapMembers(node, (key, member) =>
      key === 'description' && typeof member === 'string' ? undefined : strip(member),
    );
  // Members are left out and nothing else is changed; the types used here have none of them.
  return strip(value) as T;
}

/** A cluster drops unknown fields in silence; here they are errors, unless the definition says to keep them. */
function closed<T>(node: T): T {
  // The rules in CEL are no JSON Schema; gitops/rules has them by hand.
  const members = mapMembers(node, (key, member) => (key === 'x-kubernetes-validations' ? undefined : closed(member)));
  const isClosed =
    isObject(members) && 'properties' in members && !('additionalProperties' in members || keepsUnknown in members);
  // A schema with one more keyword, or none, is a schema.
  return (isClosed ? { ...members, additionalProperties: false } : members) as T;
}

const keepsUnknown = 'x-kubernetes-preserve-unknown-fields';

function mapMembers(value: unknown, change: (key: string, member: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item, index) => change(String(index), item));
  if (!isObject(value)) return value;
  const members = Object.entries(value).map(([key, member]) => [key, change(key, member)] as const);
  return Object.fromEntries(members.filter(([, member]) => member !== undefined));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
