import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify';
import type { ResourceServer } from '../oauth/resource-server';
import { throttledLog } from '../telemetry/throttled-log';
import { type HostRules, hostCheck, originCheck } from './hosts';
import { asItIs, isEncoded, plainOnly } from './json';
import { acceptanceOf, baseHeaders, corsHeaders, mediaType, preflightHeaders } from './mcp-headers';
import { displayable } from './mcp-log';
import { type HttpRejection, reject } from './mcp-rejection';

type Done = () => void;

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
