import { Problem } from '../../model/problem';

/** The addresses of the forge, and a workflow's token for one of its repositories. */
export interface Access {
  /** Its address for browsers and git, such as `https://github.com`. */
  readonly server: string;
  /** The address of its API, such as `https://api.github.com`. */
  readonly api: string;
  /** Never part of a problem, an argument or a file. */
  readonly token: string;
  /** The name of the token's secret, for messages. */
  readonly tokenName: string;
}

/**
 * Reads the access from environment variables: those that every GitHub Actions runner sets, the token in `PROPOSE_TOKEN`, and
 * the name of its secret in `PROPOSE_TOKEN_NAME`.
 * @throws Problem FORGE-TOKEN without a token; the runner passes an unset secret as an empty variable
 */
export function accessFrom(environment: Readonly<Record<string, string | undefined>>, repository: string): Access {
  const { GITHUB_SERVER_URL, GITHUB_API_URL, PROPOSE_TOKEN: token = '', PROPOSE_TOKEN_NAME } = environment;
  const access = {
    server: (GITHUB_SERVER_URL || 'https://github.com').replace(/\/+$/, ''),
    api: (GITHUB_API_URL || 'https://api.github.com').replace(/\/+$/, ''),
    token,
    tokenName: PROPOSE_TOKEN_NAME || 'PROPOSE_TOKEN',
  };
  if (token === '') throw tokenProblem(access, repository, 'it is not set');
  return access;
}

/** The problem for a missing token, or one without the required permissions. */
export function tokenProblem({ tokenName }: Pick<Access, 'tokenName'>, repository: string, reason: string): Problem {
  const rights = '"Contents: read and write" and "Pull requests: read and write"';
  return new Problem('FORGE-TOKEN', `Cannot use the token ${tokenName} for ${repository}: ${reason}`, {
    fix: `set the secret ${tokenName} to a token for ${repository} with ${rights}; see docs/delivery.md`,
  });
}
