import { type Described, metadataOf, namesOfRequired, requirementsOf } from './described';
import type { Member, Shape } from './shape';

/** The tool as the engine's catalogue shows it. Every member is there; what has no value is null. */
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
      return 'json';
    default:
      return shape.kind;
  }
}

function propertiesOf(shape: Shape): Record<string, ValueSchema> | null {
  if (shape.kind !== 'object') return null;
  return Object.fromEntries(shape.members.map((member) => [member.name, valueSchema(member.shape, member)]));
}

function requiredKeys(shape: Shape): readonly string[] | null {
  return shape.kind === 'object' ? namesOfRequired(shape.members).sort() : null;
}
