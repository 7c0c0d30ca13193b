import { z } from 'zod';
import type { HttpResponse } from '../http/http-client';
import { jsonOf } from './ask';

/** The MCP revisions to request: the newest with a handshake, and the one without. */
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

/** One resource of `resources/list`, or one template. */
export type McpResource = Readonly<Record<string, unknown>>;

const nextCursor = z.string().optional();
const ToolList = z.object({ tools: z.array(McpTool), nextCursor });
const entries = z.array(z.record(z.string(), z.unknown()));
const ResourceList = z.object({ resources: entries, nextCursor });
const TemplateList = z.object({ resourceTemplates: entries, nextCursor });

const Capabilities = z.object({ tools: z.looseObject({}), resources: z.looseObject({}).optional() });
const Initialized = z.object({
  protocolVersion: z.string(),
  capabilities: Capabilities,
  serverInfo: z.object({ version: z.string() }).optional(),
});
const Discovered = z.object({
  supportedVersions: z.array(z.string()),
  capabilities: Capabilities,
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

/** How many pages of a list to read: a broken server may announce a next page forever. */
const maxPages = 100;

const clientInfo = { name: 'verify', version: '1.0.0' };

/** What a server lists. */
export interface Listed {
  readonly protocolVersion: string;
  readonly tools: readonly McpTool[];
  /** Resources and templates; empty when the server announces none. */
  readonly resources: readonly McpResource[];
  /** @default - the revision does not report it */
  readonly version: string | undefined;
}

/** Sends a request with this id. */
type SendMcp = (method: string, id: number, params: object) => Promise<HttpResponse>;

/**
 * Lists tools and resources as a handshake client does: initialize, initialized, lists; then ends the session, if any.
 * @throws NotMcp
 */
export async function listWithHandshake(ask: AskMcp): Promise<Listed> {
  const opening = { protocolVersion: revisions.handshake, capabilities: {}, clientInfo };
  const opened = await ask('POST', {}, { id: 1, method: 'initialize', params: opening });
  const { protocolVersion, serverInfo, capabilities } = resultOf(opened, 1, Initialized);
  const session = opened.headers['mcp-session-id'];
  const headers = {
    'mcp-protocol-version': protocolVersion,
    ...(session === undefined ? {} : { 'mcp-session-id': session }),
  };
  await ask('POST', headers, { method: 'notifications/initialized' });
  const lists = await listAll((method, id, params) => ask('POST', headers, { id, method, params }), capabilities);
  if (session !== undefined) await ask('DELETE', headers);
  return { protocolVersion, ...lists, version: serverInfo?.version };
}

/** Lists tools and resources without a handshake: discover, lists. @throws NotMcp */
export async function listModern(ask: AskMcp): Promise<Listed> {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': revisions.modern,
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': clientInfo,
  };
  const send: SendMcp = (method, id, params) => {
    const headers = { 'mcp-protocol-version': revisions.modern, 'mcp-method': method };
    return ask('POST', headers, { id, method, params: { ...params, _meta } });
  };
  const { supportedVersions, capabilities } = resultOf(await send('server/discover', 1, {}), 1, Discovered);
  return { protocolVersion: supportedVersions.join(', '), ...(await listAll(send, capabilities)), version: undefined };
}

/** Reads every list that the server announces, each with its own range of ids. */
async function listAll(send: SendMcp, capabilities: z.output<typeof Capabilities>) {
  const tools = await allPages(send, 'tools/list', 2, ToolList, (page) => page.tools);
  if (capabilities.resources === undefined) return { tools, resources: [] };
  const resources = await allPages(send, 'resources/list', 1000, ResourceList, (page) => page.resources);
  const templates = 'resources/templates/list';
  const more = await allPages(send, templates, 2000, TemplateList, (page) => page.resourceTemplates);
  return { tools, resources: [...resources, ...more] };
}

async function allPages<Page extends { readonly nextCursor?: string | undefined }, Entry>(
  send: SendMcp,
  method: string,
  firstId: number,
  schema: z.ZodType<Page>,
  entriesOf: (page: Page) => readonly Entry[],
): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  let params = {};
  for (let count = 0; count < maxPages; count += 1) {
    const id = firstId + count;
    const response = await send(method, id, params);
    const page = resultOf(response, id, schema);
    entries.push(...entriesOf(page));
    if (page.nextCursor === undefined) return entries;
    if (count + 1 === maxPages) throw new NotMcp(response, `${method} has more than ${maxPages} pages`);
    params = { cursor: page.nextCursor };
  }
  return entries;
}

const Message = z.object({
  id: z.unknown().optional(),
  result: z.unknown().optional(),
  error: z.object({ code: z.number(), message: z.string() }).optional(),
});

/** The result with this id, from JSON or from an event stream. */
function resultOf<T>(response: HttpResponse, id: number, schema: z.ZodType<T>): T {
  // A body that is not JSON, such as a proxy's page, fails the status check below.
  const messages = textsOf(response).map((body) => Message.safeParse(jsonOf({ body })).data);
  const message = messages.find((candidate) => candidate?.id === id);
  if (message?.error !== undefined) {
    throw new NotMcp(response, `error ${message.error.code}, ${message.error.message.slice(0, 120)}`);
  }
  if (response.status !== 200 || message === undefined) throw new NotMcp(response, `status ${response.status}`);
  const { success, data, error } = schema.safeParse(message.result);
  if (success) return data;
  throw new NotMcp(response, `its result is not valid MCP: ${error.issues[0]?.path.join('.') || 'not an object'}`);
}

function textsOf({ headers, body }: HttpResponse): readonly string[] {
  if (!/^text\/event-stream\b/i.test(headers['content-type'] ?? '')) return [body];
  const events = body.split(/\r?\n\r?\n/);
  return events.map((event) => [...event.matchAll(/^data: ?(.*)$/gm)].map(([, data]) => data).join('\n'));
}
