import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, mkdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';

/**
 * Serves git repositories and a chart repository to the cluster, on the loopback address: `/git/<name>.git` from the folder's
 * `git/` through git's own HTTP backend, and `/charts/index.yaml` and so on from its `charts/`. Serves nothing else of the
 * folder, which holds keys and tokens: every user of the machine can connect.
 */
export async function serveWeb(folder: string, port: number): Promise<Server> {
  for (const name of ['git', 'charts']) mkdirSync(join(folder, name), { recursive: true });
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://web');
    const [, chart] = /^\/charts\/([\w.-]+)$/.exec(pathname) ?? [];
    if (pathname.startsWith('/git/')) serveGit(folder, request, response);
    else if (chart === undefined) response.writeHead(404).end();
    else serveFile(join(folder, 'charts', chart), response);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** `git http-backend` is a CGI program (RFC 3875): it reads the request from its environment and standard input. */
function serveGit(folder: string, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = new URL(request.url ?? '/', 'http://web');
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      REQUEST_METHOD: request.method,
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      CONTENT_TYPE: request.headers['content-type'],
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'],
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  // The program may exit without reading its input, and the client may disconnect.
  child.stdin.on('error', () => undefined);
  child.on('error', () => response.destroy());
  request.pipe(child.stdin);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.on('close', () => {
    const answer = Buffer.concat(chunks);
    const end = answer.indexOf('\r\n\r\n');
    const fields = answer.subarray(0, Math.max(end, 0)).toString().split('\r\n');
    const headers = fields.map((field) => field.split(': ')).filter(([name]) => name !== 'Status');
    const status = fields.find((field) => field.startsWith('Status: '))?.split(' ')[1];
    response.writeHead(end < 0 ? 502 : Number(status ?? 200), Object.fromEntries(headers));
    response.end(answer.subarray(end + 4));
  });
}

function serveFile(path: string, response: ServerResponse): void {
  const stream = createReadStream(path);
  stream.on('error', () => response.writeHead(404).end());
  stream.on('open', () => stream.pipe(response));
}
