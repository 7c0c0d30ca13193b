/** The members of a CustomResourceDefinition (apiextensions.k8s.io/v1) that are read here. */
export interface CustomResourceDefinition {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly storage: boolean;
      readonly schema: { readonly openAPIV3Schema: Schema };
    }[];
  };
}

/** The schema of a whole object, as far as it is taken apart here. */
interface Schema {
  readonly properties: Readonly<Record<string, unknown>>;
}

/** A definition with the version alone that its objects are kept in: what is rendered is of no other. */
export function current<T extends CustomResourceDefinition>(definition: T): T {
  const { spec } = definition;
  return { ...definition, spec: { ...spec, versions: spec.versions.filter(({ storage }) => storage) } };
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
export function closed<T>(node: T): T {
  // The rules in CEL are no JSON Schema, and gitops/rules has them by hand; an inline flag is Go's alone (RE2).
  const isForeign = (key: string, member: unknown) =>
    key === 'x-kubernetes-validations' || (key === 'pattern' && /\(\?[a-z]+\)/.test(String(member)));
  const members = mapMembers(node, (key, member) => (isForeign(key, member) ? undefined : closed(member)));
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
