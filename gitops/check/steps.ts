import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Problem } from '../../model/problem';

/** The programs that come before the offline checks, by what they check. */
const programs = {
  types: ['typescript/bin/tsc'],
  'examples and pages': ['jest/bin/jest.js', '--selectProjects', 'own', 'pages'],
  lint: ['@biomejs/biome/bin/biome', 'check', '--error-on-warnings'],
} as const;

/**
 * Runs the type checker, the examples of tools, the tests of the pages, and the linter. Runs all of them even if one fails.
 * @param isJson keeps standard output free for the answer
 * @returns what failed
 */
export function failedSteps(root: string, isJson: boolean): readonly string[] {
  return Object.entries(programs).flatMap(([what, [file, ...args]]) => {
    const stdio = ['inherit', isJson ? 2 : 'inherit', 'inherit'] as const;
    const command = [join(root, 'node_modules', file), ...args];
    const { status, signal, error } = spawnSync(process.execPath, command, { cwd: root, stdio: [...stdio] });
    if (status !== null) return status === 0 ? [] : [what];
    throw new Problem('MACHINE', `Cannot check the ${what}: ${error?.message ?? `${signal} ended the program`}`, {
      cause: error,
    });
  });
}
