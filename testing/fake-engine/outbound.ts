import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Allowlist } from '../../gitops/engine/allowlist';
import { internalReason } from '../../gitops/engine/public-address';
import { authorizationOf } from '../../gitops/engine/token';
import {
  type HttpRequest,
  type HttpResponse,
  hostOf,
  httpClient,
  reasonOf,
  systemError,
  trustIn,
} from '../../gitops/http/http-client';
import { Secret } from '../../gitops/seal/secret';
import { systemCode } from '../../model/system-error';
import type { WorkerRecord } from './worker-record';

/** How the fake engine connects to workers. */
export interface OutboundOptions {
  readonly allowlist: Allowlist;
  /** The name server to query, such as `127.0.0.1:5353`. @default - the system's */
  readonly resolver?: string | undefined;
  /** Certificate authorities to trust in addition to the public ones, as PEM. @default - none */
  readonly authorities?: readonly string[] | undefined;
  /** Redirects all connections that pass the guard. @default - no redirection */
  readonly connectTo?: { readonly address: string; readonly port?: number | undefined } | undefined;
  /** Writes one line to the engine's log. */
  log(line: string): void;
}

/** The requests of an engine to a worker. */
export interface Outbound {
  /** Requests the health path as the dashboard does: without a token and without the guard. */
  health(uri: string, timeoutMs: number): Promise<HttpResponse>;
  /** Any other request: signed, and guarded unless the worker comes from the engine's file. */
  call(worker: WorkerRecord, path: string, request?: HttpRequest): Promise<HttpResponse>;
}

/** The guard's message, which appears only in the engine's log (observed 2026-06-22). */
const blocked = 'publicOnlyTransport: blocked connection to internal address';

/** The HTTP client of the fake engine, with its SSRF guard and retries. */
export function outbound(options: OutboundOptions): Outbound {
  const { allowlist, connectTo, log } = options;
  const trust = trustIn(options.authorities ?? []);

  /**
   * Checks the resolved addresses and connects only to those, so that DNS rebinding cannot bypass the guard. Each request
   * has its own client, so that a guarded call cannot reuse a connection opened by a health check.
   */
  async function once(isGuarded: boolean, timeoutMs: number, url: URL, request?: HttpRequest): Promise<HttpResponse> {
    const resolved = await resolve(url, options.resolver);
    const open = resolved.filter(
      (address) => !isGuarded || internalReason(address) === undefined || allowlist.covers(url, address),
    );
    if (open.length === 0) throw systemError('EBLOCKED', `${blocked} ${resolved.join(', ')}`);
    const addresses = connectTo === undefined ? open : [connectTo.address];
    const client = httpClient({ addresses, port: connectTo?.port, timeoutMs, trust });
    try {
      return await client.request(url, request);
    } finally {
      client.close();
    }
  }

  return {
    health: (uri, timeoutMs) => once(false, timeoutMs, pathAt(uri, '/worker/health')),
    async call({ id, binding, http }, path, request = {}) {
      const authorization = authorizationOf(new Secret(Buffer.from(http.secret)));
      const signed = { ...request, headers: { ...request.headers, authorization } };
      for (let attempt = 0; ; attempt += 1) {
        const isLast = attempt >= http.retry;
        try {
          const response = await once(binding === 'project', http.timeout * 1000, pathAt(http.uri, path), signed);
          // It is unknown which responses an engine retries; a 5xx may be transient, a 4xx is not.
          if (response.status < 500 || isLast) return response;
          log(`${id} ${path}: ${response.status}, retrying`);
        } catch (error) {
          log(`${id} ${path}: ${reasonOf(error)}`);
          if (isLast || systemCode(error) === 'EBLOCKED') throw error;
        }
        await sleep(50 * 2 ** attempt);
      }
    },
  };
}

/** Appends a path to a base URL, which may have a path itself. */
function pathAt(uri: string, path: string): URL {
  const url = new URL(uri);
  return new URL(`${url.pathname.replace(/\/$/, '')}${path}`, url);
}

async function resolve(url: URL, server: string | undefined): Promise<readonly string[]> {
  const host = hostOf(url);
  if (isIP(host) !== 0) return [host];
  if (server === undefined) return (await lookup(host, { all: true })).map(({ address }) => address);
  const resolver = new Resolver({ timeout: 60_000, tries: 2 });
  resolver.setServers([server]);
  const found = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  const addresses = found.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  if (addresses.length === 0) throw systemError('ENOTFOUND', `no such host: ${host}`);
  return addresses;
}
