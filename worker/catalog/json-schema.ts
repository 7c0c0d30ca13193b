import { namesOfRequired } from './described';
import { keywordsOf } from './keywords';
import { absentOf, type Direction, readerOf } from './reader';
import type { Field, Member, Shape } from './shape';

export type JsonSchema = { readonly type?: string | readonly string[]; readonly [keyword: string]: unknown };

/**
 * Parameters as MCP clients see them. A parameter that may be null is told without it: leaving it out is the same
 * (arcade-mcp-server 1.26.0).
 */
export function parametersSchema(members: readonly Member[]): JsonSchema {
  return objectOf(members, (member) => annotated(schemaOf(member, 'inputs'), member, 'inputs', false));
}

/** A result as MCP clients see it. `textForNull` makes empty text, which is sent for null, fit as well. */
export function resultSchema(
  field: Field,
  { textForNull = false }: { readonly textForNull?: boolean } = {},
): JsonSchema {
  const schema = schemaOf(field, 'results');
  if (!textForNull || !field.nullable) return orNull(schema, field);
  const { type, ...rules } = schema;
  return Object.keys(rules).length === 0 ? schema : { type: 'string', anyOf: [rules, { maxLength: 0 }] };
}

/** Whether a rule around a field may have put another value in place of what the rules within it have seen. */
function isChangedAround({ layers }: Field): boolean {
  return layers.some(({ kind, rule }) => kind !== 'type' && rule?.changes === true);
}

function schemaOf(field: Field, direction: Direction, isTold = true): JsonSchema {
  const { shape, layers } = field;
  const [type] = layers;
  const isKnown = isTold && !(direction === 'results' && isChangedAround(field));
  const isKnownWithin = isKnown && !(direction === 'results' && type?.rule?.changes === true);
  const rules = isKnown ? keywordsOf(shape.kind, type?.rule, direction) : {};
  const inner = (held: Field) => annotated(schemaOf(held, direction, isKnownWithin), held, direction, true);
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
  const held = value && inner(value);
  if (key?.shape.kind === 'choice') {
    const { values } = key.shape;
    const isRequired = isComplete && value?.required !== false && value !== undefined;
    return {
      type: 'object',
      properties: Object.fromEntries(values.map((name) => [name, held ?? {}])),
      additionalProperties: false,
      ...(isRequired ? { required: values } : {}),
    };
  }
  const { type: _type, description: _description, ...names } = key === undefined ? {} : inner(key);
  return {
    type: 'object',
    ...(Object.keys(names).length === 0 ? {} : { propertyNames: names }),
    ...(held === undefined ? {} : { additionalProperties: held }),
  };
}

/** What a position adds to a schema: a description, a default, and null where it may stand. */
function annotated(schema: JsonSchema, field: Field, direction: Direction, tellsNull: boolean): JsonSchema {
  const told = tellsNull ? orNull(schema, field) : schema;
  return {
    ...told,
    ...(field.description === undefined ? {} : { description: field.description }),
    ...(direction === 'inputs' ? defaultOf(field, tellsNull) : {}),
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
 * The default of an absent value, when it is the same each time and a client that sends it is not refused: zod does not
 * check a default (4), so `z.email().default('')` has one that may only be left out.
 */
function defaultOf(field: Field, tellsNull: boolean): { readonly default?: unknown } {
  if (field.layers.every(({ kind }) => kind !== 'default')) return {};
  try {
    const [value, again] = [absentOf(field), absentOf(field)];
    const text = JSON.stringify(value);
    if (text === undefined || text !== JSON.stringify(again) || isNow(value) || (value === null && !tellsNull))
      return {};
    const sent: unknown = JSON.parse(text);
    const reading = readerOf(field, 'inputs')(sent);
    return reading.ok && JSON.stringify(reading.value) === text ? { default: sent } : {};
  } catch {
    // The author's function threw, or gave what JSON cannot hold: a call that leaves the member out will tell.
    return {};
  }
}

/** Whether a value was made from the clock, so that the next call will have another one. */
function isNow(value: unknown): boolean {
  const time = typeof value === 'string' ? Date.parse(value) : typeof value === 'number' ? value : Number.NaN;
  return [1, 1000].some((unit) => Math.abs(time * unit - Date.now()) < 2 * 86_400_000);
}
