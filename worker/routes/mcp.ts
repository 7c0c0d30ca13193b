import { isUtf8 } from 'node:buffer';
import rateLimit from '@fastify/rate-limit';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { contract } from '../contract';
import type { McpEndpoint } from '../mcp/endpoint';
import type { HostRules } from '../mcp/hosts';
import { errorText } from '../mcp/protocol';
import type { McpTrace } from '../mcp/trace';
import type { ResourceServer } from '../oauth/resource-server';
import { isTooDeep } from './depth';
import { answer } from './mcp-answer';
import { checkMediaTypes, requireToken, sourceCheck } from './mcp-guards';
import { baseHeaders, describeError, MalformedBody } from './mcp-refusal';

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
  /** Who may call. @default - everyone */
  readonly resourceServer?: ResourceServer | undefined;
  /** The longest body, in bytes. @default - the contract's */
  readonly bodyBytes?: number;
  /** How many requests one client address may make while the endpoint is open. 0: any number. */
  readonly requestsPerMinute: number;
  /** Whether the event loop runs too late to take more. */
  isLate(): boolean;
  /** True from the moment the server has begun to stop: connections end with their answers then. */
  isStopping(): boolean;
  /** Hears of every request when it has ended. */
  onEnd(request: FastifyRequest, reply: FastifyReply, trace: McpTrace): void;
}

/**
 * `/mcp`, in a scope of its own: its hooks, parsers and error handler touch no other route. `/mcp/` is served as well
 * because the app ignores slashes at the end.
 */
export function mcpRoute({ endpoint, rules, resourceServer, requestsPerMinute, ...outside }: McpRouteOptions) {
  const plugin: FastifyPluginAsync = async (app) => {
    app.addHook('onClose', () => endpoint.dispatcher.close());
    let isClosing = false;
    app.addHook('preClose', async () => {
      isClosing = true;
    });
    app.decorateRequest('mcp', undefined);
    app.addHook('onResponse', (request, reply, done) => {
      outside.onEnd(request, reply, request.mcp ?? {});
      done();
    });

    // The order of the checks is that of what they cost and of what they give away: first who may talk to this server
    // at all, then whether it has time, then who it is, and only then what he wants.
    const isOverloaded = () => endpoint.dispatcher.isFull || outside.isLate();
    app.addHook('onRequest', sourceCheck(rules, isOverloaded));
    await app.register(rateLimit, {
      global: false,
      max: requestsPerMinute,
      timeWindow: 60_000,
      // Three headers on every answer within the limit, which no client of MCP reads.
      addHeadersOnExceeding: { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false },
    });

    // Also takes away the parser for text/plain, with which a foreign web page could post without a preflight.
    app.removeAllContentTypeParsers();
    const parse = app.getDefaultJsonParser('error', 'error');
    app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
      if (!isUtf8(body) || isTooDeep(body)) return done(new MalformedBody());
      const text = body.toString('utf8');
      if (wantsCare(text)) return parse(request, text, done);
      try {
        done(null, JSON.parse(text));
      } catch {
        done(new MalformedBody());
      }
    });
    app.setErrorHandler((error, request, reply) => {
      const { status, member } = describeError(error);
      if (status === 500) request.log.error({ err: error, request_id: request.id }, 'request failed');
      // Fastify takes the type away before it gets here.
      return reply.code(status).headers(baseHeaders).send(errorText(member));
    });

    app.route({
      url: contract.paths.mcp,
      method: [...app.supportedMethods],
      bodyLimit: outside.bodyBytes ?? contract.bodyBytes,
      onRequest: [
        ...(resourceServer ? [requireToken(resourceServer, app.log)] : requestsPerMinute > 0 ? [app.rateLimit()] : []),
        checkMediaTypes,
      ],
      handler: (request, reply) =>
        answer(request, reply, {
          endpoint,
          isStopping: outside.isStopping,
          isClosing: () => isClosing,
          onHangUp: () => outside.onEnd(request, reply, request.mcp ?? {}),
        }),
    });
  };
  return plugin;
}

/**
 * Whether JSON may hold what Fastify's parser is for: keys that change a prototype, which escapes can spell, and a byte
 * order mark. That parser looks for them in a way that costs as much as reading.
 */
function wantsCare(json: string): boolean {
  return wantingCare.some((part) => json.includes(part));
}

const wantingCare = ['__proto__', 'constructor', '\\u00', '\ufeff'];
