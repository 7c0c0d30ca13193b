import { call as callTool, type MaybePromise, maxResultBytes, type ToolOutcome, whenReady } from '../catalog/call';
import { contentJson } from '../catalog/content';
import { CallContext, type CallDetails, type Lookup } from '../catalog/context';
import type { Catalog } from '../catalog/load';
import { isSentWhole } from '../catalog/mcp-entry';
import { timeLimitOf } from '../catalog/time-limit';
import type { Tool } from '../catalog/tool';
import { isObject } from '../json';
import { msSince } from '../telemetry/call-log';
import { answersOf, inputRequired, reachOf, refuseUnasked, setLogLevel } from './asking-calls';
import { constantResult, WrittenResult } from './eras';
import { failedCall } from './failed-call';
import { codes, failedResult, type Members, RpcError } from './protocol';
import type { McpReach } from './reach';
import { ownersTrial, refusalOf } from './refusal';
import type { McpCall, McpMethod, McpResult, McpService } from './service';
import type { ToolSurroundings } from './surroundings';

/** The longest text in the product, in bytes of UTF-8. A result has been measured before; as text it gets spaces. */
export const maxTextBytes = 2 * maxResultBytes;

/** The tools of a catalogue as an MCP service. */
export function toolService(catalog: Catalog, surroundings: ToolSurroundings): McpService {
  const { serverName, toolkit, mcpTools } = catalog;
  const list = constantResult({ tools: mcpTools.map(({ mcp }) => mcp) });
  const sentWhole = new Set(mcpTools.filter(({ output }) => output === undefined || isSentWhole(output)));
  // Of 2026-07-28 each call says by itself what it wants to hear.
  const capabilities = mcpTools.some(({ definition }) => definition.logs) ? { tools: {}, logging: {} } : { tools: {} };
  return {
    info: { name: serverName, version: toolkit.version, title: serverName },
    instructions: surroundings.instructions,
    capabilities,
    methods: new Map<string, McpMethod>([
      ['tools/list', () => list],
      ['tools/call', (call) => answerCall(catalog, sentWhole, surroundings, call)],
      ...('logging' in capabilities ? ([['logging/setLevel', setLogLevel]] as const) : []),
    ]),
    modern: { capabilities, methods: new Set(['tools/list', 'tools/call']) },
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
  const { tracing, logCall, inFlight, maxTextBytes } = surroundings;
  const userId = userIdOf(call, surroundings);
  const answers = call.params.requestState === undefined ? undefined : answersOf(tool, surroundings, call);
  let reach: McpReach | undefined;
  const startedAt = performance.now();
  const reached = () => {
    reach = reachOf(tool, answers, surroundings, call);
    return reach;
  };
  const context = contextOf(tool, userId, surroundings, call, reached, startedAt);
  const run = () => callTool(tool.overMcp, call.params.arguments ?? {}, context);
  const running = tracing ? tracing.call(tool, traceHeaders(call), run) : run();
  if (running instanceof Promise) inFlight.during(running, (hear) => call.onEnd?.(hear));
  return whenReady(running, (outcome) => {
    const { requestId } = call.from;
    // A failure is logged with a user id, which is made up for an anonymous caller only then.
    logCall(tool, outcome, { requestId, userId: outcome.ok ? null : userId(), durationMs: msSince(startedAt) });
    if (outcome.ok && reach?.isPaused) return inputRequired(reach, tool, surroundings, call);
    if (outcome.ok) return succeeded(tool, outcome, sentWhole.has(tool), maxTextBytes, call);
    if (call.era === 'modern') refuseUnasked(outcome.cause);
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

/** What the function of a tool or a resource may know of its call. */
export function contextOf(
  {
    definition,
    hasNeeds,
  }: { readonly definition: Pick<Tool['definition'], 'requires' | 'timeoutSeconds'>; readonly hasNeeds: boolean },
  userId: () => string,
  surroundings: ToolSurroundings,
  call: McpCall,
  reach: CallDetails['reach'],
  startedAt?: number,
): CallContext {
  const { requires = {} } = definition;
  const trial = hasNeeds ? ownersTrial(call, surroundings) : undefined;
  const token = progressTokenOf(call.params);
  return new CallContext({
    // Not an accessor: V8 makes a hidden class for each object literal that has one, which holds on to the whole call until
    // the next full collection (Node 24.21).
    userId,
    secrets: requires.secrets && secretsFor(requires.secrets, trial?.secretOf ?? surroundings.secretOf),
    token: trial?.tokenOf(requires),
    signal: () => call.signal,
    reach,
    startedAt,
    timeoutSeconds: definition.timeoutSeconds,
    ...(token === undefined
      ? {}
      : {
          progress: (progress: number, total?: number, message?: string) => {
            // JSON would make them null, and clients refuse a report without a number.
            if (!Number.isFinite(progress)) return;
            const known = Number.isFinite(total) ? total : undefined;
            call.notify('notifications/progress', { progressToken: token, progress, total: known, message });
          },
        }),
  });
}

/** Who calls. An anonymous user id is made only when it is asked for, and stays the same for the call. */
export function userIdOf({ from: { caller } }: McpCall, { anonymousUser }: ToolSurroundings): () => string {
  let userId = caller?.userId;
  return () => {
    userId ??= anonymousUser();
    return userId;
  };
}

function progressTokenOf({ _meta }: Members): string | number | undefined {
  const token = isObject(_meta) ? _meta.progressToken : undefined;
  return typeof token === 'string' || typeof token === 'number' ? token : undefined;
}

function secretsFor(keys: readonly string[], secretOf: ToolSurroundings['secretOf']): Lookup['entries'] {
  return keys.flatMap((key) => {
    const value = secretOf(key);
    return value === undefined ? [] : [{ key, value }];
  });
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
