import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { tokenVerifier } from '../auth/engine-token';
import { engineCannotAsk } from '../catalog/asking';
import type { ToolOutcome } from '../catalog/call';
import type { Channel } from '../catalog/context';
import type { Catalog } from '../catalog/load';
import type { EngineAccess } from '../config/config';
import { contract } from '../contract';
import { atEndOfTurn, constantJson, identityOnly, isEncoded, sendConstant, sendDetail, sendJson } from '../json';
import { aboutTool, type callLog, type LogToolLine, msSince } from '../telemetry/call-log';
import type { Metrics } from '../telemetry/metrics';
import { throttledLog } from '../telemetry/throttled-log';
import type { Tracing } from '../telemetry/tracing';
import { readEnvelope, WorkerError } from './envelope';
import { hostCheck, hostRules } from './hosts';
import { answerTo, runCall, toolOf } from './invoke';
import { addResources, forEngine } from './resources';

export interface WorkerRoutes {
  readonly catalog: Catalog;
  readonly engine: EngineAccess;
  readonly metrics: Metrics;
  readonly tracing: Tracing | undefined;
  readonly logCall: ReturnType<typeof callLog>;
  readonly logToolLine: LogToolLine;
}

const { health, tools, invoke, resourcesList, resourcesRead } = contract.paths;

/** The paths that the engine calls, with the method of each. */
export function workerPaths({ resources }: Catalog): ReadonlyMap<string, 'GET' | 'POST'> {
  const ofResources = [resourcesList, resourcesRead].map((path) => [path, 'POST'] as const);
  return new Map([
    [health, 'GET'],
    [tools, 'GET'],
    [invoke, 'POST'],
    ...(forEngine(resources).length === 0 ? [] : ofResources),
  ]);
}

/** The routes that the engine calls. Health is open; everything in the guarded scope requires a token. */
export function workerRoutes(app: FastifyInstance, parts: WorkerRoutes): void {
  addHealth(app, parts);
  app.register(async (guarded) => {
    guarded.addHook('onRequest', parts.engine.isOpen ? rejectBrowsers : guard(guarded, parts));
    addTools(guarded, parts);
    acceptAnyBody(guarded);
    addInvoke(guarded, parts);
    const shown = forEngine(parts.catalog.resources);
    if (shown.length > 0) addResources(guarded, shown, parts.metrics);
  });
}

function acceptAnyBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  // Fastify rejects unparsable content types, but the engine's content type must be ignored.
  app.addHook('onRequest', (request, _reply, done) => {
    request.headers['content-type'] = undefined;
    done();
  });
}

function addHealth(app: FastifyInstance, { catalog, metrics }: WorkerRoutes): void {
  // The count is a string because the engine parses a map of strings.
  const body = JSON.stringify({ status: 'ok', tool_count: String(catalog.tools.length) });
  const answered = metrics.answers.cell({ route: health, status: '200' });
  app.route({
    method: ['GET', 'HEAD'],
    url: health,
    handler(_request, reply) {
      answered.count += 1;
      atEndOfTurn(sendJson, reply, body);
    },
  });
}

function addTools(app: FastifyInstance, { catalog, metrics, tracing }: WorkerRoutes): void {
  const answered = metrics.answers.cell({ route: tools, status: '200' });
  const catalogue = constantJson(catalog.engineJson);
  app.get(tools, (request, reply) => {
    answered.count += 1;
    tracing?.catalogRequested(request.headers);
    atEndOfTurn(sendConstant, reply, catalogue);
  });
}

function addInvoke(app: FastifyInstance, { catalog, metrics, tracing, logCall, logToolLine }: WorkerRoutes): void {
  const answered = metrics.answers.cell({ route: invoke, status: '200' });
  app.post(invoke, (request, reply) => {
    const startedAt = performance.now();
    if (isEncoded(request.headers['content-encoding'])) {
      reply.headers(identityOnly);
      throw new WorkerError('BODY_ENCODED', 'Cannot read the body: it is compressed; send it uncompressed');
    }
    const envelope = readEnvelope(request.body);
    const tool = toolOf(catalog, envelope);
    const { execution_id: executionId, context } = envelope;
    const answer = (outcome: ToolOutcome) => {
      const durationMs = msSince(startedAt);
      logCall(tool, outcome, { requestId: request.id, executionId, userId: context?.user_id, durationMs });
      answered.count += 1;
      return answerTo(outcome, executionId ?? '', Date.now(), durationMs);
    };
    const channel = (): Channel => ({
      ask: engineCannotAsk,
      log: (line) => logToolLine(aboutTool(tool), line, request.id),
      trace: tracing?.fetch,
    });
    const start = () => runCall(tool, envelope, channel, startedAt);
    const outcome = metrics.inFlight.during(tracing ? tracing.call(tool, request.headers, start) : start());
    if (outcome instanceof Promise) return outcome.then((found) => sendJson(reply, answer(found)));
    atEndOfTurn(sendJson, reply, answer(outcome));
  });
}

const isThisMachine = hostCheck(hostRules({ boundTo: '127.0.0.1', allowedHosts: [], allowedOrigins: [] }));

/** Without tokens, rejects web pages in a local browser, including those that use DNS rebinding. */
function rejectBrowsers({ headers: { host, origin } }: FastifyRequest, reply: FastifyReply, done: () => void): void {
  if (origin === undefined && isThisMachine(host)) done();
  else sendDetail(reply, 403, 'Forbidden');
}

/** Accepts the engine and rejects every other caller before reading any body. */
function guard(app: FastifyInstance, { engine, metrics }: WorkerRoutes) {
  const verifyToken = tokenVerifier(engine);
  const viaPrevious = metrics.previousSecret.cell({});
  // The method identifies the route within this scope. Fastify's `routeOptions` would be slower.
  const refused = {
    POST: metrics.answers.cell({ route: invoke, status: '401' }),
    GET: metrics.answers.cell({ route: tools, status: '401' }),
  };
  const cellOf = ({ url, method }: FastifyRequest) => {
    const ofResources = [resourcesList, resourcesRead].find((route) => url.startsWith(route));
    if (ofResources !== undefined) return metrics.answers.cell({ route: ofResources, status: '401' });
    return refused[method === 'POST' ? 'POST' : 'GET'];
  };
  const logPrevious = throttledLog(({ times }) => app.log.info({ times }, 'token signed with the previous secret'));
  const logRefused = throttledLog(({ key, times }) => app.log.info({ reason: key, times }, 'token refused'));
  return (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
    const verdict = verifyToken(request.headers.authorization);
    if (verdict.ok) {
      if (verdict.usedPrevious) {
        viaPrevious.count += 1;
        logPrevious('');
      }
      done();
      return;
    }
    metrics.refusals.cell({ reason: verdict.reason }).count += 1;
    cellOf(request).count += 1;
    logRefused(verdict.reason);
    atEndOfTurn(sendJson, reply.code(401).header('www-authenticate', 'Bearer'), verdict.body);
  };
}
