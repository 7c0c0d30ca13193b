import { toJSONSchema, type z } from 'zod';
import { at, isRecord } from './json';
import { nearest } from './nearest';
import { Problem, type ProblemCode } from './problem';

/**
 * Reports that a value breaks a rule. `found` continues the message `Cannot use <field> <value>: …`.
 * @param code undefined for the default code of the declaration, SERVER-FIELD or PLATFORM-FIELD
 */
export function rule(
  context: z.core.$RefinementCtx,
  code: ProblemCode | undefined,
  found: string,
  fix: string,
  path: PropertyKey[] = [],
): void {
  context.addIssue({ code: 'custom', message: found, params: { code, fix }, path });
}

/** The origin of a parsed value, and its schema. */
export interface Declaration {
  readonly file: string;
  /** The parsed value, to quote from. */
  readonly input: unknown;
  /** The schema of the declaration, for the names of its fields. */
  readonly shape: z.ZodType;
  /** The file that defines the schema, for the fix. */
  readonly schema: string;
  /** The code of problems without a more specific one. @default - SERVER-FIELD */
  readonly code?: ProblemCode;
  /** The field that contains the input. @default - the input is the whole declaration */
  readonly root?: string;
}

/** Converts schema errors to problems that quote the value and say how to fix it. */
export function problemsFrom(error: z.ZodError, declaration: Declaration): readonly Problem[] {
  const { file, input, root, schema, code = 'SERVER-FIELD' } = declaration;
  return error.issues.flatMap((issue) => {
    const inside = issue.path.filter((part) => part !== 'entry' && part !== 'fields').map(String);
    const path = [...(root === undefined ? [] : [root]), ...inside];
    if (issue.code === 'unrecognized_keys') {
      const fields = fieldsAt(declaration.shape, inside);
      return issue.keys.map((key) => unknownField([...path, key], inside, fields, declaration));
    }
    const field = path.join('.') || 'the declaration';
    const params: { code?: ProblemCode; fix?: string } = (issue.code === 'custom' && issue.params) || {};
    const reason = issue.message.replace(/^Invalid input: /, '');
    return [
      new Problem(params.code ?? code, `Cannot use ${field}${quoted(at(input, ...issue.path))}: ${reason}`, {
        file,
        path: field,
        fix: params.fix ?? `${schema} says what the field takes`,
      }),
    ];
  });
}

function unknownField(
  path: readonly string[],
  above: readonly string[],
  fields: readonly string[],
  { file, code, shape }: Declaration,
): Problem {
  const field = path.at(-1) ?? '';
  const deeper = fields.filter((each) => fieldsAt(shape, [...above, each]).includes(field));
  // A misplaced field is likelier than a misspelled one.
  const meant = deeper.length === 1 ? `${deeper[0]}.${field}` : nearest(field, fields);
  const others = `remove it; the fields are ${fields.join(', ')}`;
  // A field of another variant: `dns.workspace` beside `dns.none`.
  const otherVariant = 'remove it: it cannot be combined with the fields beside it';
  return new Problem(code ?? 'SERVER-FIELD', `Cannot read "${path.join('.')}": there is no such field`, {
    file,
    path: path.join('.'),
    fix: fields.includes(field) ? otherVariant : meant === undefined ? others : `write "${meant}"`,
  });
}

/** The distinct field names at a path of a schema, in order. */
function fieldsAt(shape: z.ZodType, path: readonly string[]): readonly string[] {
  const schemasAt = (schemas: readonly unknown[], [key, ...rest]: readonly string[]): readonly unknown[] => {
    const objects = schemas
      .flatMap((schema) => [schema, ...listIn(schema, 'anyOf'), ...listIn(schema, 'oneOf')])
      .filter(isRecord);
    if (key === undefined) return objects;
    return schemasAt(
      objects.map((object) => Object(object.properties)[key] ?? object.additionalProperties ?? object.items),
      rest,
    );
  };
  const whole: unknown = toJSONSchema(shape, { io: 'input', unrepresentable: 'any' });
  return [
    ...new Set(
      schemasAt([whole], path).flatMap((schema) => (isRecord(schema) ? Object.keys(Object(schema.properties)) : [])),
    ),
  ];
}

function listIn(value: unknown, member: string): readonly unknown[] {
  const list = isRecord(value) ? value[member] : undefined;
  return Array.isArray(list) ? list : [];
}

/** Quotes scalars, shortened; objects are identified by their path. */
function quoted(value: unknown): string {
  return ['string', 'number', 'boolean'].includes(typeof value) ? ` ${JSON.stringify(value).slice(0, 120)}` : '';
}
