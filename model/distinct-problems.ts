import type { Problem } from './problem';

/** The same problems, each told once: what is wrong with a server is often wrong with it on every platform. */
export function distinctProblems(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}
