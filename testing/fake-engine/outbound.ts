import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Allowlist } from '../../gitops/engine/allowlist';
import { internalReason } from '../../gitops/engine/public-address';
import {
  type Answer,
  codeOf,
  type Endpoint,
  httpClient,
  type Question,
  reasonOf,
  systemError,
  trustIn,
} from '../../gitops/engine/request';
import { authorizationOf } from '../../gitops/engine/token';
import { Secret } from '../../gitops/seal/secret';
import type { WorkerRecord } from './worker-record';

export interface OutboundOptions {
  readonly allowlist: Allowlist;
  /** The name server to ask, such as `127.0.0.1:5353`. @default - the system's */
  readonly resolver?: string | undefined;
  /** Certificate authorities to trust beside the public ones, as PEM. @default - none */
  readonly authorities?: readonly string[] | undefined;
  /** Where the connections to addresses that pass the guard end. @default - at these addresses */
  readonly connectTo?: Endpoint | undefined;
  /** One line for the operator's log. */
  log(line: string): void;
}

/** The calls of an engine to a worker. */
export interface Outbound {
  /** Health, as a dashboard asks for it: without a token, and without the guard. */
  health(uri: string, timeoutMs: number): Promise<Answer>;
  /** Everything else: signed, and guarded unless the worker comes from the engine's file. */
  call(worker: WorkerRecord, path: string, question?: Question): Promise<Answer>;
}

/** What the guard says in the engine's log, and nowhere else (observed 2026-06-22). */
const blocked = 'publicOnlyTransport: blocked connection to internal address';

/**
 * The way out of an engine. The guard judges the addresses a name resolves to when a connection is opened, and the
 * connection goes to an address that was judged, so no other answer of a name server gets around it.
 */
export function outbound(options: OutboundOptions): Outbound {
  const { allowlist, connectTo, log } = options;
  const trust = trustIn(options.authorities ?? []);
  const client = (isGuarded: boolean, timeoutMs: number) =>
    httpClient({
      timeoutMs,
      trust,
      route: {
        port: connectTo?.port,
        async addressesOf(url) {
          const addresses = await resolve(url, options.resolver);
          const open = addresses.filter(
            (address) => !isGuarded || internalReason(address) === undefined || allowlist.covers(url, address),
          );
          if (open.length === 0) throw systemError('EBLOCKED', `${blocked} ${addresses.join(', ')}`);
          return connectTo === undefined ? open : [connectTo.address];
        },
      },
    });

  /** A client for one call: a connection that health has opened must not carry a call around the guard. */
  async function once(isGuarded: boolean, timeoutMs: number, url: URL, question?: Question): Promise<Answer> {
    const single = client(isGuarded, timeoutMs);
    try {
      return await single.request(url, question);
    } finally {
      single.close();
    }
  }

  return {
    health: (uri, timeoutMs) => once(false, timeoutMs, pathAt(uri, '/worker/health')),
    async call({ id, binding, http }, path, question = {}) {
      const authorization = authorizationOf(new Secret(Buffer.from(http.secret)));
      const signed = { ...question, headers: { ...question.headers, authorization } };
      for (let attempt = 0; ; attempt += 1) {
        const isLast = attempt >= http.retry;
        try {
          const answer = await once(binding === 'project', http.timeout * 1000, pathAt(http.uri, path), signed);
          // Which answers an engine asks for again is not known; a 4xx cannot get better, a 5xx can.
          if (answer.status < 500 || isLast) return answer;
          log(`${id} ${path}: ${answer.status}, asked again`);
        } catch (error) {
          log(`${id} ${path}: ${reasonOf(error)}`);
          if (isLast || codeOf(error) === 'EBLOCKED') throw error;
        }
        await sleep(50 * 2 ** attempt);
      }
    },
  };
}

/** The path below a base address, which may have a path of its own. */
function pathAt(uri: string, path: string): URL {
  const url = new URL(uri);
  return new URL(`${url.pathname.replace(/\/$/, '')}${path}`, url);
}

async function resolve({ hostname }: URL, server: string | undefined): Promise<readonly string[]> {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0) return [host];
  if (server === undefined) return (await lookup(host, { all: true })).map(({ address }) => address);
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  resolver.setServers([server]);
  const found = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  const addresses = found.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  if (addresses.length === 0) throw systemError('ENOTFOUND', `no such host: ${host}`);
  return addresses;
}
