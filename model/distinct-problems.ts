import type { Problem } from './problem';

/** Removes duplicate problems: a server often has the same problem on every platform. */
export function distinctProblems(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}
