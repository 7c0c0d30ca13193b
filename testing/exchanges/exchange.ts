import { type IncomingMessage, request } from 'node:http';
import type { Answer } from './match';

/** One request, as it goes over the wire. */
export interface Exchange {
  readonly method: string;
  /** Path and query, sent as they are. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** @default - no body, and no Content-Length */
  readonly body?: Buffer | undefined;
  /** Whether to hang up as soon as the head has arrived. @default - false */
  readonly headOnly?: boolean;
}

/** Long enough for a machine on which every core is busy. */
const timeoutMs = 600_000;

/**
 * Sends one request over a connection of its own: `fetch` would refuse a GET with a body and other oddities.
 * Redirects are not followed.
 * @throws Error when the server is gone, hangs up in the middle, or takes longer than ten minutes
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
