import { type IncomingMessage, request } from 'node:http';
import type { Answer } from './match';

/** One HTTP request, sent as is. */
export interface Exchange {
  readonly method: string;
  /** Path and query, not normalized. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** @default - no body, and no Content-Length */
  readonly body?: Buffer | undefined;
  /** Whether to close the connection after the response headers. @default - false */
  readonly headOnly?: boolean;
}

/** Long enough for a busy machine. */
const timeoutMs = 600_000;

/**
 * Sends one request over its own connection, without following redirects. Unlike `fetch`, it can send a GET with a body.
 * @throws Error if the server is unreachable, closes the connection early, or takes longer than ten minutes
 */
export function exchange(
  baseUrl: string,
  { method, path, headers, body, headOnly = false }: Exchange,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(baseUrl);
    const length = body === undefined ? {} : { 'Content-Length': String(body.length) };
    const outgoing = request(
      { hostname, port, method, path, headers: { ...length, ...headers }, agent: false, timeout: timeoutMs },
      (incoming) => {
        if (headOnly) {
          resolve(answerOf(incoming, Buffer.alloc(0)));
          outgoing.destroy();
          return;
        }
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () => resolve(answerOf(incoming, Buffer.concat(chunks))));
        incoming.on('error', reject);
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error(`No answer to ${method} ${path} within ${timeoutMs} ms`)));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function answerOf({ statusCode = 0, headers }: IncomingMessage, body: Buffer): Answer {
  const plain = Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]);
  return { status: statusCode, headers: Object.fromEntries(plain), body };
}
