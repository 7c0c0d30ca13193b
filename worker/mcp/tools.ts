import { call as callTool, type MaybePromise, maxResultBytes, type ToolOutcome, whenReady } from '../catalog/call';
import { contentJson } from '../catalog/content';
import { CallContext, type CallDetails, type Lookup } from '../catalog/context';
import type { Catalog } from '../catalog/load';
import { isSentWhole } from '../catalog/mcp-entry';
import { timeLimitOf } from '../catalog/time-limit';
import type { Tool } from '../catalog/tool';
import { isObject } from '../json';
import { msSince } from '../telemetry/call-log';
import { answersOf, channelOf, inputRequired, refuseUnasked, setLogLevel } from './asking-calls';
import type { McpChannel } from './channel';
import { constantResult, WrittenResult } from './eras';
import { failedCall } from './failed-call';
import { codes, failedResult, type Members, RpcError } from './protocol';
import { ownersTrial, refusalOf } from './refusal';
import type { McpCall, McpMethod, McpResult, McpService } from './service';
import type { ToolDependencies } from './tool-dependencies';

/** The longest result text, in UTF-8 bytes. The JSON is already bounded; the text form adds spaces. */
export const maxTextBytes = 2 * maxResultBytes;

/** A catalogue's tools as an MCP service. */
export function toolService(catalog: Catalog, dependencies: ToolDependencies): McpService {
  const { serverName, toolkit, mcpTools } = catalog;
  const list = constantResult({ tools: mcpTools.map(({ mcp }) => mcp) });
  const sentWhole = new Set(mcpTools.filter(({ output }) => output === undefined || isSentWhole(output)));
  // Since 2026-07-28 each call carries its own log level.
  const capabilities = mcpTools.some(({ definition }) => definition.logs) ? { tools: {}, logging: {} } : { tools: {} };
  return {
    info: { name: serverName, version: toolkit.version, title: serverName },
    instructions: dependencies.instructions,
    capabilities,
    methods: new Map<string, McpMethod>([
      ['tools/list', () => list],
      ['tools/call', (call) => answerCall(catalog, sentWhole, dependencies, call)],
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
  dependencies: ToolDependencies,
  call: McpCall,
): MaybePromise<McpResult> {
  const name = String(call.params.name);
  const tool = catalog.findMcp(name);
  if (tool === undefined) throw new RpcError(codes.invalidParams, `Unknown tool: ${name}`);
  const refusal = tool.needsCredentials ? refusalOf(tool, call, dependencies) : undefined;
  if (refusal) return refusal;
  const { tracing, logCall, inFlight, maxTextBytes } = dependencies;
  const userId = userIdOf(call, dependencies);
  const answers = call.params.requestState === undefined ? undefined : answersOf(tool, dependencies, call);
  let channel: McpChannel | undefined;
  const startedAt = performance.now();
  const openReach = () => {
    channel = channelOf(tool, answers, dependencies, call);
    return channel;
  };
  const context = contextOf(tool, userId, dependencies, call, openReach, startedAt);
  const run = () => callTool(tool.overMcp, call.params.arguments ?? {}, context);
  const running = tracing ? tracing.call(tool, traceHeaders(call), run) : run();
  if (running instanceof Promise) inFlight.during(running, (listener) => call.onEnd?.(listener));
  return whenReady(running, (outcome) => {
    const { requestId } = call.from;
    // Only a failure logs a user id, so an anonymous caller's is generated only then.
    logCall(tool, outcome, { requestId, userId: outcome.ok ? null : userId(), durationMs: msSince(startedAt) });
    if (outcome.ok && channel?.isPaused) return inputRequired(channel, tool, dependencies, call);
    if (outcome.ok) return succeeded(tool, outcome, sentWhole.has(tool), maxTextBytes, call);
    if (call.era === 'modern') refuseUnasked(outcome.cause);
    const { text, result } = failedCall(outcome.failure);
    return withinSize(text, maxTextBytes, result);
  });
}

/** The trace headers of a call: from the message's `_meta` (2026-07-28), or else from the HTTP request. */
function traceHeaders({ params: { _meta: meta }, from: { headers } }: McpCall) {
  if (!isObject(meta) || typeof meta.traceparent !== 'string') return headers;
  const { traceparent, tracestate, baggage } = meta;
  return {
    traceparent,
    ...(typeof tracestate === 'string' ? { tracestate } : {}),
    ...(typeof baggage === 'string' ? { baggage } : {}),
  };
}

/** The context of a tool call or a resource read. */
export function contextOf(
  {
    definition,
    needsCredentials,
  }: {
    readonly definition: Pick<Tool['definition'], 'requires' | 'timeoutSeconds'>;
    readonly needsCredentials: boolean;
  },
  userId: () => string,
  dependencies: ToolDependencies,
  call: McpCall,
  channel: CallDetails['channel'],
  startedAt?: number,
): CallContext {
  const { requires = {} } = definition;
  const trial = needsCredentials ? ownersTrial(call, dependencies) : undefined;
  const token = progressTokenOf(call.params);
  return new CallContext({
    // Not an accessor: V8 creates a hidden class for each object literal with one, and it retains the whole call until
    // the next full garbage collection (Node 24.21).
    userId,
    secrets: requires.secrets && secretsFor(requires.secrets, trial?.secretOf ?? dependencies.secretOf),
    token: trial?.tokenOf(requires),
    signal: () => call.signal,
    channel,
    startedAt,
    timeoutSeconds: definition.timeoutSeconds,
    ...(token === undefined
      ? {}
      : {
          progress: (progress: number, total?: number, message?: string) => {
            // JSON turns NaN and infinity into null, and clients reject progress without a number.
            if (!Number.isFinite(progress)) return;
            const known = Number.isFinite(total) ? total : undefined;
            call.notify('notifications/progress', { progressToken: token, progress, total: known, message });
          },
        }),
  });
}

/** The caller's user id. An anonymous one is generated on first use and stays the same for the call. */
export function userIdOf({ from: { caller } }: McpCall, { anonymousUser }: ToolDependencies): () => string {
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

function secretsFor(keys: readonly string[], secretOf: ToolDependencies['secretOf']): Lookup['entries'] {
  return keys.flatMap((key) => {
    const value = secretOf(key);
    return value === undefined ? [] : [{ key, value }];
  });
}

/** Serialises the result here, so that the dispatcher does not traverse the value a second time. */
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
  // An empty string represents null. Clients validate against the schema, which may not allow a string.
  const result = value === '' && output?.shape.kind !== 'string' ? 'null' : json;
  const structured = isWhole ? json : `{"result":${result}}`;
  const more = content === undefined ? '' : contentJson(content, revision);
  const members = `"content":[{"type":"text","text":${textJson}}${more}],"structuredContent":${structured},"isError":false`;
  return withinSize(text, maxBytes, new WrittenResult(members, false));
}

/** The result, or a failed one if its text is too long for clients. */
function withinSize(text: string, maxBytes: number, result: McpResult): McpResult {
  const bytes = Buffer.byteLength(text);
  if (bytes <= maxBytes) return result;
  return failedResult(`the result has ${bytes} bytes of text, the limit is ${maxBytes}; request less data per call`);
}

/** JSON with a space after each `,` and `:`, as Python writes it (arcade-mcp-server 1.26.0). */
function spacedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spacedJson).join(', ')}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}: ${spacedJson(member)}`).join(', ')}}`;
}
