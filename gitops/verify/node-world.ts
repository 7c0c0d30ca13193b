import { execFile } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type SecureContext, type TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { Problem } from '../../model/problem';
import { codeOf, type HttpClient, hostOf, httpClient, systemError, trustIn } from '../http/http-client';
import type { Handshake, NamedResolver, World } from './world';

export interface WorldOptions {
  /** `system`, or addresses with or without a port, such as `1.1.1.1` and `127.0.0.1:5353`. */
  readonly resolvers: readonly string[];
  /** How long a request or a handshake may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Certificate authorities to trust in addition to the public ones, as PEM. @default - none */
  readonly authorities?: readonly string[];
  /** Where connections go instead of the addresses of the name, as with curl's `--connect-to`. @default - nowhere else */
  readonly connectTo?: { readonly address: string; readonly port?: number | undefined } | undefined;
  /** The environment of kubectl. @default - that of this process */
  readonly environment?: NodeJS.ProcessEnv | undefined;
  /** The context of kubectl. @default - its current one */
  readonly context?: string | undefined;
}

/** The world of Node: its resolvers, sockets, clock and programs. `close` ends the idle connections. */
export function nodeWorld(options: WorldOptions): World & { close(): void } {
  const { timeoutMs, connectTo, authorities = [], context, environment } = options;
  const trust = trustIn(authorities);
  const clients = new Map<string, HttpClient>();
  const limit = atMost(8);
  return {
    resolvers: options.resolvers.map(resolverAt),
    routedTo: connectTo?.address,
    connect(addresses) {
      const route = connectTo === undefined ? addresses : [connectTo.address];
      const key = route.join();
      const client = clients.get(key) ?? httpClient({ addresses: route, port: connectTo?.port, timeoutMs, trust });
      clients.set(key, client);
      return client;
    },
    handshake: (url, address) =>
      handshake(url, connectTo?.address ?? address, connectTo?.port ?? Number(url.port || 443), timeoutMs, trust),
    kubectl: (args) =>
      limit(() => kubectl(context === undefined ? args : ['--context', context, ...args], environment)),
    now: () => new Date(),
    sleep: (ms) => sleep(ms),
    close() {
      for (const client of clients.values()) client.close();
    },
  };
}

/**
 * A resolver of Node's own (c-ares), which reads no hosts file: its answers are those of DNS.
 * @throws Problem USAGE for a name that is neither `system` nor an address
 */
function resolverAt(name: string): NamedResolver {
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  try {
    if (name !== 'system') resolver.setServers([name]);
  } catch (cause) {
    throw new Problem('USAGE', `Cannot use "${name}" as a resolver: it is not an address`, {
      fix: 'write --resolver system, or an address such as 1.1.1.1 or 127.0.0.1:5353',
      cause,
    });
  }
  return {
    name,
    async addresses(host) {
      const found = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
      const addresses = found.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
      const failure = found.find((result) => result.status === 'rejected' && codeOf(result.reason) !== 'ENODATA');
      if (addresses.length === 0 && failure?.status === 'rejected') throw failure.reason;
      return addresses;
    },
    async cname(host) {
      const [first] = await resolver.resolveCname(host);
      return first;
    },
  };
}

function handshake(
  url: URL,
  address: string,
  port: number,
  timeoutMs: number,
  trust: SecureContext | undefined,
): Promise<Handshake> {
  const host = hostOf(url);
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: address,
      port,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      // Judged below, because a certificate that is refused must still be reported.
      rejectUnauthorized: false,
      ...(trust === undefined ? {} : { secureContext: trust }),
    });
    socket.setTimeout(timeoutMs, () => socket.destroy(systemError('ETIMEDOUT', 'no handshake in time')));
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      resolve(shownBy(socket));
      socket.destroy();
    });
  });
}

function shownBy(socket: TLSSocket): Handshake {
  const { subject, subjectaltname = '', issuer, valid_to } = socket.getPeerCertificate();
  // Declared as an Error, but it is the code as text (Node 20 to 24).
  const refusal: unknown = socket.authorizationError;
  return {
    refusal: socket.authorized ? undefined : typeof refusal === 'string' ? refusal : String(codeOf(refusal) ?? refusal),
    subject: nameIn(subject?.CN) ?? subjectaltname.split(', ')[0]?.replace(/^DNS:/, '') ?? '',
    issuer: nameIn(issuer?.CN) ?? nameIn(issuer?.O) ?? 'an authority without a name',
    notAfter: new Date(valid_to),
  };
}

/** The first value of a name: a certificate may repeat it. */
function nameIn(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

async function kubectl(args: readonly string[], environment: NodeJS.ProcessEnv | undefined): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('kubectl', [...args, '--request-timeout=20s'], {
      maxBuffer: 64 * 1024 * 1024,
      ...(environment === undefined ? {} : { env: environment }),
    });
    return stdout;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') {
      throw new Problem('TOOL-MISSING', 'Cannot ask the cluster: kubectl is not on the PATH', {
        fix: 'install kubectl, or leave out --kubectl',
        cause: error,
      });
    }
    const said = typeof error === 'object' && error !== null && 'stderr' in error ? String(error.stderr).trim() : '';
    throw new Problem('CLUSTER', `Cannot ask the cluster: ${said.split('\n').at(-1) || 'kubectl fails'}`, {
      fix: 'see whether it works on its own: kubectl auth whoami; choose the cluster with --context <name>',
      cause: error,
    });
  }
}

/** Runs at most this many at a time; the others wait for their turn. */
function atMost(count: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= count) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
}
