import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Catalog } from './catalog/load';
import type { Config } from './config/config';
import type { Trial } from './config/trial';
import { contract } from './contract';
import { atEndOfTurn, sendDetail } from './json';
import { WorkerError } from './routes/envelope';
import { mcpPlugin } from './routes/mcp';
import { pageRoute } from './routes/page';
import { workerPaths, workerRoutes } from './routes/worker';
import { callLog, toolLog } from './telemetry/call-log';
import type { Metrics } from './telemetry/metrics';
import type { Lifecycle } from './telemetry/operations';
import type { Tracing } from './telemetry/tracing';

/** The dependencies of an app besides its configuration and its tools. */
export interface AppParts {
  readonly log: FastifyBaseLogger;
  readonly metrics: Metrics;
  readonly lifecycle: Lifecycle;
  /** @default - no spans */
  readonly tracing?: Tracing | undefined;
  /** @default - anonymous callers cannot use tools with requirements */
  readonly trial?: Trial | undefined;
  /** Whether the event loop lags too far behind to accept more MCP requests. */
  isLate(): boolean;
}

/**
 * Longer than the 60 s after which nginx (1.15.3 and later) drops an idle connection. Otherwise nginx would occasionally
 * reuse a closed one.
 */
const keepAliveMs = 75_000;
const requestTimeoutMs = 60_000;

/** Builds the server. It is not listening yet. */
export function buildApp(config: Config, catalog: Catalog, parts: AppParts): FastifyInstance {
  const { log, metrics, lifecycle, tracing } = parts;
  const app = Fastify({
    loggerInstance: log,
    // A child logger per request costs as much as a health check. The few log lines add the request id themselves.
    childLoggerFactory: (logger) => logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestIds(),
    bodyLimit: contract.bodyBytes,
    keepAliveTimeout: keepAliveMs,
    requestTimeout: requestTimeoutMs,
    http: { headersTimeout: requestTimeoutMs },
    trustProxy: config.trustedHops > 0 && ((_address, hop) => hop < config.trustedHops),
    exposeHeadRoutes: false,
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true, onBadUrl: (_path, _request, response) => writeNotFound(response) },
    clientErrorHandler: refuseBadHttp,
  });
  app.addHook('onSend', (_request, reply, payload, done) => {
    // A client would lose its next call on a connection that stays open during shutdown.
    if (lifecycle.isDraining) reply.header('connection', 'close');
    done(null, payload);
  });
  ignoreBodies(app);
  const sendUnknown = unknownPath(config.engine === undefined ? new Map() : workerPaths(catalog), metrics);
  app.setErrorHandler((error, request, reply) =>
    // For an unsupported content type Fastify gets here before it reports an unknown route.
    request.routeOptions.url === undefined ? sendUnknown(request, reply) : sendError(error, request, reply, metrics),
  );
  app.setNotFoundHandler(sendUnknown);
  // If callers must sign in, the page would reveal the tools to everyone.
  if (config.mcp.resourceServer === undefined) pageRoute(app, catalog, sendUnknown);
  parts.trial?.addPage(app);
  if (config.engine !== undefined) {
    workerRoutes(app, {
      catalog,
      engine: config.engine,
      metrics,
      tracing,
      logCall: callLog(log, metrics, 'worker'),
      logToolLine: toolLog(log, 'worker'),
    });
  }
  app.register(mcpPlugin(config, catalog, { ...parts, sendUnknown }));
  return app;
}

/** Takes the request id from a proxy if its format is safe; otherwise numbers requests under a random prefix. */
function requestIds(): (request: { readonly headers: Readonly<Record<string, unknown>> }) => string {
  const prefix = randomBytes(4).toString('hex');
  let count = 0;
  return ({ headers }) => {
    const given = headers['x-request-id'];
    if (typeof given === 'string' && /^[\w.-]{1,64}$/.test(given)) return given;
    count += 1;
    return `${prefix}-${count}`;
  };
}

/** Unknown paths get 404 for any body, so bodies are not parsed by default. */
function ignoreBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
}

/** Responds to unknown paths with 404, and to other methods of known paths with 405. */
function unknownPath(known: ReadonlyMap<string, string>, { answers }: Metrics) {
  return ({ url }: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const [path = ''] = url.split('?', 1);
    const route = path.replace(/(?<=.)\/$/, '');
    const allowed = known.get(route);
    if (allowed === undefined) {
      answers.cell({ route: 'unknown', status: '404' }).count += 1;
      return sendDetail(reply, 404, 'Not Found');
    }
    answers.cell({ route, status: '405' }).count += 1;
    return sendDetail(reply.header('allow', allowed), 405, 'Method Not Allowed');
  };
}

function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply, metrics: Metrics): FastifyReply {
  const { status, detail } = answerFor(error);
  metrics.answers.cell({ route: request.routeOptions.url ?? 'unknown', status: String(status) }).count += 1;
  if (error instanceof WorkerError) {
    request.log.info(
      { code: error.code, status, reason: detail.slice(0, 200), request_id: request.id },
      'call refused',
    );
  }
  if (status < 500) return sendDetail(reply, status, detail);
  request.log.error({ err: error, request_id: request.id, path: request.url.split('?', 1)[0] }, 'request failed');
  return sendDetail(reply, status, `${detail}: ${request.id}`);
}

/** The response to an error. An unexpected error is a 500 without details. */
function answerFor(error: unknown): { readonly status: number; readonly detail: string } {
  if (error instanceof WorkerError) return { status: error.statusCode, detail: error.message };
  const status = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : undefined;
  if (status === 413) return { status, detail: `Cannot read the body: it is longer than ${contract.bodyBytes} bytes` };
  if (typeof status === 'number' && status >= 400 && status < 500) return { status, detail: 'Cannot read the request' };
  return { status: 500, detail: 'Internal Server Error' };
}

const notFound = JSON.stringify({ detail: 'Not Found' });

/** For a path that cannot be decoded, which Fastify reports outside its routes. */
function writeNotFound(response: ServerResponse): void {
  response.writeHead(404, { 'content-type': 'application/json' }).end(notFound);
}

/** Answers invalid HTTP and slow requests with a short response if possible, and closes the connection. */
function refuseBadHttp(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const [status, reason] = badHttp[error.code ?? ''] ?? [400, 'Bad Request'];
  const body = JSON.stringify({ detail: reason });
  const head = `HTTP/1.1 ${status} ${reason}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`;
  // Wait for the responses to earlier requests on this connection.
  atEndOfTurn(() => {
    if (socket.writable) socket.write(`${head}\r\nconnection: close\r\n\r\n${body}`);
    socket.destroy(error);
  });
}

const badHttp: Readonly<Record<string, readonly [status: number, reason: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
};
