import { isUtf8 } from 'node:buffer';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { Catalog } from '../catalog/load';
import type { Config } from '../config/config';
import { contract } from '../contract';
import { isTooDeep, parsed } from '../json';
import { type McpParts, mcpDispatcher } from '../mcp/assemble';
import type { McpDispatcher } from '../mcp/dispatcher';
import { errorText } from '../mcp/protocol';
import { ResourceServer } from '../oauth/resource-server';
import type { Lifecycle } from '../telemetry/operations';
import { baseHeaders, type HostRules, hostRules, plainAddress, sourceCheck } from './hosts';
import { answer, checkMediaTypes } from './mcp-answer';
import { type McpTrace, requestLog } from './mcp-log';
import { describeError, MalformedBody } from './mcp-rejection';
import { Sessions } from './mcp-sessions';
import { requireToken } from './mcp-token';
import { wellKnownRoutes } from './well-known';

declare module 'fastify' {
  interface FastifyRequest {
    /** The log facts of a request to `/mcp`. Undefined elsewhere. */
    mcp: McpTrace | undefined;
  }
}

/** What `/mcp` needs from the rest of the server. */
export interface McpPluginOptions extends Pick<McpRouteOptions, 'isLate'> {
  readonly lifecycle: Lifecycle;
  /** Responds to an unknown path. */
  sendUnknown(request: FastifyRequest, reply: FastifyReply): FastifyReply;
}

/** The plugin for `/mcp` and, if callers must sign in, for the metadata that says where. */
export function mcpPlugin(
  config: Config,
  catalog: Catalog,
  { lifecycle, isLate, sendUnknown, ...parts }: McpParts & McpPluginOptions,
): FastifyPluginAsync {
  return async (app) => {
    const { allowedHosts = [], allowedOrigins = [], resourceServer: settings, requestsPerMinute } = config.mcp;
    const canonicalUrl = settings?.canonicalUrl;
    const rules = hostRules({ boundTo: config.host, canonicalUrl, allowedHosts, allowedOrigins });
    if (rules.hosts === undefined) parts.log.warn('Host is not checked on /mcp; set MCP_ALLOWED_HOSTS to check it');
    const dispatcher = mcpDispatcher(config, catalog, parts);
    const resourceServer = settings && new ResourceServer(settings);
    const metadata = resourceServer && { of: resourceServer, resourceName: catalog.serverName };
    wellKnownRoutes(app, metadata, sendUnknown);
    await app.register(
      mcpRoute({
        dispatcher,
        rules,
        resourceServer,
        requestsPerMinute,
        isLate,
        isStopping: () => lifecycle.isDraining,
        onEnd: requestLog(parts.log, parts.metrics, dispatcher),
      }),
    );
  };
}

/** The options of the `/mcp` route. */
export interface McpRouteOptions {
  readonly dispatcher: McpDispatcher;
  readonly rules: HostRules;
  /** Verifies access tokens. @default - the endpoint is open */
  readonly resourceServer?: ResourceServer | undefined;
  /** The longest body, in bytes. @default - the contract's */
  readonly bodyBytes?: number;
  /** The rate limit per client address on an open endpoint. 0 means no limit. */
  readonly requestsPerMinute: number;
  /** Whether the event loop lags too far behind to accept more requests. */
  isLate(): boolean;
  /** Whether the server is stopping: each connection then closes after its response. */
  isStopping(): boolean;
  /** Called at the end of every request. */
  onEnd(request: FastifyRequest, reply: FastifyReply, trace: McpTrace): void;
}

/**
 * The `/mcp` route in its own scope: its hooks, parsers and error handler affect no other route. `/mcp/` works too, because
 * the app ignores trailing slashes. Checks run cheapest and least revealing first: host and origin, load, identity, content.
 */
export function mcpRoute(options: McpRouteOptions): FastifyPluginAsync {
  const { dispatcher, rules, resourceServer, requestsPerMinute, bodyBytes = contract.bodyBytes, onEnd } = options;
  const sessions = new Sessions();
  return async (app) => {
    app.addHook('onClose', async () => dispatcher.close());
    let isClosing = false;
    app.addHook('preClose', async () => {
      isClosing = true;
      // Shutdown must not wait for people.
      dispatcher.cancelQuestions('The server is stopping');
    });
    app.decorateRequest('mcp', undefined);
    app.addHook('onResponse', (request, reply, done) => {
      onEnd(request, reply, request.mcp ?? {});
      done();
    });
    app.addHook(
      'onRequest',
      sourceCheck(rules, () => dispatcher.isFull || options.isLate(), app.log),
    );
    await app.register(rateLimit, {
      global: false,
      max: requestsPerMinute,
      timeWindow: 60_000,
      keyGenerator: ({ ip }) => plainAddress(ip),
      // No MCP client reads these three headers, so leave them out of responses within the limit.
      addHeadersOnExceeding: { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false },
    });
    parseBodies(app);
    app.setErrorHandler((error, request, reply) => {
      const { status, member, refusal } = describeError(error);
      if (refusal !== undefined && request.mcp) request.mcp.refusal = refusal;
      if (status === 500) request.log.error({ err: error, request_id: request.id }, 'request failed');
      // Fastify removes the content type before it calls the error handler.
      return reply.code(status).headers(baseHeaders).send(errorText(member));
    });
    const limit = requestsPerMinute > 0 ? [app.rateLimit()] : [];
    app.route({
      url: contract.paths.mcp,
      method: [...app.supportedMethods],
      bodyLimit: bodyBytes,
      onRequest: [...(resourceServer ? [requireToken(resourceServer, app.log)] : limit), checkMediaTypes],
      handler: (request, reply) =>
        answer(request, reply, {
          dispatcher,
          sessions,
          isStopping: options.isStopping,
          isClosing: () => isClosing,
          onHangUp: () => onEnd(request, reply, request.mcp ?? {}),
        }),
    });
  };
}

function parseBodies(app: FastifyInstance): void {
  // This also removes the text/plain parser, which would let foreign web pages post without a preflight.
  app.removeAllContentTypeParsers();
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (!isUtf8(body) || isTooDeep(body)) return done(new MalformedBody());
    const text = body.toString('utf8');
    if (mayChangePrototype(text)) {
      return parse(request, text, (error, value) =>
        done(error && parsed(text) !== undefined ? new MalformedBody(changesPrototype) : error, value),
      );
    }
    try {
      done(null, JSON.parse(text));
    } catch {
      done(new MalformedBody());
    }
  });
}

const changesPrototype = 'the body has a member "__proto__", or "prototype" in "constructor"; leave it out';

/**
 * Whether JSON might contain what Fastify's parser guards against: keys that change a prototype, possibly escaped, and
 * a byte order mark. That parser doubles the cost of parsing, so it runs only when needed.
 */
function mayChangePrototype(json: string): boolean {
  return dangerous.some((part) => json.includes(part));
}

const dangerous = ['__proto__', 'constructor', '\\u00', '\ufeff'];
