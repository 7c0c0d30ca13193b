import type { AddressInfo } from 'node:net';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  ElicitRequestSchema,
  type ElicitResult,
  LoggingMessageNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { recordedName } from '../../testing/exchanges/recorded';
import { type McpServer, type McpServerOptions, mcpHeaders, mcpServer } from '../../testing/worker/mcp-server';
import { defineTool, NotAnsweredError, z } from '../catalog/define-tool';

const input = z.strictObject({});
let ran = 0;
/** Why the questions of `ask` were not answered. */
let reasons: string[] = [];
const remove = defineTool({
  description: 'Delete everything.',
  input,
  output: z.string(),
  examples: [{ input: {}, output: 'deleted' }],
  confirm: () => 'Really?',
  run: () => {
    ran += 1;
    return 'deleted';
  },
});
const ask = defineTool({
  description: 'Ask.',
  input,
  output: z.string(),
  examples: [{ input: {}, context: { answers: [{ age: 7 }] }, output: '7' }],
  asks: true,
  run: async (_input, context) => {
    try {
      const { age } = await context.ask({ age: z.int().describe('In years.') }, 'How old?');
      return String(age);
    } catch (error) {
      if (error instanceof NotAnsweredError) reasons.push(`${error.reason}: ${error.message}`);
      throw error;
    }
  },
});
const chat = defineTool({
  description: 'Talk.',
  input,
  output: z.string(),
  examples: [{ input: {}, output: 'said' }],
  logs: true,
  run: (_input, { log }) => {
    log('debug', 'quiet');
    log('loud', { step: 2 });
    return 'said';
  },
});
const send = defineTool({
  description: 'Send a text.',
  input: z.strictObject({ text: z.string().describe('What to send.') }),
  examples: [{ input: { text: 'a' }, output: {} }],
  confirm: true,
  run: () => undefined,
});
const tools = new Map(Object.entries({ remove, ask }));

let server: McpServer;
let url: string;

async function serve(options: McpServerOptions = {}): Promise<void> {
  server = await mcpServer({ tools, ...options });
  await server.app.listen({ host: '127.0.0.1', port: 0 });
  // A server that listens on a port never has a string address.
  url = `http://127.0.0.1:${(server.app.server.address() as AddressInfo).port}/mcp`;
}
beforeEach(() => {
  ran = 0;
  reasons = [];
});
afterEach(() => server.app.close());

/** Connects the SDK's client, which gives these answers in turn. Without answers it does not declare elicitation. */
async function withClient<T>(answers: readonly ElicitResult[] | undefined, use: (client: Client) => Promise<T>) {
  const capabilities = answers && { elicitation: {} };
  const client = new Client({ name: 'sdk-1', version: '1.0.0' }, { capabilities: capabilities ?? {} });
  const left = [...(answers ?? [])];
  const messages: string[] = [];
  if (answers) {
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
      messages.push(params.message);
      return left.shift() ?? { action: 'cancel' };
    });
  }
  const transport = new StreamableHTTPClientTransport(new URL(url));
  // The class declares `sessionId` without undefined, which exactOptionalPropertyTypes rejects (SDK 1.32.2).
  await client.connect(transport as Transport);
  const { sessionId } = transport;
  try {
    return { found: await use(client), messages, sessionId };
  } finally {
    await client.close();
  }
}

const callTool = (name: string) => (client: Client) => client.callTool({ name: `${recordedName}_${name}` });

test('the SDK’s client can accept or decline a confirmation', async () => {
  await serve();
  const agreed = await withClient([{ action: 'accept', content: {} }], callTool('Remove'));
  expect(agreed).toMatchObject({ found: { structuredContent: { result: 'deleted' } }, messages: ['Really?'] });
  expect(ran).toBe(1);
  const refused = await withClient([{ action: 'decline' }], callTool('Remove'));
  expect(refused.found).toMatchObject({ isError: true, _meta: { arcade: { errorKind: 'TOOL_RUNTIME_FATAL' } } });
  expect(ran).toBe(1);
});

