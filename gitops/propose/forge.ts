import { z } from 'zod';
import { Problem } from '../../model/problem';
import { type HttpResponse, httpClient, reasonOf } from '../http/http-client';
import { type Access, tokenProblem } from './access';

const Pull = z.object({ number: z.int(), html_url: z.string(), title: z.string(), body: z.string().nullable() });

/** A pull request: the fields that are used here. */
export type Pull = z.output<typeof Pull>;

/** A client for the pull requests of one repository. */
export type Forge = ReturnType<typeof forge>;

/**
 * A client for the pull requests of a repository, over GitHub's REST API, version 2022-11-28. Every call may throw Problem
 * FORGE-TOKEN, or FORGE-ANSWER for any other unexpected response.
 * @param repository `<owner>/<name>`
 */
export function forge(access: Access, repository: string) {
  const client = httpClient({ timeoutMs: 30_000 });
  const pulls = new URL(`${access.api}/repos/${repository}/pulls`);
  const ask = async (method: 'GET' | 'POST' | 'PATCH', url: URL, body?: object): Promise<HttpResponse> => {
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    try {
      return await client.request(url, { method, headers: headersWith(access.token), ...text });
    } catch (cause) {
      throw answerProblem(repository, `it is unreachable: ${reasonOf(cause)}`, cause);
    }
  };
  return {
    /** The open pull request of a branch. Undefined when there is none. */
    async find(branch: string): Promise<Pull | undefined> {
      const [owner] = repository.split('/');
      const url = new URL(`${pulls}?state=open&head=${encodeURIComponent(`${owner}:${branch}`)}`);
      return read(z.array(Pull), await ask('GET', url))[0];
    },
    /** Opens a pull request. Undefined when one for this branch exists already. */
    async open(fields: { title: string; body: string; head: string; base: string }): Promise<Pull | undefined> {
      const response = await ask('POST', pulls, fields);
      if (response.status === 422 && /already exists/i.test(response.body)) return undefined;
      return read(Pull, response);
    },
    async change({ number }: Pull, fields: { title?: string; body?: string; state?: 'closed' }): Promise<Pull> {
      return read(Pull, await ask('PATCH', new URL(`${pulls}/${number}`), fields));
    },
    close: () => client.close(),
  };

  function read<T>(schema: z.ZodType<T>, { status, body }: HttpResponse): T {
    // The API answers 404 when the token cannot see the repository.
    if ([401, 403, 404].includes(status))
      throw tokenProblem(access, repository, `the forge answers ${status}${detailOf(body)}`);
    const { success, data } = schema.safeParse(json(body));
    if (status >= 200 && status < 300 && success) return data;
    throw answerProblem(repository, `it answers ${status}${detailOf(body)}`);
  }
}

function headersWith(token: string): Readonly<Record<string, string>> {
  return {
    accept: 'application/vnd.github+json',
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    // The API rejects requests without it.
    'user-agent': 'propose',
    'x-github-api-version': '2022-11-28',
  };
}

function detailOf(body: string): string {
  const { success, data } = z
    .looseObject({ message: z.string(), errors: z.unknown().optional() })
    .safeParse(json(body));
  if (!success) return '';
  return `: ${data.message}${data.errors === undefined ? '' : ` ${JSON.stringify(data.errors)}`}`.slice(0, 300);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The schema rejects undefined.
    return undefined;
  }
}

/** The problem for an unreachable forge or an unexpected response. */
export function answerProblem(repository: string, reason: string, cause?: unknown): Problem {
  return new Problem('FORGE-ANSWER', `Cannot ask the forge about ${repository}: ${reason}`, {
    fix: 'check that GITHUB_API_URL and GITHUB_SERVER_URL are its addresses, then run this again',
    cause,
  });
}
