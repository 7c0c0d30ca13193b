import { execFile } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { isIP } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import pLimit from 'p-limit';
import { Problem } from '../../model/problem';
import { systemCode } from '../../model/system-error';
import { type HttpClient, hostOf, httpClient, systemError, trustIn } from '../http/http-client';

export interface WorldOptions {
  /** `system`, or addresses with or without a port, such as `1.1.1.1` and `127.0.0.1:5353`. */
  readonly resolvers: readonly string[];
  /** Timeout of a request or a handshake, in milliseconds. */
  readonly timeoutMs: number;
  /** Timeout of a DNS query in milliseconds; each is tried twice. @default - 2000 */
  readonly lookupTimeoutMs?: number;
  /**
   * A response that takes longer than this, in milliseconds, is slow.
   * @default - 2000: the vendor's deploy tool gives up on health then (arcade-mcp 1.26.0), and an engine may, too
   */
  readonly slowMs?: number;
  /** Certificate authorities to trust in addition to the public ones, as PEM. @default - none */
  readonly authorities?: readonly string[];
  /** Where connections go whatever DNS says, as with curl's `--connect-to`. @default - the addresses of the name */
  readonly connectTo?: { readonly address: string; readonly port?: number | undefined } | undefined;
  /** The environment of kubectl. @default - the environment of this process */
  readonly environment?: NodeJS.ProcessEnv | undefined;
  /** The context of kubectl. @default - its current one */
  readonly context?: string | undefined;
}

/** What verification needs from the outside world. Tests use the same code on loopback addresses. */
export type World = ReturnType<typeof nodeWorld>;

/** The real world: resolvers, sockets, the clock and kubectl. */
export function nodeWorld(options: WorldOptions) {
  const { timeoutMs, connectTo, authorities = [], context, environment } = options;
  const trust = trustIn(authorities);
  const clients = new Map<string, HttpClient>();
  const limit = pLimit(8);
  return {
    /** At least one. The first is the system's own unless the caller named others. */
    resolvers: options.resolvers.map((name) => resolverAt(name, options.lookupTimeoutMs)),
    slowMs: options.slowMs ?? 2000,
    /** The address of all connections, whatever DNS says. @default - the addresses of the name */
    routedTo: connectTo?.address,
    /** An HTTP client whose connections go to these addresses. */
    connect(addresses: readonly string[]): HttpClient {
      const route = connectTo === undefined ? addresses : [connectTo.address];
      const key = route.join();
      const client = clients.get(key) ?? httpClient({ addresses: route, port: connectTo?.port, timeoutMs, trust });
      clients.set(key, client);
      return client;
    },
    /** A TLS handshake with one address, completed even with a bad certificate. Rejects with the system's error. */
    handshake(url: URL, address: string): Promise<Handshake> {
      const port = connectTo?.port ?? Number(url.port || 443);
      return handshake(url, { host: connectTo?.address ?? address, port, timeout: timeoutMs, secureContext: trust });
    },
    /** Runs kubectl with these arguments and resolves with what it printed. @throws Problem CLUSTER or TOOL-MISSING */
    kubectl: (args: readonly string[]): Promise<string> =>
      limit(kubectl, context === undefined ? args : ['--context', context, ...args], environment),
    now: () => new Date(),
    sleep: (ms: number): Promise<void> => sleep(ms),
    /** Closes idle connections. */
    close() {
      for (const client of clients.values()) client.close();
    },
  };
}

/**
 * Node's DNS client (c-ares), which ignores the hosts file. Rejects with its errors.
 * @throws Problem USAGE for a name that is neither `system` nor an address
 */
function resolverAt(name: string, timeout = 2000) {
  const resolver = new Resolver({ timeout, tries: 2 });
  try {
    if (name !== 'system') resolver.setServers([name]);
  } catch (cause) {
    const fix = 'write --resolver system, or an address such as 1.1.1.1 or 127.0.0.1:5353';
    throw new Problem('USAGE', `Cannot use "${name}" as a resolver: it is not an address`, { fix, cause });
  }
  return {
    name,
    /** IPv4 and IPv6 addresses; empty when the name exists but has none. */
    async addresses(host: string): Promise<readonly string[]> {
      const found = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
      const addresses = found.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
      const failure = found.find((result) => result.status === 'rejected' && systemCode(result.reason) !== 'ENODATA');
      if (addresses.length === 0 && failure?.status === 'rejected') throw failure.reason;
      return addresses;
    },
    /** The CNAME of a name; undefined when it has none. */
    async cname(host: string): Promise<string | undefined> {
      const [first] = await resolver.resolveCname(host);
      return first;
    },
  };
}

/** What a TLS handshake revealed about the certificate. */
export type Handshake = ReturnType<typeof shownBy>;

async function handshake(url: URL, options: ConnectionOptions): Promise<Handshake> {
  const host = hostOf(url);
  const servername = isIP(host) === 0 ? { servername: host } : {};
  // Validated afterwards, because a rejected certificate must still be reported.
  const socket = connect({ ...options, ...servername, rejectUnauthorized: false });
  socket.once('timeout', () => socket.destroy(systemError('ETIMEDOUT', 'no handshake in time')));
  try {
    await once(socket, 'secureConnect');
    return shownBy(socket);
  } finally {
    socket.destroy();
  }
}

function shownBy(socket: TLSSocket) {
  const { subject, subjectaltname = '', issuer, valid_to } = socket.getPeerCertificate();
  // Typed as an Error, but a string at run time: the error code (Node 20 to 24).
  const refusal: unknown = socket.authorizationError;
  return {
    /** Why the certificate cannot be trusted for the host, as Node names it; undefined when it can. */
    refusal: socket.authorized ? undefined : String(systemCode(refusal) ?? refusal),
    /** The subject's common name, or the first alternative name. */
    subject: nameIn(subject?.CN) ?? subjectaltname.split(', ')[0]?.replace(/^DNS:/, '') ?? '',
    issuer: nameIn(issuer?.CN) ?? nameIn(issuer?.O) ?? 'an unnamed authority',
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
      env: environment,
    });
    return stdout;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      const fix = 'install kubectl, or leave out --kubectl';
      throw new Problem('TOOL-MISSING', 'Cannot ask the cluster: kubectl is not on the PATH', { fix, cause: error });
    }
    const stderr = typeof error === 'object' && error !== null && 'stderr' in error ? String(error.stderr).trim() : '';
    const message = `Cannot ask the cluster: ${stderr.split('\n').at(-1) || 'kubectl fails'}`;
    const fix = 'check that kubectl itself works: kubectl auth whoami; choose the cluster with --context <name>';
    throw new Problem('CLUSTER', message, { fix, cause: error });
  }
}
