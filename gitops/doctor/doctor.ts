import { spawnSync } from 'node:child_process';
import { readPlatforms } from '../../model/platforms';
import { Problem, Problems } from '../../model/problem';
import { readServers } from '../../model/servers';
import { organizationProblems, ownerProblems } from '../check/owners';
import { git } from '../git/git';
import { freshDist } from '../synth/fresh';

/** The results of all checks. */
export interface Diagnosis {
  /** One line for each passed check. */
  readonly good: readonly string[];
  /** In the order to fix them: errors, then problems that block a delivery, then warnings. */
  readonly problems: readonly Problem[];
}

/** Checks this machine and a repository. Changes nothing and uses no network. */
export function diagnose(root: string): Diagnosis {
  const parts = [machine(), checkout(root), declared(root)];
  const problems = parts.flatMap((part) => part.problems);
  const rank = ({ level }: Problem) => ['error', 'delivery', 'warning'].indexOf(level);
  return {
    good: parts.flatMap(({ good }) => good),
    problems: problems.sort((a, b) => rank(a) - rank(b)),
  };
}

/** The installed programs; cli/run.mjs has checked the version of Node already. */
function machine(): Diagnosis {
  const builders = ['kubectl', 'kustomize', 'flux'].filter(isInstalled);
  const good = [`Node ${process.versions.node}`, ...builders.map((name) => `${name} is installed`)];
  const missing = [
    ...(builders.length > 0
      ? []
      : [missingTool('kubectl, kustomize and flux are all missing', 'deliver', 'install kubectl')]),
    ...(builders.includes('kubectl') ? [] : [missingTool('kubectl is missing', 'verify --kubectl', 'install kubectl')]),
  ];
  return { good, problems: missing };
}

function missingTool(found: string, verb: string, fix: string): Problem {
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
      good: [`${servers.size} ${servers.size === 1 ? 'server' : 'servers'} on ${names}; dist/ is up to date`],
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
