import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Trial } from '../config/trial';

/** The path of the page for trying tools. */
export const benchPath = '/try';

/** Set by `npm run dev` for the worker: the folder with the files of the page. */
export const benchVariable = 'DEV_BENCH_FOLDER';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

/**
 * The page loads nothing from other origins, sends nothing to them, cannot be framed, and never runs text as a script. It
 * calls `/mcp`, which checks host and origin itself.
 */
const guards = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; media-src data:; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

/**
 * Adds the page to a worker, for requests that may use the secrets of tools. Files are read again for each request.
 * @param folder with `index.html` and the files it loads
 */
export function benchRoute(app: FastifyInstance, folder: string, isOwner: Trial['isOwner']): void {
  for (const name of readdirSync(folder)) {
    const type = types[extname(name)];
    if (type === undefined) continue;
    app.get(name === 'index.html' ? benchPath : `${benchPath}/${name}`, ({ headers }, reply) => {
      if (!isOwner(headers)) return reply.code(403).headers(guards).type('text/plain').send('Only from this machine');
      return reply
        .headers(guards)
        .type(type)
        .send(readFileSync(join(folder, name)));
    });
  }
}
