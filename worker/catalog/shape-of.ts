import { z } from 'zod';
import type { Field, Member, Shape } from './shape';
import { unsupported } from './unsupported';

/** Converts a nested schema. */
type Inner = (schema: z.core.$ZodType, path: string) => Field;

/**
 * The shape of a schema that is not a wrapper.
 * @throws Error that names the path and an alternative, for a schema that the engine's catalogue cannot express
 */
export function shapeOf(schema: z.core.$ZodType, path: string, inner: Inner): Shape {
  const def = defOf(schema);
  switch (def.type) {
    case 'string':
    case 'boolean':
    case 'number':
      if (def.coerce) throw unsupported(path, def.type, coercion(def.type));
      return { kind: def.type === 'number' && isInteger(def) ? 'integer' : def.type };
    case 'enum':
      return choiceOf(Object.values(def.entries), 'enum', path);
    case 'literal':
      return choiceOf(def.values, 'literal_error', path);
    case 'record':
      return mapOf(def, path, inner);
    case 'array':
      return { kind: 'list', item: itemOf(def.element, path, inner) };
    case 'object':
      if (def.catchall !== undefined && defOf(def.catchall).type !== 'never') break;
      return { kind: 'object', title: titleOf(schema), members: membersOf(def.shape, path, inner) };
    case 'union': {
      const texts = def.options.map(textsOf);
      if (texts.every((each) => each !== undefined)) return choiceOf(texts.flat(), 'literal_error', path);
      if ('discriminator' in def && typeof def.discriminator === 'string') {
        return variantsOf(titleOf(schema), def.discriminator, def.options, path, inner);
      }
    }
  }
  throw unsupported(path, def.type);
}

function coercion(type: string): readonly [string, string] {
  return ['a coercion', `use z.${type}(): numbers and booleans in strings are already coerced`];
}

/** Whether a number schema is an integer: `z.int()`, `z.int32()`, `z.uint32()`, or one with an `.int()` rule. */
function isInteger(def: z.core.$ZodNumberDef): boolean {
  const formats = [def, ...(def.checks ?? []).map(({ _zod }) => _zod.def)];
  return formats.some((each) => 'format' in each && ['safeint', 'int32', 'uint32'].includes(String(each.format)));
}

function choiceOf(values: readonly unknown[], code: 'enum' | 'literal_error', path: string): Shape {
  const texts = values.filter((value) => typeof value === 'string');
  if (texts.length !== values.length) throw new Error(`Cannot use the choice of "${path}": use only strings`);
  if (texts.length === 0) throw new Error(`Cannot use the choice of "${path}": it is empty; add at least one value`);
  return { kind: 'choice', values: [...new Set(texts)], code };
}

/** The strings of a choice without rules, for a union of choices. */
function textsOf(schema: z.core.$ZodType): readonly unknown[] | undefined {
  const def = defOf(schema);
  if (def.checks?.length) return undefined;
  if (def.type === 'enum') return Object.values(def.entries);
  return def.type === 'literal' ? def.values : undefined;
}

function itemOf(element: z.core.$ZodType, path: string, inner: Inner): Field {
  const item = inner(element, `${path}[]`);
  if (item.shape.kind === 'list') {
    throw unsupported(path, 'array', ['a list of lists', 'use a list of objects, each with a list']);
  }
  if (item.nullable || !item.required) {
    throw unsupported(path, 'array', ['a list with null or undefined items', 'omit them from the list']);
  }
  return item;
}

function mapOf(def: z.core.$ZodRecordDef, path: string, inner: Inner): Shape {
  const key = inner(def.keyType, `${path}{}`);
  const isFree = ['unknown', 'any'].includes(defOf(def.valueType).type);
  const isPlainText = key.shape.kind === 'string' && key.layers.every(({ rule }) => rule === undefined);
  if (!['string', 'choice'].includes(key.shape.kind) || key.nullable || !key.required) {
    throw unsupported(path, 'record', ['keys other than strings', 'use z.record(z.string(), …)']);
  }
  if (def.mode === 'loose') {
    throw unsupported(path, 'record', ['a loose record', 'use z.record(z.string(), …)']);
  }
  if (key.shape.kind === 'choice') for (const name of key.shape.values) refuseInherited(name, path);
  return {
    kind: 'map',
    key: isPlainText ? undefined : key,
    value: isFree ? undefined : inner(def.valueType, `${path}{}`),
    isComplete: key.shape.kind === 'choice' && !def.partial,
  };
}

function membersOf(shape: Readonly<Record<string, z.core.$ZodType>>, path: string, inner: Inner): readonly Member[] {
  return Object.entries(shape).map(([name, schema]) => {
    refuseInherited(name, path);
    return { name, ...inner(schema, below(path, name)) };
  });
}

function refuseInherited(name: string, path: string): void {
  // Every object inherits this member, so its absence would go unnoticed.
  if (name in Object.prototype) {
    throw new Error(`Cannot use the name "${below(path, name)}": every JavaScript object inherits it; choose another`);
  }
}

function variantsOf(
  title: string,
  tag: string,
  options: readonly z.core.$ZodType[],
  path: string,
  inner: Inner,
): Shape {
  const variants = options.map((option, index) => {
    const field = inner(option, `${path}<${index}>`);
    const known = field.shape.kind === 'object' ? field.shape.members.find(({ name }) => name === tag) : undefined;
    if (known?.shape.kind !== 'choice' || known.nullable || !known.required) {
      throw unsupported(path, 'union', [
        'a union of these variants',
        `make each variant a z.strictObject({ … }) with ${tag}: z.literal('…')`,
      ]);
    }
    return { tags: known.shape.values, field };
  });
  return { kind: 'variants', title, tag, variants };
}

function below(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function titleOf(schema: z.core.$ZodType): string {
  const title = z.globalRegistry.get(schema)?.title;
  return typeof title === 'string' ? title : 'object';
}

/** The definition of a schema, discriminated by its `type`. */
export function defOf(schema: z.core.$ZodType): z.core.$ZodTypes['_zod']['def'] {
  // zod types every schema as the base class; the union of all its definitions is what `type` discriminates.
  return schema._zod.def as z.core.$ZodTypes['_zod']['def'];
}
