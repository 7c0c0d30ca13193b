import { Problem, Problems } from '../model/problem';

/** The problems that a call throws; none when it goes through. Anything else it throws goes on. */
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
