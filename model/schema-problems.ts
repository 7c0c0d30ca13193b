import { toJSONSchema, type z } from 'zod';
import { at, isRecord } from './json';
import { nearest } from './nearest';
import { Problem, type ProblemCode } from './problem';

/**
 * Reports that a value breaks a rule. `found` continues the sentence `Cannot use … : it …`.
 * @param code undefined for that of a field of the declaration, which may be a server's or a platform's
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

/** Where the parsed value came from, and which fields it may have. */
export interface Declaration {
  readonly file: string;
  /** What was parsed, to quote from. */
  readonly input: unknown;
  /** The schema of the declaration, for the names of its fields. */
  readonly shape: z.ZodType;
  /** The file whose schema it is. */
  readonly schema: string;
  /** The code of a field that breaks no rule with a code of its own. @default - SERVER-FIELD */
  readonly code?: ProblemCode;
  /** The field that holds the input. @default - the input is the whole declaration */
  readonly root?: string;
}

/** What a schema found, as problems that quote the value and say how to mend it. */
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
  // One that moved into another says more than one that is spelt alike.
  const meant = deeper.length === 1 ? `${deeper[0]}.${field}` : nearest(field, fields);
  const others = `take it out; the fields are ${fields.join(', ')}`;
  // One of another form, where a value has several: `dns.workspace` beside `dns.none`.
  const unfit = 'take it out: it does not go with the fields beside it';
  return new Problem(code ?? 'SERVER-FIELD', `Cannot read "${path.join('.')}": there is no such field`, {
    file,
    path: path.join('.'),
    fix: fields.includes(field) ? unfit : meant === undefined ? others : `write "${meant}"`,
  });
}

/** The names that an object may have at a place of a schema, in order and once each. */
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

/** Short scalars only: what is longer or nested is found by its path. */
function quoted(value: unknown): string {
  return ['string', 'number', 'boolean'].includes(typeof value) ? ` ${JSON.stringify(value).slice(0, 120)}` : '';
}
