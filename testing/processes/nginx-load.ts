import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../../model/problem';
import { exchange } from '../exchanges/exchange';

/** The header that tells nginx which of the workers are endpoints just now: `first`, `second`, or both without it. */
export const endpointsHeader = 'x-endpoints';

/** A real nginx in front of two workers. */
export interface Proxy {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts Debian's nginx in a folder of its own.
 * @throws Problem TOOL-MISSING when it is not installed
 */
export async function startProxy(folder: string, port: number, workers: readonly [number, number]): Promise<Proxy> {
  for (const name of ['', 'logs', 'body', 'proxy', 'other']) mkdirSync(join(folder, name), { recursive: true });
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, configuration(folder, port, workers));
  const child = spawn('nginx', ['-p', folder, '-c', file, '-g', 'daemon off;'], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}`;
  await answering(url, child);
  return {
    url,
    async stop() {
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      await exit;
    },
  };
}

async function answering(url: string, child: ChildProcess): Promise<void> {
  let missing: unknown;
  child.once('error', (error) => {
    missing = error;
  });
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (missing !== undefined) break;
    const answer = await exchange(url, { method: 'GET', path: '/worker/health', headers: {} }).catch(() => undefined);
    if (answer?.status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Problem('TOOL-MISSING', 'Cannot run nginx', { fix: 'apt-get install nginx-light', cause: missing });
}

/**
 * What ingress-nginx writes, in short: kept connections to the pods for up to a minute, and the rule that a POST goes to
 * the next pod only when no connection could be made. What may have arrived is never sent again. ingress-nginx takes
 * new endpoints over without a reload, which plain nginx cannot, so the caller says which ones there are.
 */
function configuration(folder: string, port: number, [first, second]: readonly [number, number]): string {
  return `user root;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/logs/error.log warn;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/other;
  uwsgi_temp_path ${folder}/other;
  scgi_temp_path ${folder}/other;
  client_max_body_size 5m;
  keepalive_requests 100000;
${upstream('both', [first, second])}${upstream('first', [first])}${upstream('second', [second])}  map $http_x_endpoints $endpoints {
    default both;
    first first;
    second second;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://$endpoints;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_next_upstream error timeout;
    }
  }
}
`;
}

function upstream(name: string, workers: readonly number[]): string {
  const servers = workers.map((worker) => `    server 127.0.0.1:${worker} max_fails=0;\n`).join('');
  return `  upstream ${name} {\n${servers}    keepalive 32;\n    keepalive_timeout 60s;\n  }\n`;
}
