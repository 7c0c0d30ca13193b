import { z } from 'zod';
import type { HttpResponse } from '../http/http-client';
import { jsonOf } from './ask';

/** The revisions asked for: the newest with a handshake, and the one without. */
export const revisions = { handshake: '2025-11-25', modern: '2026-07-28' } as const;

const McpTool = z.looseObject({
  name: z.string(),
  inputSchema: z
    .object({ examples: z.array(z.record(z.string(), z.unknown())).optional() })
    .loose()
    .optional(),
  annotations: z.object({ readOnlyHint: z.boolean().optional() }).loose().optional(),
});

/** One tool of `tools/list`: the members that verify uses by name, and all others. */
export type McpTool = z.output<typeof McpTool>;

const ToolList = z.object({ tools: z.array(McpTool), nextCursor: z.string().optional() });
const Initialized = z.object({ protocolVersion: z.string(), capabilities: z.object({ tools: z.looseObject({}) }) });
const Discovered = z.object({
  supportedVersions: z.array(z.string()),
  capabilities: z.object({ tools: z.looseObject({}) }),
  resultType: z.literal('complete'),
});

/** Sends one message to `/mcp`, or ends the session. */
export type AskMcp = (
  method: 'POST' | 'DELETE',
  headers: Readonly<Record<string, string>>,
  message?: object,
) => Promise<HttpResponse>;

/** A response that the revision does not allow. */
export class NotMcp extends Error {
  constructor(
    readonly response: HttpResponse,
    message: string,
  ) {
    super(message);
  }
}

/** The most pages of `tools/list` that are read: a server that always has a next one is a trap. */
const maxPages = 100;

const clientInfo = { name: 'verify', version: '1.0.0' };

/**
 * Lists the tools as a client with a handshake does: initialize, initialized, list; and ends the session if it got one.
 * @throws NotMcp
 */
export async function listWithHandshake(ask: AskMcp) {
  const opening = { protocolVersion: revisions.handshake, capabilities: {}, clientInfo };
  const opened = await ask('POST', {}, { id: 1, method: 'initialize', params: opening });
  const { protocolVersion } = resultOf(opened, 1, Initialized);
  const session = opened.headers['mcp-session-id'];
  const headers = {
    'mcp-protocol-version': protocolVersion,
    ...(session === undefined ? {} : { 'mcp-session-id': session }),
  };
  await ask('POST', headers, { method: 'notifications/initialized' });
  const tools = await allPages((id, params) => ask('POST', headers, { id, method: 'tools/list', params }));
  if (session !== undefined) await ask('DELETE', headers);
  return { protocolVersion, tools };
}

/** Lists the tools request by request: discover, list. @throws NotMcp */
export async function listModern(ask: AskMcp) {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': revisions.modern,
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': clientInfo,
  };
  const send = (method: string, id: number, params: object) => {
    const headers = { 'mcp-protocol-version': revisions.modern, 'mcp-method': method };
    return ask('POST', headers, { id, method, params: { ...params, _meta } });
  };
  const { supportedVersions } = resultOf(await send('server/discover', 1, {}), 1, Discovered);
  const tools = await allPages((id, params) => send('tools/list', id, params));
  return { protocolVersion: supportedVersions.join(', '), tools };
}

async function allPages(ask: (id: number, params: object) => Promise<HttpResponse>): Promise<readonly McpTool[]> {
  const tools: McpTool[] = [];
  let params = {};
  for (let page = 1; ; page += 1) {
    const response = await ask(page + 1, params);
    const { tools: more, nextCursor: cursor } = resultOf(response, page + 1, ToolList);
    tools.push(...more);
    if (cursor === undefined) return tools;
    if (page === maxPages) throw new NotMcp(response, `tools/list has more than ${maxPages} pages`);
    params = { cursor };
  }
}

const Message = z.object({
  id: z.unknown().optional(),
  result: z.unknown().optional(),
  error: z.object({ code: z.number(), message: z.string() }).optional(),
});

/** The result with this id, from JSON or from an event stream. */
function resultOf<T>(response: HttpResponse, id: number, schema: z.ZodType<T>): T {
  // What is not JSON, such as a proxy's page, is judged by its status and type.
  const messages = textsOf(response).map((body) => Message.safeParse(jsonOf({ body })).data);
  const message = messages.find((candidate) => candidate?.id === id);
  if (message?.error !== undefined) {
    throw new NotMcp(response, `error ${message.error.code}, ${message.error.message.slice(0, 120)}`);
  }
  if (response.status !== 200 || message === undefined) throw new NotMcp(response, `status ${response.status}`);
  const { success, data, error } = schema.safeParse(message.result);
  if (success) return data;
  throw new NotMcp(response, `its result is not valid MCP: ${error.issues[0]?.path.join('.') || 'the whole'}`);
}

function textsOf({ headers, body }: HttpResponse): readonly string[] {
  if (!/^text\/event-stream\b/i.test(headers['content-type'] ?? '')) return [body];
  const events = body.split(/\r?\n\r?\n/);
  return events.map((event) => [...event.matchAll(/^data: ?(.*)$/gm)].map(([, data]) => data).join('\n'));
}
