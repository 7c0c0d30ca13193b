import { toJSONSchema, type z } from 'zod';
import { nearest } from './nearest';
import { Problem, type ProblemCode } from './problem';

/** Reports that a value breaks a rule which has a code of its own. `found` continues the sentence `Cannot use … : it …`. */
export function rule(
  context: z.core.$RefinementCtx,
  code: ProblemCode,
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
  /** Every field name of the schema, for suggestions. */
  readonly fields: readonly string[];
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
    const path = [root ?? [], ...issue.path.filter((part) => part !== 'entry' && part !== 'fields')].flat().map(String);
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownField([...path, key], declaration));
    const field = path.join('.') || 'the declaration';
    const params: { code?: ProblemCode; fix?: string } = (issue.code === 'custom' && issue.params) || {};
    const reason = issue.message.replace(/^Invalid input: /, '');
    return [
      new Problem(params.code ?? code, `Cannot use ${field}${quoted(at(input, issue.path))}: ${reason}`, {
        file,
        path: field,
        fix: params.fix ?? `${schema} says what the field takes`,
      }),
    ];
  });
}

function unknownField(path: readonly string[], { file, fields, code = 'SERVER-FIELD' }: Declaration): Problem {
  const meant = nearest(path.at(-1) ?? '', fields);
  return new Problem(code, `Cannot read "${path.join('.')}": there is no such field`, {
    file,
    path: path.join('.'),
    fix: meant === undefined ? `take it out; the fields are ${fields.join(', ')}` : `write "${meant}"`,
  });
}

/** The names of all members of an object schema, at any depth, in order and once each. */
export function fieldNames(schema: z.ZodType): readonly string[] {
  const names = (json: unknown): string[] => {
    if (typeof json !== 'object' || json === null) return [];
    const own = 'properties' in json && typeof json.properties === 'object' ? Object.keys(json.properties ?? {}) : [];
    return [...own, ...Object.values(json).flatMap(names)];
  };
  return [...new Set(names(toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })))];
}

function at(value: unknown, [first, ...rest]: readonly PropertyKey[]): unknown {
  if (first === undefined) return value;
  return typeof value === 'object' && value !== null ? at(Reflect.get(value, first), rest) : undefined;
}

/** Short scalars only: what is longer or nested is found by its path. */
function quoted(value: unknown): string {
  return ['string', 'number', 'boolean'].includes(typeof value) ? ` ${JSON.stringify(value).slice(0, 120)}` : '';
}
