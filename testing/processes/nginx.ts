import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../../model/problem';
import type { Certified } from '../authority';
import { freePort } from '../free-port';

/** One host of the ingress and the worker behind it. Undefined: no pod is ready. */
export interface Host {
  readonly name: string;
  readonly upstream: string | undefined;
  /** Sends everybody to a login page. @default - nobody */
  readonly login?: string;
}

/**
 * nginx as an ingress: TLS with one certificate, routing by host, 404 for hosts it does not know.
 * @returns its port on 127.0.0.1, and the way to end it
 * @throws Problem TOOL-MISSING without nginx, INTEROP-FAILED when it does not start
 */
export async function startNginx(hosts: readonly Host[], { cert, key }: Certified) {
  const program = ['/usr/sbin/nginx', '/usr/bin/nginx', '/usr/local/sbin/nginx'].find((path) => existsSync(path));
  if (program === undefined) {
    throw new Problem('TOOL-MISSING', 'Cannot route by host: there is no nginx', {
      fix: 'install it; on Debian: apt-get install nginx-light',
    });
  }
  const folder = mkdtempSync(join(tmpdir(), 'nginx-'));
  const port = await freePort();
  for (const name of ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'cert.pem'), cert);
  writeFileSync(join(folder, 'key.pem'), key, { mode: 0o600 });
  writeFileSync(join(folder, 'nginx.conf'), configuration(folder, port, hosts));
  const child = spawn(program, ['-e', join(folder, 'error.log'), '-p', folder, '-c', join(folder, 'nginx.conf')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  const close = async () => {
    await stop(child);
    rmSync(folder, { recursive: true, force: true });
  };
  if (await listens(child, port)) return { port, close };
  await close();
  throw new Problem('INTEROP-FAILED', `Cannot start nginx: ${said.trim()}`, {
    fix: `see whether it runs: ${program} -t`,
  });
}

function configuration(folder: string, port: number, hosts: readonly Host[]): string {
  const listen = `listen 127.0.0.1:${port} ssl`;
  const answer = ({ upstream, login }: Host) => {
    if (login !== undefined) return `return 302 ${login};`;
    if (upstream === undefined) return 'return 503;';
    return `proxy_pass ${upstream}; proxy_set_header Host $host; proxy_set_header X-Forwarded-For $remote_addr; proxy_http_version 1.1; proxy_buffering off;`;
  };
  const servers = hosts.map((host) => `server { ${listen}; server_name ${host.name}; location / { ${answer(host)} } }`);
  return `daemon off;
user root;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 1024; }
http {
  access_log off;
  server_names_hash_bucket_size 128;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  ssl_certificate ${folder}/cert.pem; ssl_certificate_key ${folder}/key.pem;
  server { ${listen} default_server; return 404; }
  ${servers.join('\n  ')}
}
`;
}

async function listens(child: ChildProcess, port: number): Promise<boolean> {
  for (let attempt = 0; attempt < 100 && child.exitCode === null; attempt += 1) {
    const answered = await fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    );
    if (answered) return true;
    await sleep(50);
  }
  return false;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGQUIT');
  await Promise.race([gone, sleep(2000).then(() => child.kill('SIGKILL'))]);
}
