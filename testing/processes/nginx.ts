import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Certified } from '../authority';
import { freePort } from '../free-port';
import { type RunningServer, startServer } from './server';

/** One host of an ingress. */
export interface Host {
  readonly name: string;
  /** The URL of the worker; undefined if no pod is ready. */
  readonly upstream: string | undefined;
  /** The login page to redirect every request to. @default - no redirect */
  readonly login?: string;
}

/**
 * Starts nginx as an ingress: TLS with one certificate, routing by host, 404 for unknown hosts.
 * @throws Problem TOOL-MISSING without nginx
 */
export async function startIngress(hosts: readonly Host[], { cert, key }: Certified): Promise<RunningServer> {
  return startNginx((folder, port) => {
    writeFileSync(join(folder, 'cert.pem'), cert);
    writeFileSync(join(folder, 'key.pem'), key, { mode: 0o600 });
    const listen = `listen 127.0.0.1:${port} ssl`;
    const answer = ({ upstream, login }: Host) => {
      if (login !== undefined) return `return 302 ${login};`;
      if (upstream === undefined) return 'return 503;';
      return `proxy_pass ${upstream}; proxy_set_header Host $host; proxy_set_header X-Forwarded-For $remote_addr; proxy_http_version 1.1; proxy_buffering off;`;
    };
    return `
  server_names_hash_bucket_size 128;
  ssl_certificate ${folder}/cert.pem; ssl_certificate_key ${folder}/key.pem;
  server { ${listen} default_server; return 404; }
  ${hosts.map((host) => `server { ${listen}; server_name ${host.name}; location / { ${answer(host)} } }`).join('\n  ')}`;
  });
}

/** The request header that selects the endpoints of the load balancer: `first`, `second`, or both without it. */
export const endpointsHeader = 'x-endpoints';

/**
 * Starts nginx with the essential configuration of ingress-nginx for two workers: upstream keep-alive for up to a minute, and
 * retries of a POST only if no connection could be made, so that nothing is sent twice. ingress-nginx updates endpoints
 * without a reload, which plain nginx cannot, so the caller selects them with `endpointsHeader`.
 * @param workers the ports of the workers
 * @throws Problem TOOL-MISSING without nginx
 */
export async function startLoadBalancer([first, second]: readonly [number, number]): Promise<RunningServer> {
  return startNginx(
    (_, port) => `
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
  }`,
  );
}

function upstream(name: string, workers: readonly number[]): string {
  const servers = workers.map((worker) => `    server 127.0.0.1:${worker} max_fails=0;\n`).join('');
  return `  upstream ${name} {\n${servers}    keepalive 32;\n    keepalive_timeout 60s;\n  }\n`;
}

/** A running nginx whose configuration can be reloaded. */
export interface RunningNginx extends RunningServer {
  /** Reloads it with another `http` block; requests in flight finish with the previous one. */
  reload(http: string): void;
}

/**
 * Starts nginx in a temporary folder. It is ready when it answers at all, such as with 400 to plain HTTP on a TLS port.
 * @param http returns the contents of the `http` block for a folder and a port
 * @param place the port, and the function that starts the process. @default - a free port of 127.0.0.1
 */
export async function startNginx(
  http: (folder: string, port: number) => string,
  place?: { readonly port: number; readonly start: typeof startServer },
): Promise<RunningNginx> {
  const folder = mkdtempSync(join(tmpdir(), 'nginx-'));
  const { port, start } = place ?? { port: await freePort(), start: startServer };
  for (const name of temporary) mkdirSync(join(folder, name));
  const file = join(folder, 'nginx.conf');
  const paths = temporary.map((name) => `  ${name}_temp_path ${folder}/${name};`).join('\n');
  const write = (text: string) =>
    writeFileSync(
      file,
      `daemon off;
user root;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 1024; }
http {
  access_log off;
${paths}${text}
}
`,
    );
  write(http(folder, port));
  const command = ['nginx', '-e', `${folder}/error.log`, '-p', folder, '-c', file];
  const server = await start({ name: 'nginx', command, environment: () => ({}), readyPath: '/' }, port);
  const reload = (text: string) => {
    write(text);
    process.kill(server.pid, 'SIGHUP');
  };
  return { ...server, reload };
}

const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
