import { z } from 'zod';
import { type Rule, ruleOf } from './rules';
import { defOf, shapeOf } from './shape-of';

/** What a value may look like, as far as the engine's catalogue can say it (arcade-mcp-server 1.26.0). */
export type Shape =
  | { readonly kind: 'string' | 'integer' | 'number' | 'boolean' }
  | {
      readonly kind: 'choice';
      readonly values: readonly string[];
      /** The code of a refusal: enumerations and choices written inline differ in it. */
      readonly code: 'enum' | 'literal_error';
    }
  | { readonly kind: 'list'; readonly item: Field }
  | {
      readonly kind: 'map';
      /** What each key has to be: text or a choice. Undefined when any will do. */
      readonly key: Field | undefined;
      /** What stands under each key. Undefined for anything. */
      readonly value: Field | undefined;
      /** Whether every key of a choice has to be there. */
      readonly isComplete: boolean;
    }
  | {
      readonly kind: 'object';
      /** What a refusal calls the type: the schema's title. */
      readonly title: string;
      readonly members: readonly Member[];
    }
  | {
      readonly kind: 'variants';
      readonly title: string;
      /** The member whose text says which variant an object is. */
      readonly tag: string;
      /** Each an object. */
      readonly variants: readonly { readonly tags: readonly string[]; readonly field: Field }[];
    };

/** One schema of those that wrap each other, such as `.nullable()` around a text. */
export interface Layer {
  /** What it does beside its rules: the innermost is the type itself. */
  readonly kind: 'type' | 'optional' | 'nullable' | 'default' | 'same';
  readonly rule: Rule | undefined;
  /** Makes the value of an absent member. Present in a default alone; runs the author's code. */
  readonly fallback?: () => unknown;
}

/** A shape, and what its position adds to it. */
export interface Field {
  readonly shape: Shape;
  /** Innermost first. */
  readonly layers: readonly Layer[];
  readonly nullable: boolean;
  readonly required: boolean;
  /** True when an absent value is read as null. @default - it is read as its layers say */
  readonly absentIsNull?: boolean;
  readonly description: string | undefined;
  /** False when a model must not guess the value. */
  readonly inferrable: boolean;
}

export interface Member extends Field {
  readonly name: string;
}

/**
 * Reads a zod schema into a field: the one description from which reader, catalogue entry and MCP entry come.
 * @param path of the schema, for the message
 * @throws Error that names the path and a way out, for what the catalogue cannot express
 */
export function fieldOf(schema: z.core.$ZodType, path: string): Field {
  return within(schema, path, []);
}

/** No schema that people write is nested deeper; one that makes new copies of itself for ever is. */
const deepest = 50;

function within(schema: z.core.$ZodType, path: string, around: readonly z.core.$ZodType[]): Field {
  const schemas = unwrapped(schema, path, around);
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
    shape: shapeOf(core, path, (inner, at) => within(inner, at, [...around, core])),
    layers: layers.reverse(),
    nullable: has('nullable'),
    required: !has('default') && !has('optional'),
    description: metas.map((meta) => meta?.description).find((text) => text !== undefined),
    inferrable: metas.map((meta) => meta?.inferrable).find((flag) => flag !== undefined) !== false,
  };
}

/** The schema and everything it wraps, outermost first. */
function unwrapped(
  schema: z.core.$ZodType,
  path: string,
  around: readonly z.core.$ZodType[],
): readonly { readonly schema: z.core.$ZodType; readonly kind: Layer['kind'] }[] {
  if (around.includes(schema) || around.length > deepest) throw recursive(path);
  const def = defOf(schema);
  const inner = (next: z.core.$ZodType) => unwrapped(next, path, [...around, schema]);
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
      // `z.union([z.string(), z.null()])` is `z.string().nullable()` in other words.
      const [only, ...more] = def.options.filter((option) => !isNothing(option));
      if (only === undefined || more.length > 0 || def.options.length === 1) break;
      const nothings = def.options.filter(isNothing).map((option) => defOf(option).type);
      const kinds = nothings.map((type): Layer['kind'] => (type === 'null' ? 'nullable' : 'optional'));
      // Its own rules run once, around all that it says.
      return [...kinds.map((kind, index) => ({ kind, schema: index === 0 ? schema : z.unknown() })), ...inner(only)];
    }
  }
  return [{ schema, kind: 'type' }];
}

function isNothing(schema: z.core.$ZodType): boolean {
  return ['null', 'undefined'].includes(defOf(schema).type);
}

function recursive(path: string): Error {
  return new Error(
    `Cannot use the schema of "${path}": it is recursive, and the engine's catalogue cannot say that; declare as many ` +
      'levels as there are, or z.record(z.string(), z.unknown())',
  );
}
