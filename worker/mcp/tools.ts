import { call as callTool, type MaybePromise, maxResultBytes, type ToolOutcome, whenReady } from '../catalog/call';
import { contentJson } from '../catalog/content';
import type { Catalog } from '../catalog/load';
import { isSentWhole } from '../catalog/mcp-entry';
import { timeLimitOf } from '../catalog/time-limit';
import type { Tool } from '../catalog/tool';
import { isObject } from '../json';
import { type callLog, type LogSaid, msSince } from '../telemetry/call-log';
import type { Tracing } from '../telemetry/tracing';
import { answersOf, inputRequired, reachOf, refuseUnasked } from './asking-calls';
import { contextOf, userIdOf } from './call-context';
import { constantResult, WrittenResult } from './eras';
import { failedCall } from './failed-call';
import { codes, failedResult, RpcError } from './protocol';
import type { McpReach } from './reach';
import { refusalOf, type Spending } from './refusal';
import type { RequestStates } from './request-state';
import type { McpCall, McpMethod, McpResult, McpService } from './service';

/** What the tools of an MCP endpoint need besides the catalogue. */
export interface ToolSurroundings extends Spending {
  /** What the server is for, for clients. */
  readonly instructions: string;
  /** How much text a tool may answer with, in bytes of UTF-8. */
  readonly maxTextBytes: number;
  /** Makes a user id for a call without a token. Called for each such call. */
  anonymousUser(): string;
  /** The server's own secrets, for tools that declare them. Only callers with a verified token may spend them. */
  secretOf(key: string): string | undefined;
  /** Hears of every call that has ended. */
  readonly logCall: ReturnType<typeof callLog>;
  /** Hears of what tools say meanwhile. */
  readonly logSaid: LogSaid;
  /** Signs what a call leaves with its client when it ends in questions. */
  readonly states: RequestStates;
  /** @default - no spans */
  readonly tracing?: Tracing | undefined;
}

/** The longest text in the product, in bytes of UTF-8. A result has been measured before; as text it gets spaces. */
export const maxTextBytes = 2 * maxResultBytes;

/** The tools of a catalogue as an MCP service. */
export function toolService(catalog: Catalog, surroundings: ToolSurroundings): McpService {
  const { serverName, toolkit, mcpTools } = catalog;
  const list = constantResult({ tools: mcpTools.map(({ mcp }) => mcp) });
  const sentWhole = new Set(mcpTools.filter(({ output }) => output === undefined || isSentWhole(output)));
  return {
    info: { name: serverName, version: toolkit.version, title: serverName },
    instructions: surroundings.instructions,
    capabilities: { tools: {} },
    methods: new Map<string, McpMethod>([
      ['tools/list', () => list],
      ['tools/call', (call) => answerCall(catalog, sentWhole, surroundings, call)],
    ]),
    modern: { capabilities: { tools: {} }, methods: new Set(['tools/list', 'tools/call']) },
    toolFields: { toolkit_name: toolkit.name, toolkit_version: toolkit.version },
    timeLimitOf({ method, params }) {
      const tool = method === 'tools/call' ? catalog.findMcp(String(params.name)) : undefined;
      return tool && timeLimitOf(tool.definition);
    },
    toolNamed: (name) => catalog.findMcp(name)?.wireName,
  };
}

function answerCall(
  catalog: Catalog,
  sentWhole: ReadonlySet<Tool>,
  surroundings: ToolSurroundings,
  call: McpCall,
): MaybePromise<McpResult> {
  const name = String(call.params.name);
  const tool = catalog.findMcp(name);
  if (tool === undefined) throw new RpcError(codes.invalidParams, `Unknown tool: ${name}`);
  const refusal = tool.hasNeeds ? refusalOf(tool, call, surroundings) : undefined;
  if (refusal) return refusal;
  const { tracing, logCall, maxTextBytes } = surroundings;
  const userId = userIdOf(call, surroundings);
  const answers = answersOf(tool, surroundings, call);
  let reach: McpReach | undefined;
  const startedAt = performance.now();
  const reached = () => {
    reach = reachOf(tool, answers, surroundings, call);
    return reach;
  };
  const context = contextOf(tool, userId, surroundings, call, reached, startedAt);
  const run = () => callTool(tool.overMcp, call.params.arguments ?? {}, context);
  return whenReady(tracing ? tracing.call(tool, traceHeaders(call), run) : run(), (outcome) => {
    const { requestId } = call.from;
    // A failure is logged with a user id, which is made up for an anonymous caller only then.
    logCall(tool, outcome, { requestId, userId: outcome.ok ? null : userId(), durationMs: msSince(startedAt) });
    if (outcome.ok && reach?.isPaused) return inputRequired(reach, tool, surroundings, call);
    if (outcome.ok) return succeeded(tool, outcome, sentWhole.has(tool), maxTextBytes, call);
    refuseUnasked(outcome.cause, call);
    const { text, result } = failedCall(outcome.failure);
    return withinSize(text, maxTextBytes, result);
  });
}

/** The headers of the trace a call belongs to: those of the message (2026-07-28), or else those of the request. */
function traceHeaders({ params: { _meta: meta }, from: { headers } }: McpCall) {
  if (!isObject(meta) || typeof meta.traceparent !== 'string') return headers;
  const { traceparent, tracestate, baggage } = meta;
  return {
    traceparent,
    ...(typeof tracestate === 'string' ? { tracestate } : {}),
    ...(typeof baggage === 'string' ? { baggage } : {}),
  };
}

/** Written here, and its value once: the dispatcher would look through it again. */
function succeeded(
  { output }: Tool,
  { value, json = JSON.stringify(value), content }: ToolOutcome & { ok: true },
  isWhole: boolean,
  maxBytes: number,
  { revision }: McpCall,
): McpResult {
  const isText = typeof value === 'string';
  const text = isText ? value : spacedJson(value);
  const textJson = isText ? json : JSON.stringify(text);
  // Empty text stands for null, and clients validate the result against the schema, which may not allow text.
  const result = value === '' && output?.shape.kind !== 'string' ? 'null' : json;
  const structured = isWhole ? json : `{"result":${result}}`;
  const more = content === undefined ? '' : contentJson(content, revision);
  const members = `"content":[{"type":"text","text":${textJson}}${more}],"structuredContent":${structured},"isError":false`;
  return withinSize(text, maxBytes, new WrittenResult(members, false));
}

/** The result of a tool, or a failed one in its place when it has more text than a client should have to read. */
function withinSize(text: string, maxBytes: number, result: McpResult): McpResult {
  const bytes = Buffer.byteLength(text);
  if (bytes <= maxBytes) return result;
  return failedResult(`the result has ${bytes} bytes of text, more than ${maxBytes}; ask for less at once`);
}

/** JSON with a space after each `,` and `:`, as Python writes it (arcade-mcp-server 1.26.0). */
function spacedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spacedJson).join(', ')}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}: ${spacedJson(member)}`).join(', ')}}`;
}
