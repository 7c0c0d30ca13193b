import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gitBackend } from './git-backend';
import { type Pulls, pullsOf } from './pulls';

/** The permissions of a token in a repository. */
export interface Rights {
  readonly contents: 'read' | 'write';
  /** Whether it can read and write pull requests. @default - false */
  readonly pulls?: boolean;
}

/** A fake forge: bare repositories over git's HTTP backend, and the part of GitHub's API that we use. */
export interface FakeForge {
  readonly url: string;
  readonly api: string;
  /** The permissions by token and by `<owner>/<name>`; tests change them. */
  readonly rights: Map<string, Readonly<Record<string, Rights>>>;
  /** The pull requests of a repository, open and closed. */
  pulls(repository: string): Pulls;
  close(): Promise<void>;
}

/** Starts a fake forge. @param folder contains `<owner>/<name>.git` for every repository */
export async function fakeForge(folder: string): Promise<FakeForge> {
  const rights: FakeForge['rights'] = new Map();
  const kept = new Map<string, Pulls>();
  const pulls = (repository: string) => {
    const found = kept.get(repository) ?? pullsOf(repository);
    kept.set(repository, found);
    return found;
  };
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname } = new URL(request.url ?? '', 'http://forge');
    const [, repository = '', rest] = /^\/api\/repos\/([^/]+\/[^/]+)(\/.*)$/.exec(pathname) ?? [];
    if (rest === undefined) return gitBackend(folder, rights, request, response);
    const mine = rights.get(request.headers.authorization?.replace('Bearer ', '') ?? '');
    const status = mine === undefined ? 401 : mine[repository] === undefined ? 404 : mine[repository].pulls ? 200 : 403;
    if (status === 200) return pulls(repository).answer(rest, request, response);
    response.writeHead(status).end(JSON.stringify({ message: refusals[status] }));
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // The address of a TCP listener is an object.
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()).closeAllConnections());
  return { url, api: `${url}/api`, rights, pulls, close };
}

/** GitHub's messages (2026-11). */
const refusals: Readonly<Record<number, string>> = {
  401: 'Bad credentials',
  403: 'Resource not accessible by personal access token',
  404: 'Not Found',
};
