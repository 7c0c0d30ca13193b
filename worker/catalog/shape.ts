import { z } from 'zod';
import { type Rule, ruleOf } from './rules';
import { defOf, shapeOf } from './shape-of';

/** The type of a value, as far as the engine's catalogue can express it (arcade-mcp-server 1.26.0). */
export type Shape =
  | { readonly kind: 'string' | 'integer' | 'number' | 'boolean' }
  | {
      readonly kind: 'choice';
      readonly values: readonly string[];
      /** The issue code: it differs between enums and literals. */
      readonly code: 'enum' | 'literal_error';
    }
  | { readonly kind: 'list'; readonly item: Field }
  | {
      readonly kind: 'map';
      /** The type of the keys: string or choice. Undefined for any key. */
      readonly key: Field | undefined;
      /** The type of the values. Undefined for any value. */
      readonly value: Field | undefined;
      /** Whether every key of a choice is required. */
      readonly isComplete: boolean;
    }
  | {
      readonly kind: 'object';
      /** The type's name in issues: the schema's title. */
      readonly title: string;
      readonly members: readonly Member[];
    }
  | {
      readonly kind: 'variants';
      readonly title: string;
      /** The discriminator. */
      readonly tag: string;
      /** The variants, each an object. */
      readonly variants: readonly { readonly tags: readonly string[]; readonly field: Field }[];
    };

/** One of several nested wrapper schemas, such as `.nullable()` around a string. */
export interface Layer {
  /** The effect besides its rules. The innermost layer is the type itself. */
  readonly kind: 'type' | 'optional' | 'nullable' | 'default' | 'same';
  readonly rule: Rule | undefined;
  /** Returns the default. Only in a layer of kind `default`; runs the author's code. */
  readonly fallback?: () => unknown;
}

/** A shape with the properties of its position. */
export interface Field {
  readonly shape: Shape;
  /** Innermost first. */
  readonly layers: readonly Layer[];
  readonly nullable: boolean;
  readonly required: boolean;
  /** True when an absent value is read as null. @default - the layers decide */
  readonly absentIsNull?: boolean;
  readonly description: string | undefined;
  /** False when a model must not guess the value. */
  readonly inferrable: boolean;
}

export interface Member extends Field {
  readonly name: string;
}

/**
 * Converts a zod schema to a field, from which the reader, the catalogue entry and the MCP entry are derived.
 * @param path of the schema, for the message
 * @throws Error that names the path and an alternative, for a schema that the catalogue cannot express
 */
export function fieldOf(schema: z.core.$ZodType, path: string): Field {
  return within(schema, path, []);
}

/** Deeper than any schema people write. Catches a getter that returns a new copy of itself each time. */
const maxDepth = 50;

function within(schema: z.core.$ZodType, path: string, enclosing: readonly z.core.$ZodType[]): Field {
  const schemas = unwrapped(schema, path, enclosing);
  const core = schemas.at(-1)?.schema ?? schema;
  const layers = schemas.map(({ schema: layer, kind }): Layer => {
    const def = defOf(layer);
    const rule = ruleOf(layer, path);
    return kind === 'default' && def.type === 'default'
      ? { kind, rule, fallback: () => def.defaultValue }
      : { kind, rule };
  });
  const has = (kind: Layer['kind']) => layers.some((layer) => layer.kind === kind);
  const metas = schemas.map(({ schema: layer }) => z.globalRegistry.get(layer));
  return {
    shape: shapeOf(core, path, (inner, at) => within(inner, at, [...enclosing, core])),
    layers: layers.reverse(),
    nullable: has('nullable'),
    required: !has('default') && !has('optional'),
    description: metas.map((meta) => meta?.description).find((text) => text !== undefined),
    inferrable: metas.map((meta) => meta?.inferrable).find((flag) => flag !== undefined) !== false,
  };
}

/** The schema and the schemas it wraps, outermost first. */
function unwrapped(
  schema: z.core.$ZodType,
  path: string,
  enclosing: readonly z.core.$ZodType[],
): readonly { readonly schema: z.core.$ZodType; readonly kind: Layer['kind'] }[] {
  if (enclosing.includes(schema) || enclosing.length > maxDepth) throw recursive(path);
  const def = defOf(schema);
  const inner = (next: z.core.$ZodType) => unwrapped(next, path, [...enclosing, schema]);
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
      return [{ schema, kind: def.type }, ...inner(def.innerType)];
    case 'readonly':
      return [{ schema, kind: 'same' }, ...inner(def.innerType)];
    case 'lazy':
      return [{ schema, kind: 'same' }, ...inner(def.getter())];
    case 'union': {
      // `z.union([z.string(), z.null()])` is equivalent to `z.string().nullable()`.
      const [only, ...more] = def.options.filter((option) => !isNullish(option));
      if (only === undefined || more.length > 0 || def.options.length === 1) break;
      const nullish = def.options.filter(isNullish).map((option) => defOf(option).type);
      const kinds = nullish.map((type): Layer['kind'] => (type === 'null' ? 'nullable' : 'optional'));
      // The union's own rules run once, in the outermost layer.
      return [...kinds.map((kind, index) => ({ kind, schema: index === 0 ? schema : z.unknown() })), ...inner(only)];
    }
  }
  return [{ schema, kind: 'type' }];
}

function isNullish(schema: z.core.$ZodType): boolean {
  return ['null', 'undefined'].includes(defOf(schema).type);
}

function recursive(path: string): Error {
  return new Error(
    `Cannot use the schema of "${path}": it is recursive, which the engine's catalogue cannot express; declare a fixed ` +
      'number of levels, or use z.record(z.string(), z.unknown())',
  );
}
