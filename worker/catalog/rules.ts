import { z } from 'zod';
import type { Issues, Place } from './issues';

/** The rules that one layer of a schema adds to a type, in the order in which zod runs them. */
export interface Rule {
  readonly checks: readonly z.core.$ZodCheck[];
  /** True when a check may put another value in place of the one it sees. */
  readonly changes: boolean;
  /** Checks a value. What does not fit is added to the issues; the result is meaningless then. */
  readonly run: Run;
  /** The same for what a caller sends: a text that is too long is seen by no other check, for a pattern may take minutes over it. */
  readonly runGiven: Run;
}

type Run = (value: unknown, issues: Issues, parent: Place | null, key: string | number) => unknown;

/**
 * The rules of one schema, without those of what it wraps or holds.
 * @param path for the message
 * @returns undefined when it has none that its type does not have already
 * @throws Error for a rule that is seen to be asynchronous: rules are checked while the caller's request is read
 */
export function ruleOf(schema: z.core.$ZodType, path: string): Rule | undefined {
  const { def, traits } = schema._zod;
  // A format such as z.email() is a type and a check in one.
  const own = traits.has('$ZodCheck') ? [schema as unknown as z.core.$ZodCheck] : [];
  const checks = [...own, ...(def.checks ?? [])].filter((check) => !isWhole(check));
  if (checks.length === 0) return undefined;
  if (checks.some(isAsync))
    throw new Error(`Cannot use a rule of "${path}": it is asynchronous; check this in \`run\``);
  // The checks alone: the value's type is known, and what it holds has been checked in its own place.
  const runOf = (some: readonly z.core.$ZodCheck[]) =>
    runner(new z.core.$ZodUnknown({ type: 'unknown', checks: [...some], ...(def.error ? { error: def.error } : {}) }));
  const run = runOf(checks);
  const runGiven = def.type === 'string' ? runOf(boundsFirst(checks)) : run;
  return { checks, changes: checks.some(changesValue), run, runGiven };
}

/** The checks of a text, the bounds of its length in front of all that see the same text, and nothing after one that is broken. */
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

/** Whether a check may put another value in place of the one it sees: `.trim()`, a URL, and rules given as functions of zod's own form. */
export function changesValue({ _zod: { def } }: z.core.$ZodCheck): boolean {
  if (def.check === 'string_format') return 'format' in def && def.format === 'url';
  return def.check === 'overwrite' || (def.check === 'custom' && !('fn' in def));
}

/** Whether a check only says that a number is whole, or a double: the type says so already. */
function isWhole({ _zod: { def } }: z.core.$ZodCheck): boolean {
  return def.check === 'number_format' && 'format' in def && (def.format === 'safeint' || def.format === 'float64');
}

function isAsync({ _zod: { def, check } }: z.core.$ZodCheck): boolean {
  const functions = [check, 'fn' in def && def.fn, 'tx' in def && def.tx];
  return functions.some((each) => typeof each === 'function' && each.constructor.name === 'AsyncFunction');
}

function runner(judge: z.core.$ZodType): Run {
  // Not `safeParse`, which throws when a check is asynchronous and lets go of its promise: a later rejection would end
  // the process.
  const context = { async: true };
  return (value, issues, parent, key) => {
    try {
      const payload = judge._zod.run({ value, issues: [] }, context);
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
      // A rule is an author's code, and may throw at what it did not expect.
      return issues.notChecked(parent, key, error);
    }
  };
}

function ignore(): void {}
