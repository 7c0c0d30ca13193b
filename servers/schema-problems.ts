import type { z } from 'zod';
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
}

/** What a schema found, as problems that quote the value and say how to mend it. */
export function problemsFrom(error: z.ZodError, { file, input, fields }: Declaration): readonly Problem[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.filter((part) => part !== 'entry').map(String);
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => unknownField([...path, key].join('.'), nearest(key, fields), file));
    }
    const field = path.join('.') || 'the declaration';
    const params: { code?: ProblemCode; fix?: string } = (issue.code === 'custom' && issue.params) || {};
    const reason = issue.message.replace(/^Invalid input: /, '');
    return [
      new Problem(params.code ?? 'SERVER-FIELD', `Cannot use ${field}${quoted(at(input, issue.path))}: ${reason}`, {
        file,
        path: field,
        fix: params.fix ?? 'servers/spec.ts says what the field takes',
      }),
    ];
  });
}

function unknownField(path: string, meant: string | undefined, file: string): Problem {
  return new Problem('SERVER-FIELD', `Cannot read "${path}": there is no such field`, {
    file,
    path,
    fix: meant === undefined ? 'take it out; servers/spec.ts lists the fields' : `write "${meant}"`,
  });
}

function at(value: unknown, [first, ...rest]: readonly PropertyKey[]): unknown {
  if (first === undefined) return value;
  return typeof value === 'object' && value !== null ? at(Reflect.get(value, first), rest) : undefined;
}

/** Short scalars only: what is longer or nested is found by its path. */
function quoted(value: unknown): string {
  return ['string', 'number', 'boolean'].includes(typeof value) ? ` ${JSON.stringify(value).slice(0, 120)}` : '';
}
