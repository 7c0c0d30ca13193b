import { exchange } from '../../testing/exchanges/exchange';
import { recordedName } from '../../testing/exchanges/recorded';
import { cpuMs } from '../../testing/processes/process-usage';
import type { RunningServer } from '../../testing/processes/server';
import type { Contender } from '../measure/measure';
import { acceptedToken, figureName, type Variant } from './goals';
import { mcpCall, type Operation, operations, type ProvenRequest, refusedRequests, requests } from './requests';
import { firstHeaders, type LoadGenerator, type LoadRequest } from './wrk';

/** A request to a server, to be measured under load. */
export interface Scenario {
  readonly name: string;
  readonly server: RunningServer;
  readonly request: LoadRequest;
  /** Whether the expected status is 400 or more. @default - false */
  readonly refused?: boolean;
}

/** Puts a server under load for some seconds. The figures are per request. */
export function underLoad(
  { name, server, request, refused = false }: Scenario,
  seconds: number,
  load: LoadGenerator,
): Contender {
  return {
    name,
    run: async () => {
      const before = cpuMs(server.pid);
      const { requests, requestsPerSecond, latencyMs } = await load.run(server.url, request, seconds, !refused);
      return { wallMs: 1000 / requestsPerSecond, cpuMs: (cpuMs(server.pid) - before) / requests, latencyMs };
    },
  };
}

/** A route of the baseline server: its request, and the response of our worker. */
export interface BaselineRoute {
  readonly method: LoadRequest['method'];
  readonly path: string;
  readonly body: string;
}

/** The bare routes: for each operation, its own path and the response of our worker. */
export async function baselineRoutes(ours: RunningServer): Promise<readonly BaselineRoute[]> {
  const routes: BaselineRoute[] = [];
  for (const operation of operations) {
    const request = requests[operation];
    const body = await answerTo(ours, operation, request);
    routes.push({ method: request.method, path: baselinePath(operation), body });
  }
  return routes;
}

/**
 * The variants of one operation, after checking that each responds correctly.
 * @throws Error for a server with a wrong response
 */
export async function scenariosOf(
  operation: Operation,
  servers: Readonly<Record<Variant, RunningServer>>,
): Promise<readonly Scenario[]> {
  const scenario = (variant: Variant, request: ProvenRequest) => ({
    name: figureName(operation, variant),
    server: servers[variant],
    request,
  });
  const own = requests[operation];
  const scenarios = [scenario('baseline', { ...own, path: baselinePath(operation) }), scenario('ours', own)];
  if (operation === 'mcp 2025-11-25') {
    const session = { 'Mcp-Session-Id': await openSession(servers.python) };
    scenarios.push(scenario('python', mcpCall(`${recordedName}_Echo`, session)));
    for (const peer of ['McpServer', 'express', 'fastmcp'] as const)
      scenarios.push(scenario(peer, mcpCall('echo', {})));
  } else if (operation === 'health' || operation === 'tools' || operation === 'invoke') {
    scenarios.push(scenario('python', own));
  }
  for (const { server, request } of scenarios) await answerTo(server, operation, request);
  return scenarios;
}

/** Requests for the catalogue with a valid token, and with each token that must be rejected. */
export function tokenScenarios(server: RunningServer): readonly Scenario[] {
  const refused = Object.entries(refusedRequests).map(([name, request]) => ({ name, server, request, refused: true }));
  return [{ name: acceptedToken, server, request: requests.tools }, ...refused];
}

/** The path of an operation on the bare routes. */
export function baselinePath(operation: string): string {
  return `/${operation.replaceAll(' ', '-')}`;
}

/** The response to an operation. @throws Error when it is not the expected one */
export async function answerTo(server: RunningServer, operation: string, request: ProvenRequest): Promise<string> {
  const { status, body } = await exchange(server.url, {
    method: request.method,
    path: request.path,
    headers: firstHeaders(request),
    body: request.body === undefined ? undefined : Buffer.from(request.body),
  });
  const text = body.toString();
  // JSON inside an event stream is not escaped, so the proof matches there too.
  if (status === 200 && text.includes(request.proof)) return text;
  throw new Error(
    `${server.name} cannot be measured with ${operation}: it responded with ${status} ${text.slice(0, 300)}`,
  );
}

async function openSession({ url, name }: RunningServer): Promise<string> {
  const initialize = {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'bench', version: '1.0.0' },
  };
  const headers = { Accept: 'application/json, text/event-stream', 'Content-Type': 'application/json' };
  const post = (message: object, more: Readonly<Record<string, string>>) =>
    exchange(url, {
      method: 'POST',
      path: '/mcp',
      headers: { ...headers, ...more },
      body: Buffer.from(JSON.stringify(message)),
    });
  const opened = await post({ jsonrpc: '2.0', id: 1, method: 'initialize', params: initialize }, {});
  const session = opened.headers['mcp-session-id'];
  if (session === undefined) throw new Error(`${name} opened no MCP session: it responded with ${opened.status}`);
  await post({ jsonrpc: '2.0', method: 'notifications/initialized' }, { 'Mcp-Session-Id': session });
  return session;
}
