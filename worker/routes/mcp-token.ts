import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify';
import type { ResourceServer } from '../oauth/resource-server';
import { throttledLog } from '../telemetry/throttled-log';
import { type HttpRejection, reject } from './mcp-rejection';

/** Requires a valid access token. Otherwise the response says how to get one. */
export function requireToken(resourceServer: ResourceServer, log: FastifyBaseLogger) {
  const warn = throttledLog(({ key, times }) => {
    log.warn({ reason: key, times }, 'cannot fetch the keys of the authorization server');
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
        return reject(reply, keysUnavailable);
    }
  };
}

const keysUnavailable: HttpRejection = {
  status: 503,
  refusal: 'undecided',
  message: 'Cannot verify tokens at the moment',
  headers: { 'retry-after': '5' },
};
