import type { Catalog } from '../catalog/load';
import { McpDispatcher } from '../mcp/dispatcher';
import { decide } from '../mcp/message';
import { metaKeys, modernRevision, type RpcOutcome } from '../mcp/protocol';
import { mcpLimits, type ParsedRequest, type Sink } from '../mcp/service';
import { maxTextBytes, toolService } from '../mcp/tools';
import type { Given } from './as-engine';
import { missingVariables, needsOf } from './given';

/** The result of `tools/call`, as an MCP client reads it. */
export interface McpAnswer {
  readonly content: readonly { readonly type: string; readonly [member: string]: unknown }[];
  readonly structuredContent?: unknown;
  readonly isError?: boolean;
  readonly _meta?: Readonly<Record<string, unknown>>;
  readonly resultType?: string;
}

/** What the client says. */
interface Asked extends Given {
  readonly revision: string;
  /** Who calls when nobody is named. */
  readonly anonymous: string;
}

type Notification = Parameters<Sink['notify']>[0];

/**
 * What an MCP client gets that calls a tool, and may spend what is given.
 * @throws Error for a message that is refused before any tool is called
 */
export async function seenByClient(
  catalog: Catalog,
  asked: Asked,
): Promise<{ readonly mcp: McpAnswer; readonly notifications: readonly Notification[] }> {
  const defects: unknown[] = [];
  const dispatcher = dispatcherOf(catalog, asked, (defect) => defects.push(defect));
  // The newest revision says it in each message.
  const header = (name: string) => (name === 'mcp-protocol-version' ? asked.revision : undefined);
  const isModern = asked.revision === modernRevision;
  const decision = decide(messageOf(catalog, asked), isModern ? undefined : header, dispatcher.service);
  if (decision.kind !== 'run') {
    const why = decision.kind === 'reject' ? decision.rejection.error.message : decision.kind;
    throw new Error(`Cannot call the tool over MCP: ${why}`);
  }
  const { request } = decision;
  const notifications: Notification[] = [];
  const outcome = await new Promise<RpcOutcome>((deliver) => {
    const sink: Sink = { deliver, notify: (told) => notifications.push(told), cancelled() {} };
    dispatcher.run(request, { caller: undefined, requestId: 'test', headers: {} }, sink);
  });
  // What a tool throws is an outcome, so this is a mistake of the worker's.
  if (defects.length > 0) throw defects[0];
  return { mcp: resultOf(dispatcher, request, outcome), notifications };
}

/** Read out of the text that goes over the wire. */
function resultOf(dispatcher: McpDispatcher, request: ParsedRequest, outcome: RpcOutcome): McpAnswer {
  const text = dispatcher.text(request, outcome);
  const { result, error } = JSON.parse(typeof text === 'string' ? text : text.join(''));
  if (error !== undefined) throw new Error(`Cannot call the tool over MCP: ${error.message}`);
  return result;
}

function messageOf(catalog: Catalog, { name, input, revision }: Asked): unknown {
  const modern = {
    [metaKeys.protocolVersion]: revision,
    [metaKeys.clientCapabilities]: {},
    [metaKeys.clientInfo]: { name: 'test', version: '1.0.0' },
  };
  const _meta = { progressToken: 'test', ...(revision === modernRevision ? modern : {}) };
  const params = { name: catalog.tools.find((tool) => tool.name === name)?.mcpName, arguments: input, _meta };
  return JSON.parse(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }));
}

function dispatcherOf(
  catalog: Catalog,
  { userId, token, secrets = [], anonymous }: Asked,
  onDefect: (defect: unknown) => void,
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
    logCall() {},
  });
  return new McpDispatcher(service, { ...mcpLimits, onDefect });
}
