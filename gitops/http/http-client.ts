import { existsSync, readFileSync } from 'node:fs';
import http, { type IncomingMessage, type RequestOptions } from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import tls, { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import { urlToHttpOptions } from 'node:url';

/** An HTTP response. Redirects are not followed, so they are responses too. */
export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body as UTF-8 text. */
  readonly body: string;
  /** The time from the start of the request to the end of the body, in milliseconds. */
  readonly ms: number;
}

export interface HttpRequest {
  /** @default - GET */
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpClientOptions {
  /** The timeout from the start of a request to the end of its response, in milliseconds. */
  readonly timeoutMs: number;
  /** The addresses to connect to, instead of resolving the host of the URL. @default - the system resolves it */
  readonly addresses?: readonly string[] | undefined;
  /** The port to connect to. @default - the port of the URL */
  readonly port?: number | undefined;
  /** The maximum size of a response body, in bytes. @default - 16 MiB; a catalog of a thousand tools is about 2 MB */
  readonly maxBytes?: number;
  /** The authorities to trust. @default - the public authorities */
  readonly trust?: SecureContext | undefined;
}

/** Keeps connections open between requests. `close` ends the idle ones. */
export interface HttpClient {
  /** Rejects with the system's error, with `ETIMEDOUT` for a late response or `EMSGSIZE` for one that is too long. */
  request(url: URL, request?: HttpRequest): Promise<HttpResponse>;
  close(): void;
}

/** The HTTP client of gitops. It always verifies certificates, against the host of the URL. */
export function httpClient(options: HttpClientOptions): HttpClient {
  const { timeoutMs, addresses, port, maxBytes = 16 * 1024 * 1024, trust } = options;
  const agents = {
    'http:': new http.Agent({ keepAlive: true }),
    // `rejectUnauthorized` is explicit because NODE_TLS_REJECT_UNAUTHORIZED=0 would otherwise switch verification off.
    'https:': new https.Agent({ keepAlive: true, rejectUnauthorized: true, ...(trust && { secureContext: trust }) }),
  };
  return {
    async request(url, { method = 'GET', headers = {}, body } = {}) {
      const started = performance.now();
      const signal = AbortSignal.timeout(timeoutMs);
      const isSecure = url.protocol === 'https:';
      const host = hostOf(url);
      const isAddress = isIP(host) !== 0;
      const requestOptions: https.RequestOptions = {
        ...urlToHttpOptions(url),
        // Node does not resolve IP addresses, so a host that is one is replaced here.
        hostname: isAddress ? (addresses?.[0] ?? host) : host,
        servername: isAddress ? '' : host,
        ...(port === undefined ? {} : { port }),
        ...(addresses === undefined ? {} : { lookup: lookupIn(addresses) }),
        method,
        headers: { host: url.host, ...headers },
        agent: agents[isSecure ? 'https:' : 'http:'],
        signal,
      };
      try {
        const message = await send(isSecure ? https.request : http.request, requestOptions, body);
        const text = await bodyOf(message, maxBytes);
        const ms = performance.now() - started;
        return { status: message.statusCode ?? 0, headers: headersOf(message), body: text, ms };
      } catch (error) {
        if (signal.aborted) throw systemError('ETIMEDOUT', `no complete response within ${timeoutMs / 1000} s`, error);
        throw error;
      }
    },
    close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

/**
 * Trusts these authorities, as PEM, in addition to the usual ones; undefined for none. Built once, because reading all of them
 * for every connection costs more than the connection.
 */
export function trustIn(authorities: readonly string[]): SecureContext | undefined {
  return authorities.length === 0 ? undefined : createSecureContext({ ca: [...usualAuthorities(), ...authorities] });
}

/** The public authorities, those of the system if Node is configured to use them, and those of NODE_EXTRA_CA_CERTS. */
function usualAuthorities(): readonly string[] {
  const { NODE_EXTRA_CA_CERTS: extra } = process.env;
  // Only Node 22.15 and later returns the authorities of the variable here; an earlier one drops them for a context with `ca`.
  const known =
    'getCACertificates' in tls && typeof tls.getCACertificates === 'function' ? tls.getCACertificates() : [];
  const named = extra !== undefined && existsSync(extra) ? [readFileSync(extra, 'utf8')] : [];
  return [...(known.length > 0 ? known : rootCertificates), ...named];
}

/** The host of a URL, without the brackets of an IPv6 address. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

/** An error with a code like those of the system, for outcomes that have no system error. */
export function systemError(code: string, message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { code });
}

/** The message of an error, to end a sentence with. */
export function reasonOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}

function lookupIn(addresses: readonly string[]): LookupFunction {
  const list = addresses.map((address) => ({ address, family: isIP(address) }));
  return (hostname, { all }, callback) => {
    const [first] = list;
    if (first === undefined) callback(systemError('ENOTFOUND', `${hostname} has no address`), '', 0);
    else if (all) callback(null, list);
    else callback(null, first.address, first.family);
  };
}

function send(request: typeof http.request, options: RequestOptions, body?: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(options, resolve).on('error', reject).end(body);
  });
}

async function bodyOf(message: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > maxBytes) throw systemError('EMSGSIZE', `the response is longer than ${maxBytes} bytes`);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]));
}
