import type { ToolOutcome } from '../catalog/call';
import type { Catalog } from '../catalog/load';
import type { LogLine } from '../catalog/log-line';
import { McpDispatcher } from '../mcp/dispatcher';
import { decide } from '../mcp/message';
import { type ErrorMember, type Members, metaKeys, modernRevision, type RpcOutcome } from '../mcp/protocol';
import { RequestStates } from '../mcp/request-state';
import { mcpLimits, type ParsedRequest, type Sink } from '../mcp/service';
import { maxTextBytes, toolService } from '../mcp/tools';
import { createMetrics } from '../telemetry/metrics';
import type { Given } from './as-engine';
import { missingVariables, needsOf } from './given';
import type { Person } from './person';

/** The result of `tools/call`, as an MCP client reads it. */
export interface McpAnswer {
  /** Empty when there is an error instead of a result. */
  readonly content: readonly { readonly type: string; readonly [member: string]: unknown }[];
  readonly structuredContent?: unknown;
  readonly isError?: boolean;
  readonly _meta?: Members;
  readonly resultType?: string;
  /** The JSON-RPC error, such as -32021 for a client of 2026-07-28 without elicitation. @default - there is a result */
  readonly error?: ErrorMember;
}

/** An MCP client and its call. */
interface Client extends Given {
  readonly revision: string;
  /** The user when the test names none. */
  readonly anonymous: string;
  /** Answers questions. @default - the client does not support elicitation */
  readonly person: Person | undefined;
}

/** The notifications before the result, and what the worker logged and recorded. */
export interface McpSeen {
  readonly notifications: Parameters<Sink['notify']>[0][];
  readonly log: LogLine[];
  readonly outcomes: ToolOutcome[];
  readonly defects: unknown[];
}

/**
 * Calls a tool as an MCP client that may use the given secrets and token.
 * @throws Error for a message that is rejected before a tool is called
 */
export async function seenByClient(catalog: Catalog, client: Client): Promise<McpSeen & { readonly mcp: McpAnswer }> {
  const seen: McpSeen = { notifications: [], log: [], outcomes: [], defects: [] };
  const dispatcher = dispatcherOf(catalog, client, seen);
  let brought = {};
  for (;;) {
    const mcp = await answerTo(dispatcher, messageOf(catalog, client, brought), client, seen);
    // An error thrown by a tool is an outcome, so this is a bug in the worker.
    if (seen.defects.length > 0) throw seen.defects[0];
    if (mcp.resultType !== 'input_required' || !('inputRequests' in mcp)) return { ...seen, mcp };
    brought = answersOf(mcp, client.person);
  }
}

/** The extra parameters of the next call (2026-07-28): an answer to each question, and the request state. */
function answersOf(mcp: object, person: Person | undefined): object {
  const { inputRequests = {}, requestState } = mcp as {
    readonly inputRequests?: Readonly<Record<string, { readonly params: Members }>>;
    readonly requestState?: string;
  };
  const answers = Object.entries(inputRequests).map(([key, { params }]) => [key, person?.answer(params).result]);
  return { inputResponses: Object.fromEntries(answers), requestState };
}

async function answerTo(
  dispatcher: McpDispatcher,
  message: unknown,
  { revision, person }: Client,
  { notifications }: McpSeen,
): Promise<McpAnswer> {
  // The newest revision is named in each message instead.
  const header = (name: string) => (name === 'mcp-protocol-version' ? revision : undefined);
  const decision = decide(message, revision === modernRevision ? undefined : header, dispatcher.service);
  if (decision.kind !== 'run') {
    const why = decision.kind === 'reject' ? decision.rejection.error.message : decision.kind;
    throw new Error(`Cannot call the tool over MCP: ${why}`);
  }
  const { request } = decision;
  const outcome = await new Promise<RpcOutcome>((deliver) => {
    const ask: Sink['ask'] =
      person && (({ id, params }) => void dispatcher.answer(id, person.answer(params), () => true));
    const sink: Sink = { deliver, notify: (told) => notifications.push(told), cancelled() {}, ask };
    const known = { canBeAsked: person !== undefined, logLevel: 'debug', setLogLevel() {} } as const;
    dispatcher.run(request, { caller: undefined, requestId: 'test', headers: {}, client: () => known }, sink);
  });
  return resultOf(dispatcher, request, outcome);
}

/** Parses the text that would go over the wire. */
function resultOf(dispatcher: McpDispatcher, request: ParsedRequest, outcome: RpcOutcome): McpAnswer {
  const text = dispatcher.text(request, outcome);
  const whole = typeof text === 'string' ? text : text.join('');
  const { result, error }: { readonly result: McpAnswer; readonly error?: ErrorMember } = JSON.parse(whole);
  return error === undefined ? result : { content: [], error };
}

function messageOf(catalog: Catalog, { name, input, revision, person }: Client, brought: object): unknown {
  const modern = {
    [metaKeys.protocolVersion]: revision,
    [metaKeys.clientCapabilities]: person === undefined ? {} : { elicitation: { form: {} } },
    [metaKeys.clientInfo]: { name: 'test', version: '1.0.0' },
    [metaKeys.logLevel]: 'debug',
  };
  const _meta = { progressToken: 'test', ...(revision === modernRevision ? modern : {}) };
  const tool = catalog.tools.find((each) => each.name === name)?.mcpName;
  const params = { name: tool, arguments: input, _meta, ...brought };
  return JSON.parse(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }));
}

function dispatcherOf(
  catalog: Catalog,
  { userId, token, secrets, anonymous }: Client,
  { log, outcomes, defects }: McpSeen,
): McpDispatcher {
  const given = {
    secretOf: (key: string) => secrets?.find((secret) => secret.key.toLowerCase() === key.toLowerCase())?.value,
    tokenOf: () => token ?? undefined,
  };
  const service = toolService(catalog, {
    instructions: '',
    maxTextBytes,
    isLocal: false,
    trial: {
      ...given,
      isOwner: () => true,
      addPage() {},
      missingFor: (requires) => missingVariables(needsOf(requires), given),
    },
    anonymousUser: () => userId ?? anonymous,
    secretOf: () => undefined,
    logCall: (_tool, outcome) => void outcomes.push(outcome),
    inFlight: createMetrics({ processMetrics: false }).inFlight,
    logToolLine: (_tool, line) => void log.push(line),
    states: new RequestStates([]),
  });
  return new McpDispatcher(service, { ...mcpLimits, onDefect: (defect) => defects.push(defect) });
}
