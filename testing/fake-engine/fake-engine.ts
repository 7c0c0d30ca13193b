import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { z } from 'zod';
import { allowlistFrom } from '../../gitops/engine/allowlist';
import { reasonOf } from '../../gitops/http/http-client';
import { type Given, givenIn } from '../../worker/dev/given';
import { Execution, execute, matchesName } from './execution';
import { type Outbound, type OutboundOptions, outbound } from './outbound';
import { type LoadedTool, ToolLists } from './tool-list';
import { pageOf, shownWorker, WorkerChange, WorkerCreation, type WorkerRecord, WorkerTrial } from './worker-record';

/** How the fake engine behaves. */
export interface EngineOptions extends Omit<OutboundOptions, 'allowlist' | 'log'> {
  /** The key that callers of the API must send. */
  readonly apiKey: string;
  /** @default - a free port */
  readonly port?: number;
  /** Workers from the engine's configuration file, which are exempt from the guard. @default - none */
  readonly fileWorkers?: readonly FileWorker[];
  /** `ssrf_allowlist` of the engine's configuration file. @default - empty */
  readonly allowlist?: readonly string[];
  /** Secrets and user tokens for tools. @default - none */
  readonly given?: Given;
  /** How long a list of tools is cached, in milliseconds. @default - 2000 */
  readonly freshMs?: number;
  /** Receives each line for the operator. @default - lines are only added to `log` */
  readonly say?: (line: string) => void;
}

/** A worker from the engine's configuration file. */
interface FileWorker {
  readonly id: string;
  readonly uri: string;
  readonly secret: string;
  /** In seconds. @default - the dashboard's default */
  readonly timeout?: number;
  /** @default - the dashboard's default */
  readonly retry?: number;
}

/** A running fake engine. */
export interface Engine {
  readonly url: string;
  /** The engine's log. */
  readonly log: readonly string[];
  close(): Promise<void>;
}

