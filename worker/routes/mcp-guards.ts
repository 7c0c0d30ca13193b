import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify';
import { asItIs, isEncoded, plainOnly } from '../json';
import type { ResourceServer } from '../oauth/resource-server';
import { throttledLog } from '../telemetry/throttled-log';
import { type HostRules, hostCheck, originCheck } from './hosts';
import { corsHeaders, preflightHeaders } from './mcp-headers';
import { displayable } from './mcp-log';
import { type HttpRejection, reject } from './mcp-rejection';

type Done = () => void;

/** The headers of every response. */
export const baseHeaders = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

/** Checks host, origin, method and load: what needs neither a body nor the caller's identity. */
export function sourceCheck(rules: HostRules, isOverloaded: () => boolean, log: FastifyBaseLogger) {
  const isHost = hostCheck(rules);
  const isOrigin = originCheck(rules);
  const refuse = sourceRefusal(log);
  return (request: FastifyRequest, reply: FastifyReply, done: Done): void => {
    const { host, origin, 'access-control-request-method': requestedMethod } = request.headers;
    request.mcp = {};
    reply.headers(baseHeaders).serializer(asItIs);
    if (!isHost(host)) refuse(reply, foreignHost, host);
    else if (origin !== undefined && !isOrigin(origin)) refuse(reply, foreignOrigin, origin);
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

/** Refuses a source, and tells the operator which variable would admit it: a tunnel or a proxy has a name of its own. */
function sourceRefusal(log: FastifyBaseLogger) {
  let latest: string | undefined;
  const warn = throttledLog(({ key, times }) => {
    log.warn({ found: latest, times }, `refused on /mcp; if it belongs to this server, name it in ${key}`);
  });
  return (reply: FastifyReply, { variable, ...rejection }: typeof foreignHost, sent: string | undefined): void => {
    latest = `${rejection.refusal} ${displayable(sent ?? 'absent')}`;
    warn(variable);
    reject(reply, { ...rejection, found: sent });
  };
}

const foreignHost = {
  status: 403,
  refusal: 'host',
  message: 'Host is not a name of this server',
  variable: 'MCP_ALLOWED_HOSTS',
};

const foreignOrigin = {
  status: 403,
  refusal: 'origin',
  message: 'Origin is not allowed',
  variable: 'MCP_ALLOWED_ORIGINS',
};

const overloaded: HttpRejection = {
  status: 503,
  refusal: 'overload',
  message: 'This server is overloaded; wait for as long as Retry-After says',
  headers: { 'retry-after': '1' },
};

const methodNotAllowed: HttpRejection = {
  status: 405,
  refusal: 'method',
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
        const { status, reason, found, wwwAuthenticate, body } = decision.challenge;
        request.mcp.refusal = reason;
        if (found !== undefined) request.mcp.found = found;
        return reply.code(status).header('www-authenticate', wwwAuthenticate).send(JSON.stringify(body));
      }
      case 'undecided':
        warn(decision.cause instanceof Error ? decision.cause.message : 'unknown');
        return reject(reply, keysOutOfReach);
    }
  };
}

const keysOutOfReach: HttpRejection = {
  status: 503,
  refusal: 'undecided',
  message: 'Cannot verify tokens at the moment',
  headers: { 'retry-after': '5' },
};

/** Checks the types that the caller accepts and sends. */
export function checkMediaTypes({ headers }: FastifyRequest, reply: FastifyReply, done: Done): void {
  const { accept, 'content-type': type, 'content-encoding': encoding } = headers;
  if (!acceptanceOf(accept)) reject(reply, { ...notAcceptable, found: accept });
  else if (mediaType(type ?? '') !== 'application/json') reject(reply, { ...notJson, found: type });
  else if (isEncoded(encoding)) reject(reply, { ...encoded, found: encoding });
  else done();
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

const notAcceptable: HttpRejection = {
  status: 406,
  refusal: 'accept',
  message: 'Accept must name application/json or text/event-stream',
};

const notJson: HttpRejection = {
  status: 415,
  refusal: 'content_type',
  message: 'Content-Type must be application/json',
};

const encoded: HttpRejection = {
  status: 415,
  refusal: 'content_encoding',
  message: 'Content-Encoding must be absent; send the body uncompressed',
  headers: plainOnly,
};
