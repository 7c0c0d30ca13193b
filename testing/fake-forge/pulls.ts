import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

/** A pull request as the API returns it; `head` and `base` are branches. */
export interface FakePull {
  readonly number: number;
  readonly html_url: string;
  title: string;
  body: string;
  state: 'open' | 'closed';
  readonly head: string;
  readonly base: string;
}

/** The pull requests of one repository. */
export interface Pulls {
  readonly list: FakePull[];
  answer(path: string, request: IncomingMessage, response: ServerResponse): Promise<void>;
}

const Opening = z.object({ title: z.string(), body: z.string(), head: z.string(), base: z.string() });
const Changing = z.strictObject({ title: z.string(), body: z.string(), state: z.enum(['open', 'closed']) }).partial();

/** GET and POST …/pulls, PATCH …/pulls/<number>, as in GitHub's API: at most one open pull request per head and base. */
export function pullsOf(repository: string): Pulls {
  const [owner] = repository.split('/');
  const list: FakePull[] = [];
  return {
    list,
    async answer(path, request, response) {
      const [status, body] = decide(path, request, await text(request));
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    },
  };

  function decide(path: string, { method, url = '' }: IncomingMessage, body: string): [status: number, body: unknown] {
    const open = list.filter(({ state }) => state === 'open');
    const number = /^\/pulls\/(\d+)$/.exec(path)?.[1];
    if (method === 'PATCH' && number !== undefined) {
      const pull = list.find((other) => other.number === Number(number));
      return pull === undefined ? [404, {}] : [200, Object.assign(pull, Changing.parse(JSON.parse(body)))];
    }
    if (path !== '/pulls') return [404, {}];
    if (method === 'GET') {
      const head = new URL(url, 'http://forge').searchParams.get('head');
      return [200, open.filter((pull) => `${owner}:${pull.head}` === head)];
    }
    const fields = Opening.parse(JSON.parse(body));
    if (open.some(({ head, base }) => head === fields.head && base === fields.base)) {
      const message = `A pull request already exists for ${owner}:${fields.head}.`;
      return [422, { message: 'Validation Failed', errors: [{ message }] }];
    }
    const numbered = { ...fields, number: list.length + 1, state: 'open' } as const;
    const pull: FakePull = { ...numbered, html_url: `https://forge.example.com/${repository}/pull/${numbered.number}` };
    list.push(pull);
    return [201, pull];
  }
}
