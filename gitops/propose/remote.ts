import { Problem } from '../../model/problem';
import { git } from '../git/git';
import { type Access, tokenProblem } from './access';
import { answerProblem } from './forge';

/** The state of a repository at the forge. */
export interface RemoteState {
  /** The default branch, the base of pull requests. */
  readonly base: string;
  /** The commit of our branch. @default - the branch does not exist */
  readonly tip?: string | undefined;
}

/** Looks up the default branch and one of our branches in one request. @throws Problem as `remoteGit` */
export function remoteState(root: string, access: Access, repository: string, branch: string): RemoteState {
  const args = ['ls-remote', '--symref', addressOf(access, repository), 'HEAD', `refs/heads/${branch}`];
  const answer = remoteGit(root, args, access, repository);
  const base = /^ref: refs\/heads\/(.+)\tHEAD$/m.exec(answer)?.[1];
  if (base === undefined) throw answerProblem(repository, 'it has no default branch');
  const tip = answer.split('\n').find((line) => line.endsWith(`\trefs/heads/${branch}`));
  return { base, tip: tip?.split('\t')[0] };
}

/** The clone URL of a repository. @param repository `<owner>/<name>` */
export function addressOf({ server }: Access, repository: string): string {
  return `${server}/${repository}.git`;
}

/** The `<owner>/<name>` at the end of a remote's URL. */
export function repositoryAt(address: string): string {
  return address
    .trim()
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
    .split(/[/:]/)
    .slice(-2)
    .join('/');
}

/**
 * Runs a git command that contacts the forge. The token is only in the environment of that command, never in an argument or a
 * file. Credential helpers are disabled, and so are redirects, to which git would send the token.
 * @throws Problem FORGE-TOKEN, FORGE-BRANCH for a rejected push, or FORGE-ANSWER
 */
export function remoteGit(folder: string, args: readonly string[], access: Access, repository: string): string {
  const { server, token } = access;
  const credentials = Buffer.from(`x-access-token:${token}`).toString('base64');
  const config = {
    [`http.${server}/.extraHeader`]: `AUTHORIZATION: basic ${credentials}`,
    'http.followRedirects': 'false',
    'credential.helper': '',
  };
  try {
    return git(folder, args, { config, mayLock: true });
  } catch (error) {
    if (!(error instanceof Problem) || typeof error.cause !== 'string') throw error;
    throw problemOf(error.cause, access, repository);
  }
}

/** Classifies git's error message, since git (2.39) has no error codes: a bad token, a moved branch, or anything else. */
function problemOf(stderr: string, access: Access, repository: string): Problem {
  const lines = stderr.split('\n').filter((line) => /^(remote|fatal|error|\s*! )/.test(line));
  const reason = lines.join('; ').replaceAll(access.token, '[token]').slice(0, 300);
  if (
    /\b(401|403|404)\b|not found|denied|not allowed|Authentication failed|could not read (Username|Password)/i.test(
      reason,
    )
  ) {
    return tokenProblem(access, repository, `git failed: "${reason}"`);
  }
  if (!/rejected|cannot lock ref|failed to push/.test(reason))
    return answerProblem(repository, `git failed: "${reason}"`);
  return branchProblem(
    repository,
    `the forge rejected the push: ${reason}`,
    'run this again: it starts from the current branch',
  );
}

/** The problem for a branch that cannot be updated. */
export function branchProblem(repository: string, reason: string, fix: string): Problem {
  return new Problem('FORGE-BRANCH', `Cannot update the branch in ${repository}: ${reason}`, { fix });
}
