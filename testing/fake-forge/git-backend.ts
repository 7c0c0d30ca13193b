import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { FakeForge } from './forge';

/** Serves git's smart HTTP protocol with the real `git http-backend`, authorized by the token of basic authentication. */
export async function gitBackend(
  folder: string,
  rights: FakeForge['rights'],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, search } = new URL(request.url ?? '', 'http://forge');
  const [, repository = ''] = /^\/([^/]+\/[^/]+)\.git\//.exec(pathname) ?? [];
  const [, password = ''] = Buffer.from(request.headers.authorization?.split(' ')[1] ?? '', 'base64')
    .toString()
    .split(':');
  const mine = rights.get(password);
  const right = mine?.[repository];
  const writes = `${pathname}${search}`.includes('git-receive-pack');
  const body = await buffer(request);
  if (mine === undefined) {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="forge"' }).end();
  } else if (right === undefined) response.writeHead(404).end('Repository not found.');
  else if (writes && right.contents !== 'write') response.writeHead(403).end(`Write access to repository not granted.`);
  else {
    const { headers, method } = request;
    const { head, rest } = await cgi(body, {
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: method,
      CONTENT_TYPE: headers['content-type'],
      CONTENT_LENGTH: `${body.length}`,
      HTTP_CONTENT_ENCODING: headers['content-encoding'],
      GIT_PROTOCOL: headers['git-protocol']?.toString(),
      REMOTE_USER: 'x-access-token',
      GIT_COMMITTER_EMAIL: 'forge@example.com',
    });
    const status = Number(/^Status: (\d+)/im.exec(head)?.[1] ?? 200);
    const type = /^Content-Type: (.*)$/im.exec(head)?.[1]?.trim() ?? 'text/plain';
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-cache' }).end(rest);
  }
}

/** Runs the backend, and splits its output into headers and body. */
async function cgi(body: Buffer, variables: Readonly<Record<string, string | undefined>>) {
  const child = spawn('git', ['http-backend'], { env: { PATH: process.env.PATH, ...variables } });
  child.stderr.pipe(process.stderr);
  child.stdin.on('error', () => undefined);
  child.stdin.end(body);
  const answer = await buffer(child.stdout);
  const end = answer.indexOf('\r\n\r\n');
  return { head: answer.subarray(0, end).toString(), rest: answer.subarray(end + 4) };
}
