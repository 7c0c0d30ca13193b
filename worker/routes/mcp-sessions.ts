import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { LogLevel } from '../catalog/log-line';
import { canBeAsked } from '../mcp/channel';
import { codes, type ErrorMember } from '../mcp/protocol';
import type { Client, McpService, ParsedRequest, Source } from '../mcp/service';

const [askable, plain] = ['asks-', 'told-'] as const;

const form = new RegExp(`^(?:${askable}|${plain})[0-9a-f-]{36}$`);

/** How many log levels are kept; the oldest are dropped first. */
const maxLevels = 1000;

/**
 * The sessions of clients of the handshake era. Whether a client can be asked is encoded in its session id, so every
 * replica knows it without shared state. A forged id affects only the client that sends it.
 */
export class Sessions {
  /** The log level of each client. Other replicas do not know it and send no log messages. */
  readonly #levels = new Map<string, LogLevel>();

  /** Sends a session id with the response to `initialize`, if the session has any effect. */
  open({ era, params }: ParsedRequest, { capabilities }: McpService, reply: FastifyReply): void {
    if (era !== 'handshake') return;
    const isAskable = 'tools' in capabilities && canBeAsked(params.capabilities);
    if (isAskable || 'logging' in capabilities) {
      reply.header('mcp-session-id', `${isAskable ? askable : plain}${randomUUID()}`);
    }
  }

  /** The client of a session id. Undefined for a missing or foreign id. */
  clientOf({ 'mcp-session-id': id }: IncomingHttpHeaders): Client | undefined {
    if (typeof id !== 'string' || !form.test(id)) return undefined;
    const remember = (level: LogLevel) => this.#remember(id, level);
    return { canBeAsked: id.startsWith(askable), logLevel: this.#levels.get(id), setLogLevel: remember };
  }

  #remember(id: string, level: LogLevel): void {
    this.#levels.delete(id);
    this.#levels.set(id, level);
    for (const [oldest] of this.#levels) {
      if (this.#levels.size <= maxLevels) return;
      this.#levels.delete(oldest);
    }
  }
}

/**
 * Whether two requests come from the same client, judged by their access token and session id. Without either header the
 * answer is no: all clients number their requests from 0 or 1, so any client could cancel the request of another.
 */
export function isSameClient(one: Source, other: Source): boolean {
  // Treat an empty header as missing.
  const isKnown = identifying.some((name) => Boolean(one.headers[name]));
  return isKnown && identifying.every((name) => one.headers[name] === other.headers[name]);
}

const identifying = ['authorization', 'mcp-session-id'] as const;

/** Whether an answer comes from the client that was asked. Compares user ids, since the token may have been renewed. */
export function isAsked(one: Source, asked: Source): boolean {
  const sessions = [one, asked].map(({ headers }) => headers['mcp-session-id']);
  return Boolean(sessions[0]) && sessions[0] === sessions[1] && one.caller?.userId === asked.caller?.userId;
}

/** The error for an answer that came too late or reached the wrong replica. */
export const notPending: ErrorMember = {
  code: codes.invalidRequest,
  message: 'No call is waiting for this answer: the call has ended, or another replica asked',
};

/** Why a question is cancelled before it is sent. */
export const tooLate = 'The client has disconnected, or the server is stopping';
