import { spawnSync } from 'node:child_process';
import { readPlatforms } from '../../model/platforms';
import { Problem, Problems } from '../../model/problem';
import { readServers } from '../../model/servers';
import { organizationProblems, ownerProblems } from '../check/owners';
import { git } from '../git/git';
import { freshDist } from '../synth/fresh';

/** What was looked at: what is there, and what there is to do, in the order in which to do it. */
export interface Diagnosis {
  /** One line for each thing that is as it should be. */
  readonly good: readonly string[];
  /** Those that stop everything first, then those that stop a delivery, then what is only useful. */
  readonly problems: readonly Problem[];
}

/** Looks at this machine and at a repository. Changes nothing, and asks no other machine. */
export function diagnose(root: string): Diagnosis {
  const parts = [machine(), checkout(root), declared(root)];
  const problems = parts.flatMap((part) => part.problems);
  const rank = ({ level }: Problem) => ['error', 'delivery', 'warning'].indexOf(level);
  return {
    good: parts.flatMap(({ good }) => good),
    problems: problems.sort((a, b) => rank(a) - rank(b)),
  };
}

/** Node itself is looked at by cli/run.mjs, before anything else can be. */
function machine(): Diagnosis {
  const builders = ['kubectl', 'kustomize', 'flux'].filter(isInstalled);
  const good = [`Node ${process.versions.node}`, ...builders.map((name) => `${name} is installed`)];
  const missing = [
    ...(builders.length > 0 ? [] : [wish('kubectl, kustomize and flux are all missing', 'deliver', 'install kubectl')]),
    ...(builders.includes('kubectl') ? [] : [wish('kubectl is missing', 'verify --kubectl', 'install kubectl')]),
  ];
  return { good, problems: missing };
}

function wish(found: string, verb: string, fix: string): Problem {
  const message = `Cannot check everything with npm run ${verb}: ${found}`;
  return new Problem('TOOL-MISSING', message, { fix, level: 'warning' });
}

function isInstalled(program: string): boolean {
  return spawnSync(program, ['--help'], { stdio: 'ignore' }).error === undefined;
}

function checkout(root: string): Diagnosis {
  try {
    const branch = git(root, ['branch', '--show-current']).trim();
    const changed = git(root, ['status', '--porcelain', '--', 'dist']).trim();
    const open = new Problem('DIST-UNCOMMITTED', 'Cannot deliver with --commit: dist/ has uncommitted changes', {
      level: 'delivery',
    });
    return { good: [`git, on ${branch || 'a detached commit'}`], problems: changed === '' ? [] : [open] };
  } catch (error) {
    return { good: [], problems: problemsIn(error) };
  }
}

function declared(root: string): Diagnosis {
  try {
    const platforms = readPlatforms(root);
    const { problems: found, files } = freshDist(root, platforms);
    const owners = ownerProblems(root, readServers(root, platforms).servers);
    const problems = [...found, ...owners, ...organizationProblems(root)];
    const servers = new Set(files.flatMap(({ server }) => server ?? []));
    const names = platforms.map(({ name }) => name).join(', ');
    return {
      good: [`${servers.size} ${servers.size === 1 ? 'server' : 'servers'} on ${names}; dist/ is what the sources say`],
      problems,
    };
  } catch (error) {
    return { good: [], problems: problemsIn(error) };
  }
}

function problemsIn(error: unknown): readonly Problem[] {
  if (error instanceof Problems) return error.list;
  if (error instanceof Problem) return [error];
  throw error;
}
