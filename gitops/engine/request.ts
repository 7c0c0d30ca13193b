import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';

/** An answer over HTTP; redirects are answers too. */
export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body as UTF-8 text. */
  readonly body: string;
  /** From the start of the request to the end of the body, in milliseconds. */
  readonly ms: number;
}

export interface Question {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An address to connect to; the port of the URL where it says none. */
export interface Endpoint {
  readonly address: string;
  readonly port?: number | undefined;
}

/** Where the connections of a client go. */
export interface Route {
  /** The addresses to try for a host, when a connection is opened. A rejection is the outcome of the request. */
  addressesOf(url: URL): Promise<readonly string[]>;
  /** The port to connect to. @default - the one in the URL */
  readonly port?: number | undefined;
}

export interface ClientOptions {
  readonly route: Route;
  /** From the start of a request to the end of its answer, in milliseconds. */
  readonly timeoutMs: number;
  /** What to trust. @default - the public authorities */
  readonly trust?: SecureContext | undefined;
}

/** Opens connections that stay open between requests. `close` ends those that idle. */
export interface Client {
  request(url: URL, question?: Question): Promise<Answer>;
  close(): void;
}

/** A catalogue of a thousand tools is about 2 MB; more than this is not an answer of a worker. */
const maxBodyBytes = 16 * 1024 * 1024;

/**
 * An HTTP client that connects where it is told to and follows nothing. Its requests reject with the system's error,
 * or with `ETIMEDOUT` and `EMSGSIZE` for an answer that is too late or too long.
 */
export function httpClient({ route, timeoutMs, trust }: ClientOptions): Client {
  const agents = {
    'http:': new HttpAgent({ keepAlive: true }),
    'https:': new HttpsAgent({
      keepAlive: true,
      rejectUnauthorized: true,
      ...(trust === undefined ? {} : { secureContext: trust }),
    }),
  };
  return {
    async request(url, { method = 'GET', headers = {}, body } = {}) {
      const started = performance.now();
      const addresses = await route.addressesOf(url);
      const name = url.hostname.replace(/^\[|\]$/g, '');
      const signal = AbortSignal.timeout(timeoutMs);
      const options: RequestOptions & { servername?: string } = {
        // Node resolves nothing when it is given an address, so the one to connect to takes the place of the name.
        hostname: isIP(name) === 0 ? name : (addresses[0] ?? name),
        port: route.port ?? (url.port || (url.protocol === 'https:' ? 443 : 80)),
        path: `${url.pathname}${url.search}`,
        method,
        headers: {
          host: url.host,
          ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
          ...headers,
        },
        lookup: fixedLookup(addresses),
        signal,
        ...(url.protocol === 'https:'
          ? { agent: agents['https:'], servername: isIP(name) === 0 ? name : '' }
          : { agent: agents['http:'] }),
      };
      try {
        const message = await answerTo(url.protocol === 'https:' ? httpsRequest : httpRequest, options, body);
        const text = await bodyOf(message);
        return {
          status: message.statusCode ?? 0,
          headers: plainHeaders(message),
          body: text,
          ms: performance.now() - started,
        };
      } catch (error) {
        if (signal.aborted) throw systemError('ETIMEDOUT', `no answer within ${timeoutMs / 1000} s`, error);
        throw error;
      }
    },
    close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

/**
 * The public authorities and these, as PEM; undefined when there are none beside the public ones. Made once: reading
 * them all for every connection costs more than the connection.
 */
export function trustIn(authorities: readonly string[]): SecureContext | undefined {
  return authorities.length === 0 ? undefined : createSecureContext({ ca: [...rootCertificates, ...authorities] });
}

/** An error with the code of the system's errors, for outcomes that the system knows nothing of. */
export function systemError(code: string, message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { code });
}

/** The code of an error of the system, a resolver or TLS; undefined for any other value. */
export function codeOf(error: unknown): string | undefined {
  // Not by class: under Jest, errors of Node's core are of another realm.
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** What an error says, for the end of a sentence. */
export function reasonOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}

function fixedLookup(addresses: readonly string[]): NonNullable<RequestOptions['lookup']> {
  const list = addresses.map((address) => ({ address, family: isIP(address) }));
  return (hostname, { all }, callback) => {
    const [first] = list;
    if (first === undefined) callback(systemError('ENOTFOUND', `${hostname} has no address`), '', 0);
    else if (all) callback(null, list);
    else callback(null, first.address, first.family);
  };
}

function answerTo(
  send: typeof httpRequest,
  options: RequestOptions,
  body: string | undefined,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    send(options, resolve).on('error', reject).end(body);
  });
}

async function bodyOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw systemError('EMSGSIZE', `the answer is longer than ${maxBodyBytes} bytes`);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function plainHeaders({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}