test('repeats the question after an invalid answer, up to three times in total', async () => {
  await serve();
  const wrong: ElicitResult = { action: 'accept', content: { age: 'old' } };
  const { found, messages } = await withClient([wrong, { action: 'accept', content: { age: 30 } }], callTool('Ask'));
  expect(found.structuredContent).toEqual({ result: '30' });
  expect(messages).toEqual(['How old?', expect.stringMatching(/^How old\?\n\nThe last answer was not valid: age: /)]);
  const never = await withClient([wrong, wrong, wrong, wrong], callTool('Ask'));
  expect(never.found).toMatchObject({
    isError: true,
    _meta: { arcade: { errorKind: 'TOOL_RUNTIME_BAD_INPUT_VALUE' } },
  });
  expect(never.messages).toHaveLength(3);
});

test('a client without forms gets an error and no session', async () => {
  await serve();
  const { found, sessionId } = await withClient(undefined, callTool('Remove'));
  expect(found).toMatchObject({ isError: true });
  expect({ ran, sessionId }).toEqual({ ran: 0, sessionId: undefined });
});

const session = (letter: string) => `asks-${letter.repeat(8)}-aaaa-4aaa-8aaa-aaaaaaaaaaaa`;

function post(body: unknown, sessionId = session('a'), signal?: AbortSignal): Promise<Response> {
  const headers = { ...mcpHeaders, 'mcp-protocol-version': '2025-11-25', 'mcp-session-id': sessionId };
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(body), ...(signal && { signal }) });
}

const call = (name: string) => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: `${recordedName}_${name}` },
});

/** Yields the messages of a stream. */
async function* messagesOf({
  body,
}: Response): AsyncGenerator<{ id: string; method?: string; result?: unknown; params?: unknown }> {
  let text = '';
  for await (const chunk of body ?? []) {
    text += Buffer.from(chunk).toString();
    const events = text.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events)
      if (event.startsWith('event: message')) yield JSON.parse(event.replace(/^.*\ndata: /, ''));
  }
}

test('accepts an answer only once, and only from the client that was asked', async () => {
  await serve();
  const messages = messagesOf(await post(call('Remove')));
  const { value: question } = await messages.next();
  expect(question).toMatchObject({ method: 'elicitation/create', params: { message: 'Really?' } });
  const answer = { jsonrpc: '2.0', id: question?.id, result: { action: 'accept' } };
  for (const other of [session('b'), '']) expect((await post(answer, other)).status).toBe(400);
  const refusal = await post({ ...answer, id: 'ask-something-else' });
  expect(await refusal.json()).toMatchObject({
    error: { code: -32600, message: expect.stringContaining('No call is waiting') },
  });
  expect(ran).toBe(0);
  expect((await post(answer)).status).toBe(202);
  expect((await messages.next()).value).toMatchObject({ id: 1, result: { structuredContent: { result: 'deleted' } } });
  expect((await post(answer)).status).toBe(400);
  expect((await post({ ...answer, id: 5 })).status).toBe(202);
  expect(ran).toBe(1);
});

test.each([
  ['an error', { error: { code: -32601, message: 'untrusted <b>client</b> text' } }, 'it answered with error -32601'],
  ['an unknown action', { result: { action: 'maybe' } }, 'a malformed answer'],
  ['content that is a list', { result: { action: 'accept', content: [] } }, 'a malformed answer'],
])('%s instead of an answer ends the question', async (_what, outcome, text) => {
  await serve();
  const messages = messagesOf(await post(call('Ask')));
  const { value: question } = await messages.next();
  expect((await post({ jsonrpc: '2.0', id: question?.id, ...outcome })).status).toBe(202);
  expect((await messages.next()).value).toMatchObject({ result: { isError: true } });
  expect(reasons).toEqual([expect.stringContaining(text)]);
});

