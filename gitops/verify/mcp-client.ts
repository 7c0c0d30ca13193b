import { z } from 'zod';
import type { HttpResponse } from '../http/http-client';

/** The revisions asked for: the newest with a handshake, and the one without. */
export const revisions = { handshake: '2025-11-25', modern: '2026-07-28' } as const;

const McpTool = z.object({
  name: z.string(),
  inputSchema: z
    .object({ examples: z.array(z.record(z.string(), z.unknown())).optional() })
    .loose()
    .optional(),
  annotations: z.object({ readOnlyHint: z.boolean().optional() }).loose().optional(),
});

/** One tool of `tools/list`: the members that verify uses. */
export type McpTool = z.output<typeof McpTool>;

const ToolList = z.object({ tools: z.array(McpTool), nextCursor: z.string().optional() }).loose();
const Initialized = z.object({ protocolVersion: z.string(), capabilities: z.object({ tools: z.looseObject({}) }) });
const Discovered = z.object({
  supportedVersions: z.array(z.string()),
  capabilities: z.object({ tools: z.looseObject({}) }),
  resultType: z.literal('complete'),
});

/** Posts one message to `/mcp`. */
export type Post = (headers: Readonly<Record<string, string>>, message: object) => Promise<HttpResponse>;

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

/**
 * Lists the tools as a client with a handshake does: initialize, initialized, list; and ends the session if it got one.
 * @throws NotMcp
 */
export async function listWithHandshake(
  post: Post,
  end: (headers: Readonly<Record<string, string>>) => Promise<unknown>,
) {
  const params = {
    protocolVersion: revisions.handshake,
    capabilities: {},
    clientInfo: { name: 'verify', version: '1.0.0' },
  };
  const opened = await post({}, { jsonrpc: '2.0', id: 1, method: 'initialize', params });
  const { protocolVersion } = resultOf(opened, 1, Initialized);
  const session = opened.headers['mcp-session-id'];
  const headers = {
    'mcp-protocol-version': protocolVersion,
    ...(session === undefined ? {} : { 'mcp-session-id': session }),
  };
  await post(headers, { jsonrpc: '2.0', method: 'notifications/initialized' });
  const tools = await allPages((cursor, id) =>
    post(headers, { jsonrpc: '2.0', id, method: 'tools/list', params: cursor === undefined ? {} : { cursor } }),
  );
  if (session !== undefined) await end(headers);
  return { protocolVersion, tools };
}

/** Lists the tools request by request: discover, list. @throws NotMcp */
export async function listModern(post: Post) {
  const send = (id: number, method: string, params: object) =>
    post(
      { 'mcp-protocol-version': revisions.modern, 'mcp-method': method },
      { jsonrpc: '2.0', id, method, params: { ...params, _meta: modernMeta } },
    );
  const discovered = resultOf(await send(1, 'server/discover', {}), 1, Discovered);
  const tools = await allPages((cursor, id) => send(id, 'tools/list', cursor === undefined ? {} : { cursor }));
  return { protocolVersion: discovered.supportedVersions.join(', '), tools };
}

const modernMeta = {
  'io.modelcontextprotocol/protocolVersion': revisions.modern,
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': { name: 'verify', version: '1.0.0' },
};

async function allPages(
  page: (cursor: string | undefined, id: number) => Promise<HttpResponse>,
): Promise<readonly McpTool[]> {
  const tools: McpTool[] = [];
  let cursor: string | undefined;
  for (let id = 2; id < maxPages + 2; id += 1) {
    const response = await page(cursor, id);
    const result = resultOf(response, id, ToolList);
    tools.push(...result.tools);
    cursor = result.nextCursor;
    if (cursor === undefined) return tools;
    if (id === maxPages + 1) throw new NotMcp(response, `tools/list has more than ${maxPages} pages`);
  }
  return tools;
}

const Message = z.object({
  id: z.unknown().optional(),
  result: z.unknown().optional(),
  error: z.object({ code: z.number(), message: z.string() }).optional(),
});

/** The result with this id, from JSON or from an event stream. */
function resultOf<T>(response: HttpResponse, id: number, schema: z.ZodType<T>): T {
  const message = messagesOf(response).find((candidate) => candidate.id === id);
  if (message?.error !== undefined) {
    throw new NotMcp(response, `error ${message.error.code}, ${message.error.message.slice(0, 120)}`);
  }
  if (response.status !== 200 || message === undefined) throw new NotMcp(response, `status ${response.status}`);
  const { success, data, error } = schema.safeParse(message.result);
  if (success) return data;
  throw new NotMcp(response, `its result is not valid MCP: ${error.issues[0]?.path.join('.') || 'the whole'}`);
}

function messagesOf({ headers, body }: HttpResponse): readonly z.output<typeof Message>[] {
  const isStream = /^text\/event-stream\b/i.test(headers['content-type'] ?? '');
  const texts = isStream
    ? body.split(/\r?\n\r?\n/).map((event) => [...event.matchAll(/^data: ?(.*)$/gm)].map(([, data]) => data).join('\n'))
    : [body];
  return texts.flatMap((text) => {
    try {
      const { success, data } = Message.safeParse(JSON.parse(text));
      return success ? [data] : [];
    } catch {
      // Not JSON, such as a proxy's page: the caller judges by status and type.
      return [];
    }
  });
}
