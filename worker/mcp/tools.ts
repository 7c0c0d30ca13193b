import { call as callTool, type Failure, type MaybePromise, type ToolOutcome, whenReady } from '../catalog/call';
import { CallContext, type Lookup } from '../catalog/context';
import type { Catalog } from '../catalog/load';
import { isSentWhole } from '../catalog/mcp-entry';
import { timeLimitOf } from '../catalog/time-limit';
import type { Tool } from '../catalog/tool';
import type { Trial } from '../config/trial';
import { isObject } from '../json';
import { codes, type Members, RpcError } from './protocol';
import { constantResult, failedResult } from './response';
import type { McpCall, McpMethod, McpResult, McpService } from './service';

/** What the tools of an MCP endpoint need besides the catalogue. */
export interface ToolSurroundings {
  /** What the server is for, for clients. */
  readonly instructions: string;
  /** Whether the caller has started this process, and so may spend what it was given. */
  readonly isLocal: boolean;
  /** What the person at this machine lets tools spend while they are tried. @default - nothing */
  readonly trial?: Trial | undefined;
  /** Makes a user id for a call without a token. Called for each such call. */
  anonymousUser(): string;
  /** The server's own secrets, for tools that declare them. Only callers with a verified token may spend them. */
  secretOf(key: string): string | undefined;
  /** Runs a call of a tool, and sees how it ends. */
  around(
    tool: Tool,
    call: McpCall,
    userId: () => string,
    run: () => MaybePromise<ToolOutcome>,
  ): MaybePromise<ToolOutcome>;
}

/** The tools of a catalogue as an MCP service. */
export function toolService(catalog: Catalog, surroundings: ToolSurroundings): McpService {
  const { serverName, toolkit, mcpTools } = catalog;
  const list = constantResult({ tools: mcpTools.map(({ mcp }) => mcp) });
  return {
    info: { name: serverName, version: toolkit.version, title: serverName },
    instructions: surroundings.instructions,
    capabilities: { tools: {} },
    methods: new Map<string, McpMethod>([
      ['tools/list', () => list],
      ['tools/call', (call) => answerCall(catalog, surroundings, call)],
    ]),
    modern: { capabilities: { tools: {} }, methods: new Set(['tools/list', 'tools/call']) },
    toolFields: { toolkit_name: toolkit.name, toolkit_version: toolkit.version },
    toolTimeMs: (name) => {
      const tool = catalog.findMcp(name);
      // The tool's own limit comes first, and its failure says what it is.
      return tool && timeLimitOf(tool.definition) + 1000;
    },
    toolNamed: (name) => catalog.findMcp(name)?.wireName,
  };
}

function answerCall(catalog: Catalog, surroundings: ToolSurroundings, call: McpCall): MaybePromise<McpResult> {
  const name = String(call.params.name);
  const tool = catalog.findMcp(name);
  if (tool === undefined) throw new RpcError(codes.invalidParams, `Unknown tool: ${name}`);
  const refusal = refusalOf(tool, call, surroundings);
  if (refusal) return refusal;
  const userId = userIdOf(call, surroundings);
  const context = contextOf(tool, userId, surroundings, call);
  const run = () => callTool(tool, call.params.arguments ?? {}, context);
  return whenReady(surroundings.around(tool, call, userId, run), (outcome) =>
    outcome.ok ? succeeded(tool, outcome.value) : failed(outcome.failure),
  );
}

/** Anonymous callers must not spend the server's secrets, and an OAuth token comes only with a call of the engine. */
function refusalOf(
  { mcpName, hasNeeds, definition }: Tool,
  call: McpCall,
  surroundings: ToolSurroundings,
): McpResult | undefined {
  if (!hasNeeds) return undefined;
  const { caller } = call.from;
  const { isLocal } = surroundings;
  const missing = ownersTrial(call, surroundings)?.missingFor(definition.requires ?? {});
  if (missing?.length === 0) return undefined;
  if (missing) {
    const set = missing.map((name) => `${name}=…`).join(' ');
    return refused(
      mcpName,
      `it is not given what it requires; start it with ${set} npm run dev`,
      `to start it with ${set}`,
    );
  }
  const needsToken = definition.requires?.authorization !== undefined;
  if ((caller || isLocal) && !needsToken) return undefined;
  const [why, hint] = needsToken
    ? ['it acts for a person who has to sign in to another service, which only the engine can arrange', 'the engine']
    : [
        'it spends secrets of this server, and callers of this endpoint are not identified',
        'an authenticated endpoint',
      ];
  return refused(mcpName, why, `to call "${mcpName}" through ${hint}`);
}

function refused(mcpName: string, why: string, whatToDo: string): McpResult {
  return {
    content: [
      { type: 'text', text: `Cannot call "${mcpName}" here: ${why}` },
      { type: 'text', text: JSON.stringify({ llm_hint: `Do not retry. Tell the user ${whatToDo}.` }) },
    ],
    isError: true,
  };
}

/** What the caller may spend, when it is the person at this machine. */
function ownersTrial({ from: { headers } }: McpCall, { trial }: ToolSurroundings): Trial | undefined {
  return trial?.isOwner(headers) ? trial : undefined;
}

function contextOf(
  { definition }: Tool,
  userId: () => string,
  surroundings: ToolSurroundings,
  call: McpCall,
): CallContext {
  const { requires = {} } = definition;
  const trial = ownersTrial(call, surroundings);
  const token = progressTokenOf(call.params);
  return new CallContext({
    // Not an accessor: V8 makes a hidden class for each object literal that has one, which holds on to the whole call until
    // the next full collection (Node 24.21).
    userId,
    secrets: requires.secrets && secretsFor(requires.secrets, trial?.secretOf ?? surroundings.secretOf),
    token: trial?.tokenOf(requires),
    signal: call.signal,
    ...(token === undefined
      ? {}
      : {
          progress: (progress: number, total?: number, message?: string) => {
            void call.notify('notifications/progress', { progressToken: token, progress, total, message });
          },
        }),
  });
}

/** Who calls. An anonymous user id is made only when it is asked for, and stays the same for the call. */
function userIdOf({ from: { caller } }: McpCall, { anonymousUser }: ToolSurroundings): () => string {
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

function succeeded({ output }: Tool, value: unknown): McpResult {
  const isWhole = output === undefined || isSentWhole(output);
  // Empty text stands for null, and clients validate the result against the schema, which may not allow text.
  const result = value === '' && output?.shape.kind !== 'string' ? null : value;
  return {
    content: [{ type: 'text', text: typeof value === 'string' ? value : spacedJson(value) }],
    structuredContent: isWhole ? value : { result },
    isError: false,
  };
}

function failed(failure: Failure): McpResult {
  const { message, kind, can_retry, additional_prompt_content, retry_after_ms, status_code } = failure;
  const prompt = additional_prompt_content === null ? '' : `\n\n${additional_prompt_content}`;
  return {
    _meta: {
      arcade: {
        errorKind: kind,
        canRetry: can_retry,
        ...(additional_prompt_content === null ? {} : { additionalPromptContent: additional_prompt_content }),
        ...(retry_after_ms === null ? {} : { retryAfterMs: retry_after_ms }),
        ...(status_code === null ? {} : { statusCode: status_code }),
      },
    },
    ...failedResult(`${message}${prompt}`),
  };
}

/** JSON with a space after each `,` and `:`, as Python writes it (arcade-mcp-server 1.26.0). */
function spacedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spacedJson).join(', ')}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}: ${spacedJson(member)}`).join(', ')}}`;
}
