import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify';
import type { ResourceServer } from '../oauth/resource-server';
import { throttledLog } from '../telemetry/throttled-log';
import { type HostRules, hostCheck, originCheck } from './hosts';
import { asItIs } from './json';
import { acceptanceOf, baseHeaders, corsHeaders, mediaType, preflightHeaders } from './mcp-headers';
import { type HttpRejection, reject } from './mcp-rejection';

type Done = () => void;

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
