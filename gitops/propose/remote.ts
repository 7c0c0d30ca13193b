import { Problem } from '../../model/problem';
import { git } from '../git/git';
import { type Access, tokenProblem } from './access';
import { answerProblem } from './forge';

/** The state of a repository at the forge. */
export interface RemoteState {
  /** The branch that pull requests go to. */
  readonly base: string;
  /** The commit of our branch. @default - there is no such branch */
  readonly tip?: string | undefined;
}

/** Asks for the default branch and for one of ours, in one question. @throws Problem as `remoteGit` */
export function remoteState(root: string, access: Access, repository: string, branch: string): RemoteState {
  const args = ['ls-remote', '--symref', addressOf(access, repository), 'HEAD', `refs/heads/${branch}`];
  const answer = remoteGit(root, args, access, repository);
  const base = /^ref: refs\/heads\/(.+)\tHEAD$/m.exec(answer)?.[1];
  if (base === undefined) throw answerProblem(repository, 'it has no branch that pull requests could go to');
  const tip = answer.split('\n').find((line) => line.endsWith(`\trefs/heads/${branch}`));
  return { base, tip: tip?.split('\t')[0] };
}

/** Where git finds a repository. @param repository `<owner>/<name>` */
export function addressOf({ server }: Access, repository: string): string {
  return `${server}/${repository}.git`;
}

/** The `<owner>/<name>` that a remote's address ends in. */
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
 * Runs a git command that speaks to the forge. The token is in the environment of that command alone: in no argument, in no
 * file, no helper is asked for another, and a redirect is not followed: git would send the token wherever it leads.
 * @throws Problem FORGE-TOKEN, FORGE-BRANCH for a push that is refused, or FORGE-ANSWER
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

/** What git says has no codes (2.39): the words tell a token that lacks a right from a branch that has moved. */
function problemOf(stderr: string, access: Access, repository: string): Problem {
  const lines = stderr.split('\n').filter((line) => /^(remote|fatal|error|\s*! )/.test(line));
  const reason = lines.join('; ').replaceAll(access.token, '[token]').slice(0, 300);
  if (
    /\b(401|403|404)\b|not found|denied|not allowed|Authentication failed|could not read (Username|Password)/i.test(
      reason,
    )
  ) {
    return tokenProblem(access, repository, `git says "${reason}"`);
  }
  if (!/rejected|cannot lock ref|failed to push/.test(reason)) return answerProblem(repository, `git says "${reason}"`);
  return branchProblem(
    repository,
    `the forge refuses the push: ${reason}`,
    'run this again: it starts from what is there now',
  );
}

/** The problem of a branch that cannot be brought to where it should be. */
export function branchProblem(repository: string, reason: string, fix: string): Problem {
  return new Problem('FORGE-BRANCH', `Cannot update the branch in ${repository}: ${reason}`, { fix });
}
