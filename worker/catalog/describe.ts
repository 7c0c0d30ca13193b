import { z } from 'zod';
import type { DefinedTool } from './define-tool';
import type { Field, Member, Shape } from './shape';

/** A tool and every name it is known by. */
export interface Described {
  readonly name: string;
  readonly wireName: string;
  readonly qualifiedName: string;
  readonly mcpName: string;
  readonly toolkit: { readonly name: string; readonly description: string; readonly version: string };
  readonly definition: DefinedTool;
  readonly input: readonly Member[];
  readonly output: Field | undefined;
}

/** The tool as the engine's catalogue shows it. Every member is there; what has no value is null. */
export function engineEntry(tool: Described) {
  const { definition, output } = tool;
  return {
    name: tool.wireName,
    fully_qualified_name: tool.qualifiedName,
    description: definition.description,
    toolkit: tool.toolkit,
    input: {
      parameters: tool.input.map(({ name, required, nullable, description, shape, inferrable }) => ({
        name,
        required: required && !nullable,
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

/** The tool as MCP clients see it. What has no value is left out. */
export function mcpEntry(tool: Described) {
  const { definition, output } = tool;
  const { behavior, deprecated } = definition;
  const arcade = withoutNulls({ requirements: requirementsOf(definition), metadata: metadataOf(definition) });
  return {
    name: tool.mcpName,
    title: tool.wireName,
    description: `${deprecated === undefined ? '' : `[DEPRECATED: ${deprecated}] `}${definition.description}`,
    inputSchema: objectSchema(tool.input, (member) => ({
      ...jsonSchema(member),
      ...(member.description === undefined ? {} : { description: member.description }),
    })),
    ...(output === undefined ? {} : { outputSchema: outputSchema(output) }),
    annotations: {
      title: tool.wireName,
      ...(behavior?.readOnly === undefined ? {} : { readOnlyHint: behavior.readOnly }),
      ...(behavior?.destructive === undefined ? {} : { destructiveHint: behavior.destructive }),
      ...(behavior?.idempotent === undefined ? {} : { idempotentHint: behavior.idempotent }),
      ...(behavior?.openWorld === undefined ? {} : { openWorldHint: behavior.openWorld }),
    },
    ...(arcade === undefined ? {} : { _meta: { arcade } }),
  };
}

/** Whether a result is sent to MCP clients as it is, or wrapped as the member `result` of an object. */
export function isObjectShaped(shape: Shape): boolean {
  return shape.kind === 'map' || shape.kind === 'object';
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

function namesOfRequired(members: readonly Member[]): string[] {
  return members.filter(({ required }) => required).map(({ name }) => name);
}

type JsonSchema = { readonly type: string | readonly string[]; readonly [keyword: string]: unknown };

function outputSchema(output: Field): JsonSchema {
  const schema = jsonSchema(output);
  return isObjectShaped(output.shape) ? schema : { type: 'object', properties: { result: schema } };
}

function objectSchema(members: readonly Member[], describe: (member: Member) => JsonSchema): JsonSchema {
  const required = namesOfRequired(members);
  return {
    type: 'object',
    properties: Object.fromEntries(members.map((member) => [member.name, describe(member)])),
    additionalProperties: false,
    ...(required.length === 0 ? {} : { required }),
  };
}

function jsonSchema({ shape }: Field): JsonSchema {
  switch (shape.kind) {
    case 'choice':
      return { type: 'string', enum: shape.values };
    case 'list':
      return { type: 'array', items: jsonSchema(shape.item), ...rulesOf(shape) };
    case 'map':
      return { type: 'object' };
    case 'object':
      return objectSchema(shape.members, memberSchema);
    default:
      return { type: shape.kind, ...rulesOf(shape) };
  }
}

function memberSchema(member: Member): JsonSchema {
  const schema = jsonSchema(member);
  const described = member.description === undefined ? schema : { ...schema, description: member.description };
  if (!member.nullable) return described;
  const values = described.enum;
  return {
    ...described,
    type: [schema.type, 'null'].flat(),
    ...(Array.isArray(values) ? { enum: [...values, null] } : {}),
  };
}

const ruleNames = [
  'minLength',
  'maxLength',
  'pattern',
  'format',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minItems',
  'maxItems',
];

/** The rules that zod adds to a type, without the bounds of a double, which every whole number has. */
function rulesOf({ schema }: Shape): Record<string, unknown> {
  const all: Record<string, unknown> = z.toJSONSchema(schema, { io: 'input' });
  const said = ruleNames.filter(
    (rule) => all[rule] !== undefined && Math.abs(Number(all[rule])) !== Number.MAX_SAFE_INTEGER,
  );
  return Object.fromEntries(said.map((rule) => [rule, all[rule]]));
}

function requirementsOf({ requires = {} }: DefinedTool) {
  const { authorization, secrets, metadata } = requires;
  return {
    authorization:
      authorization === undefined
        ? null
        : {
            provider_id: 'provider' in authorization ? authorization.provider : null,
            provider_type: 'oauth2',
            id: 'id' in authorization ? authorization.id : null,
            oauth2: { scopes: authorization.scopes ?? null },
          },
    secrets: secrets === undefined ? null : distinct(secrets).map((key) => ({ key })),
    metadata: metadata === undefined ? null : distinct(metadata).map((key) => ({ key: key.toLowerCase() })),
  };
}

/** Without repetitions, compared without regard to case; the first spelling stays. */
function distinct(keys: readonly string[]): readonly string[] {
  return keys.filter((key, index) => keys.findIndex((other) => other.toLowerCase() === key.toLowerCase()) === index);
}

function metadataOf({ behavior, serviceDomains, extras }: DefinedTool) {
  if (behavior === undefined && serviceDomains === undefined && extras === undefined) return null;
  return {
    classification: serviceDomains === undefined ? null : { service_domains: serviceDomains },
    behavior:
      behavior === undefined
        ? null
        : {
            operations: behavior.operations ?? null,
            read_only: behavior.readOnly ?? null,
            destructive: behavior.destructive ?? null,
            idempotent: behavior.idempotent ?? null,
            open_world: behavior.openWorld ?? null,
          },
    extras: extras ?? null,
  };
}

/** The same object without null members at any depth; undefined when nothing is left. */
function withoutNulls(value: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  const kept = Object.entries(value).flatMap(([key, member]) => {
    const inner = isRecord(member) ? withoutNulls(member) : member;
    return inner === null || inner === undefined ? [] : [[key, inner]];
  });
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
