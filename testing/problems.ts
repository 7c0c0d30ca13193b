import { Problem, Problems } from '../model/problem';

/** The problems that a call throws; empty if it succeeds. Rethrows any other error. */
export function problemsOf(call: () => unknown): readonly Problem[] {
  try {
    call();
    return [];
  } catch (error) {
    if (error instanceof Problems) return error.list;
    if (error instanceof Problem) return [error];
    throw error;
  }
}
