import { z } from 'zod';

/** What a value may look like, as far as the engine's catalogue can say it (arcade-mcp-server 1.26.0). */
export type Shape =
  | { readonly kind: 'string' | 'integer' | 'number' | 'boolean' | 'map'; readonly schema: z.core.$ZodType }
  | {
      readonly kind: 'choice';
      readonly values: readonly string[];
      /** The code of a refusal: enumerations and choices written inline differ in it. */
      readonly code: 'enum' | 'literal_error';
      readonly schema: z.core.$ZodType;
    }
  | { readonly kind: 'list'; readonly item: Field; readonly schema: z.core.$ZodType }
  | {
      readonly kind: 'object';
      /** What a refusal calls the type: the schema's title. */
      readonly title: string;
      readonly members: readonly Member[];
      readonly schema: z.core.$ZodType;
    };

/** A shape, and what its position adds to it. */
export interface Field {
  readonly shape: Shape;
  readonly nullable: boolean;
  readonly required: boolean;
  /** Makes the value of an absent member. Undefined when absent means absent. */
  readonly fallback: (() => unknown) | undefined;
  readonly description: string | undefined;
  /** False when a model must not guess the value. */
  readonly inferrable: boolean;
  /** True when zod has rules to add that a shape cannot express, such as a length. */
  readonly hasRules: boolean;
}

export interface Member extends Field {
  readonly name: string;
}

/**
 * Reads a zod schema into a field.
 * @param path of the schema, for the message
 * @throws Error that names the path, for what the catalogue cannot express: unions, lists of lists, transformations
 */
export function fieldOf(schema: z.core.$ZodType, path: string): Field {
  const layers = layersOf(schema);
  const core = layers.at(-1) ?? schema;
  const defaulted = layers.map(defOf).find((def) => def.type === 'default');
  const shape = shapeOf(core, path);
  return {
    shape,
    nullable: layers.some((layer) => defOf(layer).type === 'nullable'),
    required: !layers.some((layer) => ['default', 'optional'].includes(defOf(layer).type)),
    fallback: defaulted?.type === 'default' ? () => defaulted.defaultValue : undefined,
    description: firstOf(layers, (meta) => meta?.description),
    inferrable: firstOf(layers, (meta) => meta?.inferrable) !== false,
    hasRules: layers.some(addsRules) || nestedRules(shape),
  };
}

/** The schema and everything it wraps, outermost first. */
function layersOf(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  const def = defOf(schema);
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'readonly':
      return [schema, ...layersOf(def.innerType)];
    default:
      return [schema];
  }
}

function shapeOf(schema: z.core.$ZodType, path: string): Shape {
  const def = defOf(schema);
  switch (def.type) {
    case 'string':
    case 'boolean':
      return { kind: def.type, schema };
    case 'number':
      return { kind: isWhole(def) ? 'integer' : 'number', schema };
    case 'enum':
      return choice(Object.values(def.entries), 'enum', schema, path);
    case 'literal':
      return choice(def.values, 'literal_error', schema, path);
    case 'record':
      if (defOf(def.valueType).type === 'unknown') return { kind: 'map', schema };
      break;
    case 'array': {
      const item = fieldOf(def.element, `${path}[]`);
      if (item.shape.kind !== 'list' && !item.nullable) return { kind: 'list', item, schema };
      break;
    }
    case 'object':
      if (def.catchall === undefined || defOf(def.catchall).type === 'never') {
        return { kind: 'object', title: titleOf(schema), members: membersOf(def.shape, path), schema };
      }
      break;
  }
  throw new Error(
    `Cannot use the schema of "${path}": the engine's catalogue cannot express it; write text, a number, a boolean, ` +
      'a choice, an object with known members, z.record(z.string(), z.unknown()), or a list of one of these',
  );
}

function membersOf(shape: Readonly<Record<string, z.core.$ZodType>>, path: string): readonly Member[] {
  return Object.entries(shape).map(([name, schema]) => {
    const at = path === '' ? name : `${path}.${name}`;
    // Every object has such a member, so its absence would go unnoticed.
    if (name in Object.prototype) throw new Error(`Cannot use the name "${at}": every JavaScript object has it`);
    return { name, ...fieldOf(schema, at) };
  });
}

function choice(
  values: readonly unknown[],
  code: 'enum' | 'literal_error',
  schema: z.core.$ZodType,
  path: string,
): Shape {
  const texts = values.filter((value) => typeof value === 'string');
  if (texts.length !== values.length) throw new Error(`Cannot use the choice of "${path}": it may hold texts only`);
  return { kind: 'choice', values: texts, code, schema };
}

function nestedRules(shape: Shape): boolean {
  if (shape.kind === 'list') return shape.item.hasRules;
  return shape.kind === 'object' && shape.members.some(({ hasRules }) => hasRules);
}

function addsRules(schema: z.core.$ZodType): boolean {
  const def = defOf(schema);
  if ((def.checks?.length ?? 0) > 0) return true;
  return def.type === 'string' && 'format' in def;
}

function isWhole(def: z.core.$ZodNumberDef): boolean {
  const formats = [def, ...(def.checks ?? []).map(({ _zod }) => _zod.def)];
  return formats.some((format) => 'format' in format && format.format === 'safeint');
}

function titleOf(schema: z.core.$ZodType): string {
  const title = z.globalRegistry.get(schema)?.title;
  return typeof title === 'string' ? title : 'object';
}

function firstOf<T>(
  layers: readonly z.core.$ZodType[],
  pick: (meta: z.core.GlobalMeta | undefined) => T,
): T | undefined {
  return layers.map((layer) => pick(z.globalRegistry.get(layer))).find((found) => found !== undefined);
}

function defOf(schema: z.core.$ZodType): z.core.$ZodTypes['_zod']['def'] {
  // zod types every schema as the base class; the union of all its definitions is what `type` discriminates.
  return schema._zod.def as z.core.$ZodTypes['_zod']['def'];
}
