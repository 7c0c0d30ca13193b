import { namesOfRequired } from './described';
import { keywordsOf } from './keywords';
import { absentOf, type Direction, readerOf } from './reader';
import type { Field, Member, Shape } from './shape';

export type JsonSchema = { readonly type?: string | readonly string[]; readonly [keyword: string]: unknown };

/** The input schema for MCP clients, without null: omitting a nullable parameter is equivalent (arcade-mcp-server 1.26.0). */
export function parametersSchema(members: readonly Member[]): JsonSchema {
  return objectOf(members, (member) => annotated(schemaOf(member, 'inputs'), member, 'inputs', false));
}

/** The schema of a result for MCP clients. `textForNull` also allows an empty string, which is sent for null. */
export function resultSchema(
  field: Field,
  { textForNull = false }: { readonly textForNull?: boolean } = {},
): JsonSchema {
  const schema = schemaOf(field, 'results');
  if (!textForNull || !field.nullable) return orNull(schema, field);
  const { type, ...rules } = schema;
  return Object.keys(rules).length === 0 ? schema : { type: 'string', anyOf: [rules, { maxLength: 0 }] };
}

/** Whether an outer rule may replace the value after the inner rules have checked it. */
function mayChangeAfterChecks({ layers }: Field): boolean {
  return layers.some(({ kind, rule }) => kind !== 'type' && rule?.changes === true);
}

function schemaOf(field: Field, direction: Direction, isUnchanged = true): JsonSchema {
  const { shape, layers } = field;
  const [type] = layers;
  const isKnown = isUnchanged && !(direction === 'results' && mayChangeAfterChecks(field));
  const isKnownWithin = isKnown && !(direction === 'results' && type?.rule?.changes === true);
  const rules = isKnown ? keywordsOf(shape.kind, type?.rule, direction) : {};
  const inner = (nested: Field) => annotated(schemaOf(nested, direction, isKnownWithin), nested, direction, true);
  switch (shape.kind) {
    case 'choice':
      return { type: 'string', enum: shape.values };
    case 'list':
      return { type: 'array', items: inner(shape.item), ...rules };
    case 'map':
      return mapSchema(shape, inner);
    case 'object':
      return objectOf(shape.members, inner);
    case 'variants':
      return { type: 'object', anyOf: shape.variants.map(({ field: variant }) => inner(variant)) };
    default:
      return { type: shape.kind, ...rules };
  }
}

function objectOf(members: readonly Member[], inner: (member: Member) => JsonSchema): JsonSchema {
  const required = namesOfRequired(members);
  return {
    type: 'object',
    properties: Object.fromEntries(members.map((member) => [member.name, inner(member)])),
    additionalProperties: false,
    ...(required.length === 0 ? {} : { required }),
  };
}

function mapSchema(
  { key, value, isComplete }: Shape & { kind: 'map' },
  inner: (field: Field) => JsonSchema,
): JsonSchema {
  const valueSchema = value && inner(value);
  if (key?.shape.kind === 'choice') {
    const { values } = key.shape;
    const isRequired = isComplete && value?.required !== false && value !== undefined;
    return {
      type: 'object',
      properties: Object.fromEntries(values.map((name) => [name, valueSchema ?? {}])),
      additionalProperties: false,
      ...(isRequired ? { required: values } : {}),
    };
  }
  const { type: _type, description: _description, ...names } = key === undefined ? {} : inner(key);
  return {
    type: 'object',
    ...(Object.keys(names).length === 0 ? {} : { propertyNames: names }),
    ...(valueSchema === undefined ? {} : { additionalProperties: valueSchema }),
  };
}

/** Adds the description, the default and, if allowed, null. */
function annotated(schema: JsonSchema, field: Field, direction: Direction, allowsNull: boolean): JsonSchema {
  return {
    ...(allowsNull ? orNull(schema, field) : schema),
    ...(field.description === undefined ? {} : { description: field.description }),
    ...(direction === 'inputs' ? defaultOf(field, allowsNull) : {}),
  };
}

function orNull(schema: JsonSchema, { nullable }: Field): JsonSchema {
  if (!nullable) return schema;
  const { type = [], enum: values, anyOf } = schema;
  return {
    ...schema,
    type: [type, 'null'].flat(),
    ...(Array.isArray(values) ? { enum: [...values, null] } : {}),
    ...(Array.isArray(anyOf) ? { anyOf: [...anyOf, { type: 'null' }] } : {}),
  };
}

/**
 * The default, if it is constant and valid when a client sends it. zod 4 does not check defaults: that of
 * `z.email().default('')` is invalid, so it is omitted.
 */
function defaultOf(field: Field, allowsNull: boolean): { readonly default?: unknown } {
  if (field.layers.every(({ kind }) => kind !== 'default')) return {};
  try {
    const [value, again] = [absentOf(field), absentOf(field)];
    const text = JSON.stringify(value);
    if (text === undefined || text !== JSON.stringify(again) || isNow(value) || (value === null && !allowsNull))
      return {};
    const sent: unknown = JSON.parse(text);
    const reading = readerOf(field, 'inputs')(sent);
    return reading.ok && JSON.stringify(reading.value) === text ? { default: sent } : {};
  } catch {
    // The author's function threw, or its value is not JSON. A call without the member will report the error.
    return {};
  }
}

/** Whether a value looks like the current time, so that it differs in the next call. */
function isNow(value: unknown): boolean {
  const time = typeof value === 'string' ? Date.parse(value) : typeof value === 'number' ? value : Number.NaN;
  return [1, 1000].some((unit) => Math.abs(time * unit - Date.now()) < 2 * 86_400_000);
}
