import { describeProblems } from '../cli/command';
import { runSuite } from '../cli/suite';
import { Problem } from '../model/problem';

// `npm run interop -- <name> …` proves the project against the real programs; a suite is one file or folder beside this one.
const [, entry = '', ...args] = process.argv;
try {
  process.exitCode = runSuite(entry, 'interop', args);
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  process.stderr.write(`${describeProblems([error])}\n`);
  process.exitCode = 1;
}
