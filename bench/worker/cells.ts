import { exchange } from '../../testing/exchanges/exchange';
import type { RunningServer } from '../../testing/processes/server-process';
import { mcpCall, type Operation, operations, type ProvenRequest, refusedRequests, requests } from './requests';
import type { Cell } from './rounds';
import type { Variant } from './targets';
import { firstHeaders, type LoadRequest } from './wrk';

/** One variant at one operation. */
export interface MeasuredCell extends Cell {
  readonly request: ProvenRequest;
  readonly operation: Operation;
  readonly variant: Variant;
}

/** One route of the floor: what it is asked for, and the bytes that our worker answered. */
export interface FloorRoute {
  readonly method: LoadRequest['method'];
  readonly path: string;
  readonly body: string;
}

/** The bare routes: each answers what our worker answers, under a path of its own. */
export async function floorRoutes(ours: RunningServer): Promise<readonly FloorRoute[]> {
  const routes: FloorRoute[] = [];
  for (const operation of operations) {
    const request = requests[operation];
    const body = await answerTo(ours, operation, request);
    routes.push({ method: request.method, path: floorPath(operation), body });
  }
  return routes;
}

/**
 * Every variant of one operation that is to be compared, each checked to answer rightly.
 * @throws Error for a server that answers something else than what it is measured for
 */
export async function cellsOf(
  operation: Operation,
  servers: Readonly<Record<Variant, RunningServer>>,
): Promise<readonly MeasuredCell[]> {
  const cell = (variant: Variant, request: ProvenRequest): MeasuredCell => ({
    name: `${operation}, ${variant}`,
    operation,
    variant,
    server: servers[variant],
    request,
  });
  const own = requests[operation];
  const cells = [cell('floor', { ...own, path: floorPath(operation) }), cell('ours', own)];
  if (operation === 'mcp 2025-11-25') {
    const session = { 'Mcp-Session-Id': await openSession(servers.python) };
    cells.push(cell('python', mcpCall('ArcadeEvalRef_Echo', session)));
    for (const peer of ['McpServer', 'express', 'fastmcp'] as const) cells.push(cell(peer, mcpCall('echo', {})));
  } else if (operation === 'health' || operation === 'tools' || operation === 'invoke') {
    cells.push(cell('python', own));
  }
  for (const { server, request } of cells) await answerTo(server, operation, request);
  return cells;
}

/** The catalogue asked for with a good token, and with each that must be refused. */
export function tokenCells(server: RunningServer): readonly [accepted: Cell, ...refused: Cell[]] {
  const refused = Object.entries(refusedRequests).map(([name, request]) => ({ name, server, request, refused: true }));
  return [{ name: 'accepted', server, request: requests.tools }, ...refused];
}

function floorPath(operation: Operation): string {
  return `/${operation.replaceAll(' ', '-')}`;
}

async function answerTo(server: RunningServer, operation: Operation, request: ProvenRequest): Promise<string> {
  const { status, body } = await exchange(server.url, {
    method: request.method,
    path: request.path,
    headers: firstHeaders(request),
    body: request.body === undefined ? undefined : Buffer.from(request.body),
  });
  const text = body.toString();
  // A body inside JSON text, as in an event stream, has its quotes as they are.
  if (status === 200 && text.includes(request.proof)) return text;
  throw new Error(`${server.name} cannot be measured at ${operation}: it answered ${status} ${text.slice(0, 300)}`);
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
  if (session === undefined) throw new Error(`${name} opened no MCP session: it answered ${opened.status}`);
  await post({ jsonrpc: '2.0', method: 'notifications/initialized' }, { 'Mcp-Session-Id': session });
  return session;
}
