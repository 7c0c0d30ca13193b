import { z } from 'zod';
import { isObject } from '../json';
import { type Described, metadataOf, namesOfRequired, requirementsOf } from './described';
import type { Field, Member, Shape } from './shape';

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

/** Whether a result is sent to MCP clients as it is. Else it is the member `result` of an object: null is no object. */
export function isSentWhole({ shape, nullable }: Field): boolean {
  return !nullable && (shape.kind === 'map' || shape.kind === 'object');
}

type JsonSchema = { readonly type: string | readonly string[]; readonly [keyword: string]: unknown };

function outputSchema(output: Field): JsonSchema {
  if (isSentWhole(output)) return jsonSchema(output);
  // The reference sends empty text for null, which is text all the same (arcade-mcp-server 1.26.0).
  const schema = output.shape.kind === 'string' ? jsonSchema(output) : orNull(jsonSchema(output), output);
  return { type: 'object', properties: { result: schema } };
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
  return orNull(member.description === undefined ? schema : { ...schema, description: member.description }, member);
}

function orNull(schema: JsonSchema, { nullable }: Field): JsonSchema {
  if (!nullable) return schema;
  const { type, enum: values } = schema;
  return {
    ...schema,
    type: [type, 'null'].flat(),
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

/** The same object without null members at any depth; undefined when nothing is left. */
function withoutNulls(value: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  const kept = Object.entries(value).flatMap(([key, member]) => {
    const inner = isObject(member) ? withoutNulls(member) : member;
    return inner === null || inner === undefined ? [] : [[key, inner]];
  });
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}
