import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gitBackend } from './git-backend';
import { type Pulls, pullsOf } from './pulls';

/** What a token may do in a repository; what it does not say it may not. */
export interface Rights {
  readonly contents: 'read' | 'write';
  readonly pulls?: boolean;
}

/** A stand-in for a forge: bare repositories over git's own HTTP backend, and the part of GitHub's API that we use. */
export interface FakeForge {
  readonly url: string;
  readonly api: string;
  /** By token, and then by `<owner>/<name>`. Tests change it. */
  readonly rights: Map<string, Readonly<Record<string, Rights>>>;
  /** The pull requests of a repository, whatever their state. */
  pulls(repository: string): Pulls;
  close(): Promise<void>;
}

/** @param folder has `<owner>/<name>.git` for every repository */
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
  // A server that listens on a port has such an address.
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()).closeAllConnections());
  return { url, api: `${url}/api`, rights, pulls, close };
}

/** As GitHub words them (2026-11). */
const refusals: Readonly<Record<number, string>> = {
  401: 'Bad credentials',
  403: 'Resource not accessible by personal access token',
  404: 'Not Found',
};
