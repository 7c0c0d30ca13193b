import { existsSync, readFileSync } from 'node:fs';
import http, { type IncomingMessage, type RequestOptions } from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import tls, { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import { urlToHttpOptions } from 'node:url';

/** A response over HTTP. A redirect is a response too: nothing is followed. */
export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body as UTF-8 text. */
  readonly body: string;
  /** From the start of the request to the end of the body, in milliseconds. */
  readonly ms: number;
}

export interface HttpRequest {
  /** @default - GET */
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpClientOptions {
  /** From the start of a request to the end of its response, in milliseconds. */
  readonly timeoutMs: number;
  /** The addresses to connect to, whatever the host of the URL resolves to. @default - those the system resolves it to */
  readonly addresses?: readonly string[] | undefined;
  /** The port to connect to. @default - the port of the URL */
  readonly port?: number | undefined;
  /** The longest body that is read. @default - 16 MiB; a catalogue of a thousand tools is about 2 MB */
  readonly maxBytes?: number;
  /** What to trust. @default - the public authorities */
  readonly trust?: SecureContext | undefined;
}

/** Keeps connections open between requests. `close` ends the idle ones. */
export interface HttpClient {
  /** Rejects with the system's error, with `ETIMEDOUT` for a late response or `EMSGSIZE` for one that is too long. */
  request(url: URL, request?: HttpRequest): Promise<HttpResponse>;
  close(): void;
}

/** The one HTTP client of gitops. Certificates are always verified, and the name in them is the host of the URL. */
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
        // Node resolves no address, so for a host that is one, the address to connect to takes its place.
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
        if (signal.aborted) throw systemError('ETIMEDOUT', `no whole answer within ${timeoutMs / 1000} s`, error);
        throw error;
      }
    },
    close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

/**
 * What Node trusts and these, as PEM; undefined when there are no others. Made once, because
 * reading them all for every connection costs more than the connection.
 */
export function trustIn(authorities: readonly string[]): SecureContext | undefined {
  return authorities.length === 0 ? undefined : createSecureContext({ ca: [...usualAuthorities(), ...authorities] });
}

/** The public authorities, those of the system where Node is told to ask it, and those of NODE_EXTRA_CA_CERTS. */
function usualAuthorities(): readonly string[] {
  const { NODE_EXTRA_CA_CERTS: extra } = process.env;
  // What the variable names is known to Node 22.15 and later alone; before, a context with a `ca` forgets it.
  const known =
    'getCACertificates' in tls && typeof tls.getCACertificates === 'function' ? tls.getCACertificates() : [];
  const named = extra !== undefined && existsSync(extra) ? [readFileSync(extra, 'utf8')] : [];
  return [...(known.length > 0 ? known : rootCertificates), ...named];
}

/** The host of a URL, without the brackets of an IPv6 address. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

/** An error with a code such as the system's errors have, for outcomes the system has no error for. */
export function systemError(code: string, message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { code });
}

/** The message of an error, for the end of a sentence. */
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
    if (bytes > maxBytes) throw systemError('EMSGSIZE', `the answer is longer than ${maxBytes} bytes`);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]));
}
