import { isUtf8 } from 'node:buffer';
import rateLimit from '@fastify/rate-limit';
import underPressure from '@fastify/under-pressure';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { contract } from '../contract';
import type { FrontDoor } from '../front-door';
import { acceptanceOf, mediaType } from '../mcp/accept';
import type { McpEndpoint } from '../mcp/endpoint';
import { type HostRules, hostCheck, originCheck } from '../mcp/hosts';
import { corsHeaders, preflightHeaders } from '../mcp/preflight';
import { errorText } from '../mcp/protocol';
import type { McpTrace } from '../mcp/trace';
import { answer } from './mcp-answer';
import { describeError, MalformedBody, type Refusal, refuse } from './mcp-refusal';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the log says of a request to `/mcp`. Undefined elsewhere. */
    mcp: McpTrace | undefined;
  }
}

/** What `/mcp` is made of. */
export interface McpRouteOptions {
  readonly endpoint: McpEndpoint;
  readonly rules: HostRules;
  /** Who gets in. @default - everybody */
  readonly door?: FrontDoor | undefined;
  /** @default - defaultMcpRouteLimits */
  readonly limits?: McpRouteLimits;
  /** True from the moment the server has begun to stop: connections end with their answers then. */
  isStopping(): boolean;
  /** Hears of every request when it has ended. */
  onEnd(request: FastifyRequest, reply: FastifyReply, trace: McpTrace): void;
}

export interface McpRouteLimits {
  /** The longest body, in bytes. */
  readonly bodyBytes: number;
  /** Requests of one client address, while there is no door. 0: as many as it likes. */
  readonly requestsPerMinute: number;
  /** How late the event loop may run before requests are turned away, in milliseconds. */
  readonly eventLoopDelayMs: number;
}

export const defaultMcpRouteLimits: McpRouteLimits = {
  bodyBytes: 4 * 1024 * 1024,
  requestsPerMinute: 1200,
  eventLoopDelayMs: 1000,
};

/**
 * `/mcp`, in a scope of its own: its hooks, parsers and error handler touch no other route. `/mcp/` is served as well
 * because the app ignores slashes at the end.
 */
export function mcpRoute({ endpoint, rules, door, limits = defaultMcpRouteLimits, ...outside }: McpRouteOptions) {
  const plugin: FastifyPluginAsync = async (app) => {
    app.addHook('onClose', () => endpoint.engine.close());
    app.decorateRequest('mcp', undefined);
    app.addHook('onResponse', (request, reply, done) => {
      outside.onEnd(request, reply, request.mcp ?? {});
      done();
    });

    // The order of the checks is that of what they cost and of what they give away: first who may talk to this server
    // at all, then whether it has time, then who it is, and only then what he wants.
    app.addHook(
      'onRequest',
      sourceCheck(rules, () => endpoint.engine.isFull),
    );
    await app.register(underPressure, { maxEventLoopDelay: limits.eventLoopDelayMs, retryAfter: 1 });
    await app.register(rateLimit, { global: false, max: limits.requestsPerMinute, timeWindow: 60_000 });

    // Also takes away the parser for text/plain, with which a foreign web page could post without a preflight.
    app.removeAllContentTypeParsers();
    const parse = app.getDefaultJsonParser('error', 'error');
    app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
      if (!isUtf8(body)) return done(new MalformedBody('the body is not UTF-8'));
      return parse(request, body.toString('utf8'), done);
    });
    app.setErrorHandler((error, request, reply) => {
      const { status, member } = describeError(error);
      if (status === 500) request.log.error({ err: error }, 'request failed');
      // Fastify takes the type away before it gets here.
      return reply.code(status).headers(baseHeaders).send(errorText(member));
    });

    app.route({
      url: contract.paths.mcp,
      method: [...app.supportedMethods],
      bodyLimit: limits.bodyBytes,
      onRequest: [
        ...(door ? [admittance(door)] : limits.requestsPerMinute > 0 ? [app.rateLimit()] : []),
        checkMediaTypes,
      ],
      handler: (request, reply) =>
        answer(request, reply, {
          endpoint,
          isStopping: outside.isStopping,
          onHangUp: () => outside.onEnd(request, reply, request.mcp ?? {}),
        }),
    });
  };
  return plugin;
}

type Done = () => void;

/** Host, origin, method, room: what needs neither a body nor to know who calls. */
function sourceCheck(rules: HostRules, isFull: () => boolean) {
  const isHost = hostCheck(rules);
  const isOrigin = originCheck(rules);
  const refusalOf = ({ method, headers }: FastifyRequest): Refusal | undefined => {
    const { host, origin } = headers;
    if (!isHost(host)) return { status: 403, message: 'Host is not a name of this server' };
    if (origin !== undefined && !isOrigin(origin)) return { status: 403, message: 'Origin is not allowed' };
    if (method === 'OPTIONS') return undefined;
    if (method !== 'POST') return methodNotAllowed;
    return isFull() ? { status: 503, message: 'Too many calls at once', headers: { 'retry-after': '1' } } : undefined;
  };
  return (request: FastifyRequest, reply: FastifyReply, done: Done): void => {
    request.mcp = {};
    reply.headers(baseHeaders).serializer(asItIs);
    const { origin } = request.headers;
    const refusal = refusalOf(request);
    if (refusal?.status === 403) {
      refuse(reply, refusal);
      return;
    }
    if (request.method === 'OPTIONS') {
      reply.code(204).headers(preflightHeaders(origin, request.headers['access-control-request-method'])).send();
      return;
    }
    if (origin !== undefined) reply.headers(corsHeaders(origin));
    if (refusal) refuse(reply, refusal);
    else done();
  };
}

const methodNotAllowed: Refusal = {
  status: 405,
  message: 'Method not allowed; this server takes POST only',
  headers: { allow: 'POST, OPTIONS' },
};

function admittance(door: FrontDoor) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const admission = await door.admit(request.headers.authorization);
    request.mcp ??= {};
    switch (admission.kind) {
      case 'admitted':
        request.mcp.caller = admission.caller;
        return;
      case 'challenged': {
        const { status, reason, wwwAuthenticate, body } = admission.challenge;
        request.mcp.refusal = reason;
        reply.code(status).header('www-authenticate', wwwAuthenticate).send(JSON.stringify(body));
        return;
      }
      case 'undecided':
        request.mcp.refusal = 'undecided';
        request.log.warn({ err: admission.cause }, 'keys of the authorization server are out of reach');
        refuse(reply, { status: 503, message: 'Cannot verify tokens at the moment', headers: { 'retry-after': '5' } });
    }
  };
}

function checkMediaTypes({ headers }: FastifyRequest, reply: FastifyReply, done: Done): void {
  if (!acceptanceOf(headers.accept)) {
    refuse(reply, { status: 406, message: 'Accept must name application/json or text/event-stream' });
  } else if (mediaType(headers['content-type'] ?? '') !== 'application/json') {
    refuse(reply, { status: 415, message: 'Content-Type must be application/json' });
  } else done();
}

const baseHeaders = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

/** Answers are text already; a serializer also keeps Fastify from adding a charset to the type. */
function asItIs(text: unknown): string {
  return String(text);
}