test.each(['decline', 'cancel'])('%s logs no input of the tool', async (action) => {
  const failures: unknown[] = [];
  await serve({
    tools: new Map([['send', send]]),
    dependencies: { logCall: (_tool, outcome) => failures.push(outcome.ok || outcome.failure) },
  });
  const { params, ...message } = call('Send');
  const messages = messagesOf(await post({ ...message, params: { ...params, arguments: { text: 'hush' } } }));
  const { value: question } = await messages.next();
  expect(JSON.stringify(question?.params)).toContain('hush');
  await post({ jsonrpc: '2.0', id: question?.id, result: { action } });
  expect((await messages.next()).value).toMatchObject({ result: { isError: true } });
  expect(failures).toHaveLength(1);
  expect(JSON.stringify(failures)).not.toContain('hush');
});

test('a client that disconnects during a question has not accepted', async () => {
  await serve();
  const leaving = new AbortController();
  const messages = messagesOf(await post(call('Ask'), session('a'), leaving.signal));
  const { value: question } = await messages.next();
  leaving.abort();
  await expect(messages.next()).rejects.toThrow();
  for (let turns = 0; reasons.length === 0 && turns < 5000; turns += 1) await new Promise(setImmediate);
  expect(reasons).toEqual(['cancelled: The client has disconnected']);
  expect((await post({ jsonrpc: '2.0', id: question?.id, result: { action: 'accept' } })).status).toBe(400);
  expect(server.dispatcher.pending).toBe(0);
});

test('shutdown does not wait for open questions', async () => {
  await serve();
  const messages = messagesOf(await post(call('Ask')));
  await messages.next();
  await Promise.all([server.app.close(), messages.next()]);
  expect(reasons).toEqual(['cancelled: The server is stopping']);
});

test('notifies the client when a question times out', async () => {
  await serve({ dispatcher: { askTimeMs: 5 } });
  const messages = messagesOf(await post(call('Ask')));
  const { value: question } = await messages.next();
  expect((await messages.next()).value).toMatchObject({
    method: 'notifications/cancelled',
    params: { requestId: question?.id },
  });
  expect((await messages.next()).value).toMatchObject({ result: { isError: true } });
  expect(reasons).toEqual(['cancelled: No answer within 0.005 s']);
});

test('rejects questions beyond the limit on open questions', async () => {
  await serve({ dispatcher: { maxAsked: 1 } });
  const first = messagesOf(await post(call('Ask')));
  await first.next();
  expect(await (await post(call('Ask'))).json()).toMatchObject({ result: { isError: true } });
  expect(reasons).toEqual([expect.stringContaining('too many questions are open')]);
});

test.each([
  ['accepts no stream', { accept: 'application/json' }],
  ['forges its session id', { 'mcp-session-id': 'asks-me' }],
])('a client that %s cannot be asked', async (_what, headers) => {
  await serve();
  const all = { ...mcpHeaders, 'mcp-session-id': session('a'), ...headers };
  const answer = await fetch(url, { method: 'POST', headers: all, body: JSON.stringify(call('Ask')) });
  expect(await answer.json()).toMatchObject({ result: { isError: true } });
  expect(reasons).toEqual([expect.stringContaining('unreachable')]);
});

test('a client receives the log messages of a tool from its chosen level upwards', async () => {
  await serve({ tools: new Map([['chat', chat]]) });
  const received: unknown[] = [];
  await withClient(undefined, async (client) => {
    client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void received.push(params));
    await callTool('Chat')(client);
    expect(received).toEqual([]);
    await client.setLoggingLevel('info');
    await callTool('Chat')(client);
    await expect(
      client.request({ method: 'logging/setLevel', params: { level: 'loud' as 'info' } }, z.looseObject({})),
    ).rejects.toThrow('must be one of debug');
  });
  expect(received).toEqual([{ level: 'info', logger: `${recordedName}_Chat`, data: { message: 'loud', step: 2 } }]);
});
