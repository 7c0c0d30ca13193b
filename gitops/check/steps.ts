import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Problem } from '../../model/problem';

/** The programs that come before the offline checks, by what they check. */
const programs = {
  types: { name: 'tsc', command: ['typescript/bin/tsc'], next: '' },
  'examples and pages': {
    name: 'Jest',
    command: ['jest/bin/jest.js', '--selectProjects', 'own', 'pages'],
    next: '',
  },
  lint: {
    name: 'Biome',
    command: ['@biomejs/biome/bin/biome', 'check', '--error-on-warnings'],
    next: '; npx biome check --write fixes the format and the order of imports',
  },
} as const;

/** What a program checks. */
export type Step = keyof typeof programs;

// Object.entries widens the keys to strings.
const entries = Object.entries(programs) as [Step, (typeof programs)[Step]][];

/**
 * Runs the type checker, the examples of tools, the tests of the pages, and the linter. Runs all of them even if one fails.
 * @param isJson keeps standard output free for the answer
 * @returns what failed
 */
export function failedSteps(root: string, isJson: boolean): readonly Step[] {
  return entries.flatMap(
    ([
      what,
      {
        command: [file, ...args],
      },
    ]) => {
      const stdio = ['inherit', isJson ? 2 : 'inherit', 'inherit'] as const;
      const command = [join(root, 'node_modules', file), ...args];
      const { status, signal, error } = spawnSync(process.execPath, command, { cwd: root, stdio: [...stdio] });
      if (status !== null) return status === 0 ? [] : [what];
      throw new Problem('MACHINE', `Cannot check the ${what}: ${error?.message ?? `${signal} ended the program`}`, {
        cause: error,
      });
    },
  );
}

/** One line for what failed: the program whose output explains it, and the command that fixes it, if there is one. */
export function describeFailed(what: Step): string {
  const { name, next } = programs[what];
  return `✗ ${what} failed (see the output of ${name} above)${next}`;
}
