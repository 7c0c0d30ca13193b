import { type Described, metadataOf, namesOfRequired, requirementsOf } from './described';
import type { Member, Shape } from './shape';

/** The tool's entry in the engine's catalogue. All fields are present; a missing value is null. */
export function engineEntry(tool: Described) {
  const { definition, output } = tool;
  return {
    name: tool.wireName,
    fully_qualified_name: tool.qualifiedName,
    description: definition.description,
    toolkit: tool.toolkit,
    input: {
      parameters: tool.input.map(({ name, required, description, shape, inferrable }) => ({
        name,
        required,
        description: description ?? null,
        value_schema: valueSchema(shape),
        inferrable,
      })),
    },
    output: {
      description: output?.description ?? 'No description provided.',
      available_modes:
        output === undefined ? ['null'] : output.nullable ? ['value', 'error', 'null'] : ['value', 'error'],
      value_schema: output === undefined ? null : valueSchema(output.shape),
    },
    requirements: requirementsOf(definition),
    deprecation_message: definition.deprecated ?? null,
    metadata: metadataOf(definition),
    // Absent without a page: the entry stays the same as before pages existed.
    ...(tool.pageUri === undefined ? {} : { _meta: { ui: { resourceUri: tool.pageUri } } }),
  };
}

interface ValueSchema {
  readonly val_type: string;
  readonly inner_val_type: string | null;
  readonly enum: readonly string[] | null;
  readonly properties: Readonly<Record<string, ValueSchema>> | null;
  readonly inner_properties: Readonly<Record<string, ValueSchema>> | null;
  readonly description: string | null;
  readonly required_keys: readonly string[] | null;
  readonly inner_required_keys: readonly string[] | null;
  readonly nullable: true | null;
}

function valueSchema(shape: Shape, member?: Member): ValueSchema {
  const inner = shape.kind === 'list' ? shape.item.shape : undefined;
  return {
    val_type: valueType(shape),
    inner_val_type: inner === undefined ? null : valueType(inner),
    enum: shape.kind === 'choice' ? shape.values : inner?.kind === 'choice' ? inner.values : null,
    properties: propertiesOf(shape),
    inner_properties: inner === undefined ? null : propertiesOf(inner),
    description: member?.description ?? null,
    required_keys: requiredKeys(shape),
    inner_required_keys: inner === undefined ? null : requiredKeys(inner),
    nullable: member?.nullable ? true : null,
  };
}

function valueType(shape: Shape): string {
  switch (shape.kind) {
    case 'choice':
      return 'string';
    case 'list':
      return 'array';
    case 'map':
    case 'object':
    case 'variants':
      return 'json';
    default:
      return shape.kind;
  }
}

function propertiesOf(shape: Shape): Record<string, ValueSchema> | null {
  const members = membersOf(shape);
  return members && Object.fromEntries(members.map((member) => [member.name, valueSchema(member.shape, member)]));
}

function requiredKeys(shape: Shape): readonly string[] | null {
  const members = membersOf(shape);
  return members && namesOfRequired(members).sort();
}

/** The members that the catalogue can name. Null for a free-form object. */
function membersOf(shape: Shape): readonly Member[] | null {
  switch (shape.kind) {
    case 'object':
      return shape.members;
    case 'map': {
      const { key, value, isComplete } = shape;
      if (key?.shape.kind !== 'choice' || value === undefined) return null;
      return key.shape.values.map((name) => ({ ...value, name, required: isComplete && value.required }));
    }
    case 'variants':
      return sharedMembers(shape.variants.map(({ field }) => membersOf(field.shape) ?? []));
    default:
      return null;
  }
}

/** The members of all variants; required if all variants require it. Null if two variants conflict. */
function sharedMembers(variants: readonly (readonly Member[])[]): readonly Member[] | null {
  const found = new Map<string, Member>();
  for (const member of variants.flat()) {
    const known = found.get(member.name);
    const merged = known === undefined ? member : union(known, member);
    if (merged === undefined) return null;
    found.set(member.name, merged);
  }
  return [...found.values()].map((member) => ({
    ...member,
    required: variants.every((members) => members.some(({ name, required }) => name === member.name && required)),
  }));
}

/** The union of two members. Undefined if the catalogue cannot express it. */
function union(one: Member, other: Member): Member | undefined {
  const nullable = one.nullable || other.nullable;
  if (one.shape.kind === 'choice' && other.shape.kind === 'choice') {
    const values = [...new Set([...one.shape.values, ...other.shape.values])];
    return { ...one, nullable, shape: { ...one.shape, values } };
  }
  const isSame = JSON.stringify(valueSchema(one.shape)) === JSON.stringify(valueSchema(other.shape));
  return isSame ? { ...one, nullable } : undefined;
}