/**
 * Starts a fake of a self-hosted Arcade engine on a loopback port: the `/v1/workers` API, the SSRF guard, tokens, retries,
 * limits, and `POST /v1/tools/execute`. Based on public documentation and observation (2026-06). What neither covers (which
 * responses are retried, when tools are loaded) is kept simple.
 * @throws Problem ENGINE-ALLOWLIST for an invalid entry, which stops a real engine too
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const log: string[] = [];
  const say = (line: string) => {
    log.push(line);
    options.say?.(line);
  };
  const out = outbound({ ...options, allowlist: allowlistFrom(options.allowlist ?? []), log: say });
  const state: State = { options, out, workers: new Map(), tools: new ToolLists(out, say, options.freshMs) };
  for (const { id, ...http } of options.fileWorkers ?? []) {
    state.workers.set(id, { ...WorkerCreation.parse({ id, http }), binding: 'static' });
  }
  const app = fastify({ forceCloseConnections: true });
  app.addHook('onRequest', async (request, reply) => {
    const [, key = request.headers.authorization] = /^Bearer (.*)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (key !== options.apiKey) return problem(reply, 401, 'unauthorized', 'the API key is missing or unknown');
  });
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof z.ZodError) {
      const [issue] = error.issues;
      return problem(reply, 400, 'bad_request', `${issue?.path.join('.')} ${issue?.message}`);
    }
    say(`defect: ${error instanceof Error ? error.stack : String(error)}`);
    return problem(reply, 500, 'internal', 'see the log');
  });
  addWorkers(app, state);
  addWorkerQueries(app, state);
  addTools(app, state);
  const url = await app.listen({ host: '127.0.0.1', port: options.port ?? 0 });
  return { url, log, close: () => app.close() };
}

interface State {
  readonly options: EngineOptions;
  readonly out: Outbound;
  readonly workers: Map<string, WorkerRecord>;
  readonly tools: ToolLists;
}

type WithId = { Params: { id: string } };

function addWorkers(app: FastifyInstance, { workers, tools }: State): void {
  app.post('/v1/workers', (request, reply) => {
    const { type, ...created } = WorkerCreation.parse(request.body);
    if (type === 'mcp') return problem(reply, 400, 'bad_request', 'this fake knows only workers of type http');
    if (workers.has(created.id)) return problem(reply, 409, 'conflict', `worker "${created.id}" exists`);
    const worker: WorkerRecord = { ...created, binding: 'project' };
    workers.set(worker.id, worker);
    return reply.code(201).send(shownWorker(worker));
  });
  app.get('/v1/workers', ({ query }) => pageOf([...workers.values()].map(shownWorker), query));
  app.get<WithId>('/v1/workers/:id', ({ params: { id } }, reply) => {
    const worker = workers.get(id);
    return worker === undefined ? unknown(reply, id) : shownWorker(worker);
  });
  app.patch<WithId>('/v1/workers/:id', ({ params: { id }, body }, reply) => {
    const worker = workers.get(id);
    if (worker === undefined) return unknown(reply, id);
    if (worker.binding === 'static') return problem(reply, 403, 'forbidden', 'this worker is set in the file');
    const { enabled = worker.enabled, http } = WorkerChange.parse(body);
    // Members missing from the body keep their value.
    const changed: WorkerRecord = {
      ...worker,
      enabled,
      http: WorkerCreation.shape.http.parse({ ...worker.http, ...http }),
    };
    workers.set(id, changed);
    tools.forget(id);
    return shownWorker(changed);
  });
  app.delete<WithId>('/v1/workers/:id', ({ params: { id } }, reply) => {
    if (workers.get(id)?.binding === 'static')
      return problem(reply, 403, 'forbidden', 'this worker is set in the file');
    tools.forget(id);
    return workers.delete(id) ? reply.code(204).send() : unknown(reply, id);
  });
}

function addWorkerQueries(app: FastifyInstance, { workers, tools, out }: State): void {
  app.post('/v1/workers/test', async ({ body }) => {
    const { http } = WorkerTrial.parse(body);
    return healthOf(out, http.uri, 5000);
  });
  app.get<WithId>('/v1/workers/:id/health', async ({ params: { id } }, reply) => {
    const worker = workers.get(id);
    if (worker === undefined) return unknown(reply, id);
    return { id, enabled: worker.enabled, ...(await healthOf(out, worker.http.uri, worker.http.timeout * 1000)) };
  });
  app.get<WithId>('/v1/workers/:id/tools', async ({ params: { id }, query }, reply) => {
    const worker = workers.get(id);
    return worker === undefined ? unknown(reply, id) : pageOf((await tools.of(worker)).map(shownTool), query);
  });
}

function addTools(app: FastifyInstance, { workers, tools, out, options }: State): void {
  const all = async () => {
    const lists = [...workers.values()].map(async (worker) => ({ worker, tools: await tools.of(worker) }));
    return (await Promise.all(lists)).flatMap(({ worker, tools }) => tools.map((tool) => ({ worker, tool })));
  };
  app.get('/v1/health', () => ({ healthy: true }));
  app.get('/v1/tools', async ({ query }) =>
    pageOf(
      (await all()).map(({ tool }) => shownTool(tool)),
      query,
    ),
  );
  app.post('/v1/tools/execute', async ({ body }, reply) => {
    const asked = Execution.parse(body);
    const found = (await all()).find(({ tool }) => matchesName(tool, asked.tool_name));
    if (found === undefined) return problem(reply, 404, 'tool_not_found', `no tool "${asked.tool_name}" is loaded`);
    return execute(found, asked, options.given ?? givenIn({}), out);
  });
}

/** Without the guard, which is why a worker at a private address is shown as healthy. */
async function healthOf(out: Outbound, uri: string, timeoutMs: number) {
  try {
    const { status } = await out.health(uri, timeoutMs);
    return status === 200 ? { healthy: true } : { healthy: false, message: `status ${status}` };
  } catch (error) {
    return { healthy: false, message: reasonOf(error) };
  }
}

/** Engines identify tools by name and version. */
function shownTool(tool: LoadedTool) {
  const { fully_qualified_name: name, toolkit } = tool;
  return { ...tool, qualified_name: name, fully_qualified_name: `${name}@${toolkit.version ?? '0.1.0'}` };
}

function unknown(reply: FastifyReply, id: string) {
  return problem(reply, 404, 'not_found', `worker "${id}" does not exist`);
}

function problem(reply: FastifyReply, status: number, name: string, message: string) {
  return reply.code(status).send({ name, message });
}
