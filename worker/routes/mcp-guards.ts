import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify';
import { acceptanceOf, mediaType } from '../mcp/accept';
import { type HostRules, hostCheck, originCheck } from '../mcp/hosts';
import { corsHeaders, preflightHeaders } from '../mcp/preflight';
import type { ResourceServer } from '../oauth/resource-server';
import { throttledLog } from '../telemetry/throttled-log';
import { asItIs } from './json';
import { baseHeaders, type Refusal, refuse } from './mcp-refusal';

type Done = () => void;

/** Host, origin, method, room: what needs neither a body nor to know who calls. */
export function sourceCheck(rules: HostRules, isOverloaded: () => boolean) {
  const isHost = hostCheck(rules);
  const isOrigin = originCheck(rules);
  return (request: FastifyRequest, reply: FastifyReply, done: Done): void => {
    const { host, origin, 'access-control-request-method': requestedMethod } = request.headers;
    request.mcp = {};
    reply.headers(baseHeaders).serializer(asItIs);
    if (!isHost(host)) refuse(reply, foreignHost);
    else if (origin !== undefined && !isOrigin(origin)) refuse(reply, foreignOrigin);
    else if (request.method === 'OPTIONS') reply.code(204).headers(preflightHeaders(origin, requestedMethod)).send();
    else {
      // Refusals too, or the page could not read why.
      if (origin !== undefined) reply.headers(corsHeaders(origin));
      if (request.method !== 'POST') refuse(reply, methodNotAllowed);
      else if (isOverloaded()) refuse(reply, overloaded);
      else done();
    }
  };
}

const foreignHost: Refusal = { status: 403, message: 'Host is not a name of this server' };

const foreignOrigin: Refusal = { status: 403, message: 'Origin is not allowed' };

const overloaded: Refusal = {
  status: 503,
  message: 'This server is overloaded; wait for as long as Retry-After says',
  headers: { 'retry-after': '1' },
};

const methodNotAllowed: Refusal = {
  status: 405,
  message: 'Method not allowed; this server takes POST only',
  headers: { allow: 'POST, OPTIONS' },
};

/** Lets in who brings a good token, and tells everybody else how to get one. */
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
        return refuse(reply, keysOutOfReach);
    }
  };
}

const keysOutOfReach: Refusal = {
  status: 503,
  message: 'Cannot verify tokens at the moment',
  headers: { 'retry-after': '5' },
};

/** What the caller takes, and what he sends. */
export function checkMediaTypes({ headers }: FastifyRequest, reply: FastifyReply, done: Done): void {
  if (!acceptanceOf(headers.accept)) {
    refuse(reply, { status: 406, message: 'Accept must name application/json or text/event-stream' });
  } else if (mediaType(headers['content-type'] ?? '') !== 'application/json') {
    refuse(reply, { status: 415, message: 'Content-Type must be application/json' });
  } else done();
}
