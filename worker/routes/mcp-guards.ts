import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify';
import type { ResourceServer } from '../oauth/resource-server';
import { throttledLog } from '../telemetry/throttled-log';
import { type HostRules, hostCheck, originCheck } from './hosts';
import { asItIs } from './json';
import { corsHeaders, preflightHeaders } from './mcp-headers';
import { type HttpRejection, reject } from './mcp-rejection';

type Done = () => void;

/** The headers of every response. */
export const baseHeaders = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

/** Checks host, origin, method and load: what needs neither a body nor the caller's identity. */
export function sourceCheck(rules: HostRules, isOverloaded: () => boolean) {
  const isHost = hostCheck(rules);
  const isOrigin = originCheck(rules);
  return (request: FastifyRequest, reply: FastifyReply, done: Done): void => {
    const { host, origin, 'access-control-request-method': requestedMethod } = request.headers;
    request.mcp = {};
    reply.headers(baseHeaders).serializer(asItIs);
    if (!isHost(host)) reject(reply, foreignHost);
    else if (origin !== undefined && !isOrigin(origin)) reject(reply, foreignOrigin);
    else if (request.method === 'OPTIONS') reply.code(204).headers(preflightHeaders(origin, requestedMethod)).send();
    else {
      // On rejections too, or the page could not read why.
      if (origin !== undefined) reply.headers(corsHeaders(origin));
      if (request.method !== 'POST') reject(reply, methodNotAllowed);
      else if (isOverloaded()) reject(reply, overloaded);
      else done();
    }
  };
}

const foreignHost: HttpRejection = { status: 403, message: 'Host is not a name of this server' };

const foreignOrigin: HttpRejection = { status: 403, message: 'Origin is not allowed' };

const overloaded: HttpRejection = {
  status: 503,
  message: 'This server is overloaded; wait for as long as Retry-After says',
  headers: { 'retry-after': '1' },
};

const methodNotAllowed: HttpRejection = {
  status: 405,
  message: 'Method not allowed; this server takes POST only',
  headers: { allow: 'POST, OPTIONS' },
};

/** Requires a good access token, and tells everyone else how to get one. */
export function requireToken(resourceServer: ResourceServer, log: FastifyBaseLogger) {
  const warn = throttledLog(({ key, times }) => {
    log.warn({ reason: key, times }, 'keys of the authorization server are out of reach');
  });
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const decision = await resourceServer.authorize(request.headers.authorization);
    request.mcp ??= {};
    switch (decision.kind) {
      case 'admitted':
        request.mcp.caller = decision.caller;
        return undefined;
      case 'challenged': {
        const { status, reason, wwwAuthenticate, body } = decision.challenge;
        request.mcp.refusal = reason;
        return reply.code(status).header('www-authenticate', wwwAuthenticate).send(JSON.stringify(body));
      }
      case 'undecided':
        request.mcp.refusal = 'undecided';
        warn(decision.cause instanceof Error ? decision.cause.message : 'unknown');
        return reject(reply, keysOutOfReach);
    }
  };
}

const keysOutOfReach: HttpRejection = {
  status: 503,
  message: 'Cannot verify tokens at the moment',
  headers: { 'retry-after': '5' },
};

/** Checks the types that the caller accepts and sends. */
export function checkMediaTypes({ headers }: FastifyRequest, reply: FastifyReply, done: Done): void {
  if (!acceptanceOf(headers.accept)) {
    reject(reply, { status: 406, message: 'Accept must name application/json or text/event-stream' });
  } else if (mediaType(headers['content-type'] ?? '') !== 'application/json') {
    reject(reply, { status: 415, message: 'Content-Type must be application/json' });
  } else done();
}

/** The forms of a response that a caller takes. */
export interface Acceptance {
  readonly json: boolean;
  readonly stream: boolean;
}

/**
 * Reads an `Accept` header. Most servers insist on both types, which is the most frequent complaint of people who connect
 * clients, so either will do. Undefined when there is neither, or no header.
 */
export function acceptanceOf(accept: string | undefined): Acceptance | undefined {
  if (accept === undefined) return undefined;
  if (accept === last.accept) return last.acceptance;
  const ranges = accept.split(',').filter(isWanted).map(mediaType);
  const isAny = ranges.includes('*/*');
  const json = isAny || ranges.includes('application/json') || ranges.includes('application/*');
  const stream = isAny || ranges.includes('text/event-stream');
  const acceptance = json || stream ? { json, stream } : undefined;
  last = { accept, acceptance };
  return acceptance;
}

// Nearly all requests of a client carry the same header.
let last: { readonly accept: string; readonly acceptance: Acceptance | undefined } = {
  accept: '',
  acceptance: undefined,
};

/** The type in a header value, without its parameters, in lower case. */
export function mediaType(value: string): string {
  const end = value.indexOf(';');
  return (end < 0 ? value : value.slice(0, end)).trim().toLowerCase();
}

/** A weight of zero refuses the type. */
function isWanted(range: string): boolean {
  return !/;\s*q\s*=\s*0(\.0{0,3})?\s*(;|$)/i.test(range);
}
