/** The members of a CustomResourceDefinition (apiextensions.k8s.io/v1) that we read. */
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

/** The members of an object's schema that we read. */
interface Schema {
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Reduces a definition to its storage version, the only one that we render. */
export function current<T extends CustomResourceDefinition>(definition: T): T {
  const { spec } = definition;
  return { ...definition, spec: { ...spec, versions: spec.versions.filter(({ storage }) => storage) } };
}

/** Definitions by file name, one file per API group: two files of a group would overwrite each other's classes. */
export function crdFiles(definitions: readonly CustomResourceDefinition[]): ReadonlyMap<string, readonly object[]> {
  const files = new Map<string, object[]>();
  for (const definition of definitions) {
    const name = `${definition.spec.group}.yaml`;
    files.set(name, [...(files.get(name) ?? []), definition]);
  }
  return files;
}

/** The schemas by `<group>/<version>/<kind>`, without `status` and rejecting unknown fields. */
export function schemasOf(definitions: readonly CustomResourceDefinition[]): Readonly<Record<string, object>> {
  const schemas = definitions.flatMap(({ spec: { group, names, versions } }) =>
    versions.map(({ name, schema: { openAPIV3Schema } }) => {
      const { status: _, ...properties } = openAPIV3Schema.properties;
      return [`${group}/${name}/${names.kind}`, closed({ ...openAPIV3Schema, properties })] as const;
    }),
  );
  return Object.fromEntries(schemas);
}

/** Removes the descriptions, which are half of the bytes. */
export function withoutDescriptions<T>(value: T): T {
  const strip = (node: unknown): unknown =>
    mapMembers(node, (key, member) =>
      key === 'description' && typeof member === 'string' ? undefined : strip(member),
    );
  // Only descriptions are removed, and T declares none.
  return strip(value) as T;
}

/** Rejects unknown fields, which a cluster would drop silently, unless the definition preserves them. */
export function closed<T>(node: T): T {
  // CEL rules are not JSON Schema (gitops/rules implements them), and only Go's RE2 has inline flags.
  const isForeign = (key: string, member: unknown) =>
    key === 'x-kubernetes-validations' || (key === 'pattern' && /\(\?[a-z]+\)/.test(String(member)));
  const members = mapMembers(node, (key, member) => (isForeign(key, member) ? undefined : closed(member)));
  const isClosed =
    isObject(members) && 'properties' in members && !('additionalProperties' in members || keepsUnknown in members);
  // A schema with one more keyword is still a schema.
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
