import { z } from 'zod';
import type { Issues, Place } from './issues';

/** The checks that one layer of a schema adds to its type, in zod's order. */
export interface Rule {
  readonly checks: readonly z.core.$ZodCheck[];
  /** True when a check may replace the value. */
  readonly changes: boolean;
  /** Checks a value. A violation adds an issue; the return value is meaningless then. */
  readonly run: Run;
  /** The same for a caller's input. Length limits come first and stop the other checks: a pattern could run for minutes. */
  readonly runOnInput: Run;
}

type Run = (value: unknown, issues: Issues, parent: Place | null, key: string | number) => unknown;

/**
 * The rules of one schema, without those of nested schemas.
 * @param path for the message
 * @returns undefined if there are none beyond its type
 * @throws Error for an async rule: rules run synchronously while the request is parsed
 */
export function ruleOf(schema: z.core.$ZodType, path: string): Rule | undefined {
  const { def, traits } = schema._zod;
  // A format such as z.email() is a type and a check in one.
  const own = traits.has('$ZodCheck') ? [schema as unknown as z.core.$ZodCheck] : [];
  const checks = [...own, ...(def.checks ?? [])].filter((check) => !onlyRepeatsType(check));
  if (checks.length === 0) return undefined;
  if (checks.some(isAsync))
    throw new Error(`Cannot use a rule of "${path}": it is asynchronous; check this in \`run\``);
  // Only the checks: the type and nested values have been checked already.
  const runOf = (some: readonly z.core.$ZodCheck[]) =>
    runner(new z.core.$ZodUnknown({ type: 'unknown', checks: [...some], ...(def.error ? { error: def.error } : {}) }));
  const run = runOf(checks);
  const runOnInput = def.type === 'string' ? runOf(boundsFirst(checks)) : run;
  return { checks, changes: checks.some(changesValue), run, runOnInput };
}

/** Moves length limits before all other checks of the same text, and makes them abort. */
function boundsFirst(checks: readonly z.core.$ZodCheck[]): readonly z.core.$ZodCheck[] {
  const sorted: z.core.$ZodCheck[] = [];
  let front = 0;
  for (const check of checks) {
    const bound = abortingBound(check);
    sorted.splice(bound ? front : sorted.length, 0, bound ?? check);
    if (bound) front += 1;
    else if (changesValue(check)) front = sorted.length;
  }
  return sorted;
}

function abortingBound(check: z.core.$ZodCheck): z.core.$ZodCheck | undefined {
  if (check instanceof z.core.$ZodCheckMaxLength) {
    return new z.core.$ZodCheckMaxLength({ ...check._zod.def, abort: true });
  }
  if (check instanceof z.core.$ZodCheckLengthEquals) {
    return new z.core.$ZodCheckLengthEquals({ ...check._zod.def, abort: true });
  }
  return undefined;
}

/** Whether a check may replace the value: `.trim()`, a URL, and functions passed to `.check()`. */
export function changesValue({ _zod: { def } }: z.core.$ZodCheck): boolean {
  if (def.check === 'string_format') return 'format' in def && def.format === 'url';
  return def.check === 'overwrite' || (def.check === 'custom' && !('fn' in def));
}

/** Whether a check says only what the type says already: an integer or a double. */
function onlyRepeatsType({ _zod: { def } }: z.core.$ZodCheck): boolean {
  return def.check === 'number_format' && 'format' in def && (def.format === 'safeint' || def.format === 'float64');
}

function isAsync({ _zod: { def, check } }: z.core.$ZodCheck): boolean {
  const functions = [check, 'fn' in def && def.fn, 'tx' in def && def.tx];
  return functions.some((each) => typeof each === 'function' && each.constructor.name === 'AsyncFunction');
}

function runner(checker: z.core.$ZodType): Run {
  // Not `safeParse`: it throws for an async check and drops its promise, and a later unhandled rejection would crash the
  // process.
  const context = { async: true };
  return (value, issues, parent, key) => {
    try {
      const payload = checker._zod.run({ value, issues: [] }, context);
      if (payload instanceof Promise) {
        payload.catch(ignore);
        return issues.notChecked(parent, key, new TypeError('The rule is asynchronous; check this in `run`'));
      }
      for (const issue of payload.issues) {
        const { path, code, message } = z.core.util.finalizeIssue(issue, context, z.config());
        issues.addBelow(parent, key, path, code, message);
      }
      return payload.value;
    } catch (error) {
      // A rule is the author's code and may throw.
      return issues.notChecked(parent, key, error);
    }
  };
}

function ignore(): void {}
