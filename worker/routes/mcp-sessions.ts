import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { LogLevel } from '../catalog/log-line';
import { codes, type ErrorMember } from '../mcp/protocol';
import { canBeAsked } from '../mcp/reach';
import type { Client, McpService, ParsedRequest, Source } from '../mcp/service';

const [askable, plain] = ['asks-', 'told-'] as const;

const form = new RegExp(`^(?:${askable}|${plain})[0-9a-f-]{36}$`);

/** How many levels are remembered, the newest. */
const rememberedAtMost = 1000;

/**
 * What is known of clients of the handshake era from one request to the next. Nothing is kept of whether they can be asked: their
 * identifier says it, so that every replica knows. One that a client makes up says it of that client alone.
 */
export class Sessions {
  /** What clients want to hear. Known to the replica that was told; to the others the client wants to hear nothing. */
  readonly #levels = new Map<string, LogLevel>();

  /** Gives a client that has greeted an identifier, where something of it will matter. */
  greet({ era, params }: ParsedRequest, { capabilities }: McpService, reply: FastifyReply): void {
    if (era !== 'handshake') return;
    const isAskable = 'tools' in capabilities && canBeAsked(params.capabilities);
    if (isAskable || 'logging' in capabilities) {
      reply.header('mcp-session-id', `${isAskable ? askable : plain}${randomUUID()}`);
    }
  }

  /** The client that sends an identifier. Undefined for one that is none of ours. */
  clientOf({ 'mcp-session-id': id }: IncomingHttpHeaders): Client | undefined {
    if (typeof id !== 'string' || !form.test(id)) return undefined;
    const remember = (level: LogLevel) => this.#remember(id, level);
    return { canBeAsked: id.startsWith(askable), logLevel: this.#levels.get(id), setLogLevel: remember };
  }

  #remember(id: string, level: LogLevel): void {
    this.#levels.delete(id);
    this.#levels.set(id, level);
    for (const [oldest] of this.#levels) {
      if (this.#levels.size <= rememberedAtMost) return;
      this.#levels.delete(oldest);
    }
  }
}

/**
 * Whether two requests come from one client. Nothing is kept between requests, so only what the client sends with each of
 * them can tell: its access token, and a session identifier that it has of itself or of a gateway. Without either a stranger
 * could cancel what another has asked for under the same number, and all clients count from 0 or 1.
 */
export function isSameClient(one: Source, other: Source): boolean {
  // An empty header says no more than none.
  const isKnown = identifying.some((name) => Boolean(one.headers[name]));
  return isKnown && identifying.every((name) => one.headers[name] === other.headers[name]);
}

const identifying = ['authorization', 'mcp-session-id'] as const;

/** Whether an answer comes from whom was asked. A token may have been renewed since; whom it speaks for is the same. */
export function isAsked(one: Source, asked: Source): boolean {
  const sessions = [one, asked].map(({ headers }) => headers['mcp-session-id']);
  return Boolean(sessions[0]) && sessions[0] === sessions[1] && one.caller?.userId === asked.caller?.userId;
}

/** For an answer that came too late, or to a replica that has not asked. */
export const nobodyWaits: ErrorMember = {
  code: codes.invalidRequest,
  message: 'No call waits for this answer here: it has ended, or another replica has asked',
};

/** Why a client is not asked any more. */
export const tooLate = 'The client has gone, or the server stops';
