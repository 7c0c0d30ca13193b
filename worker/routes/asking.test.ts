import { PassThrough } from 'node:stream';
import { recordedName } from '../../testing/exchanges/recorded';
import { mint } from '../../testing/exchanges/token';
import { mcpHeaders, mcpServer } from '../../testing/worker/mcp-server';
import { listening, testWorker } from '../../testing/worker/test-worker';
import { defineTool, z } from '../catalog/define-tool';
import { runExample } from '../catalog/example';
import { prepare } from '../catalog/tool';
import { metaKeys } from '../mcp/protocol';
import { serveStdio } from '../mcp/stdio';

const input = z.strictObject({ path: z.string().describe('Which.') });
let ran = 0;
const remove = defineTool({
  description: 'Delete a file for good.',
  input,
  output: z.string(),
  examples: [
    { input: { path: 'a' }, output: 'deleted a' },
    { input: { path: 'a' }, context: { answers: ['decline'] }, fails: 'TOOL_RUNTIME_FATAL' },
  ],
  requires: { secrets: ['KEY'] },
  confirm: true,
  logs: true,
  run: ({ path }, { log, secrets }) => {
    ran += 1;
    const key = secrets.entries[0]?.value;
    log('warning', `deleted with ${key}`, { path, key });
    return `deleted ${path}`;
  },
});
const note = defineTool({
  description: 'Write to the log.',
  input,
  output: z.string(),
  examples: [{ input: { path: 'a' }, output: 'noted' }],
  requires: { secrets: ['KEY'] },
  run: ({ path }, { log, secrets }) => {
    log('error', `noted with ${secrets.get('KEY')}`, { path, token: 'x', level: 'mine' });
    return 'noted';
  },
});
const tools = new Map(Object.entries({ remove, note }));
const toolkit = { name: recordedName, description: 'Test.', version: '1.0.0' };

beforeEach(() => {
  ran = 0;
});

test.each(remove.examples.map((each, index) => ({ each, index })))(
  'example $index of a tool that asks gives its declared result',
  async ({ each }) => {
    const { expected, received } = await runExample(prepare('remove', remove, toolkit, '.'), each);
    expect(received).toEqual(expected);
  },
);

test('an example of a tool that asks must contain the answers', async () => {
  const asks = defineTool({
    description: 'Ask.',
    input: z.strictObject({}),
    output: z.string(),
    examples: [{ input: {}, output: 'Ada' }],
    asks: true,
    run: async (_input, context) => (await context.ask({ name: z.string().describe('Whose.') }, 'Who?')).name,
  });
  const [example] = asks.examples;
  if (example === undefined) throw new Error('The tool has no example');
  const { received } = await runExample(prepare('asks', asks, toolkit, '.'), example);
  expect(JSON.stringify(received)).toContain(
    'the example has no answer to \\"Who?\\"; write context: { answers: [{ … }] }',
  );
});

test('rejects `confirm` on a read-only tool', () => {
  const reading = defineTool({
    description: 'Read.',
    input: z.strictObject({}),
    examples: [{ input: {}, output: {} }],
    behavior: { readOnly: true },
    confirm: true,
    run: () => undefined,
  });
  expect(() => prepare('reading', reading, toolkit, '.')).toThrow('`readOnly` contradicts `confirm`');
});

const secret = 'the-worker-secret-of-this-test';

async function invoke(name: string) {
  const worker = testWorker({ ARCADE_WORKER_SECRET: secret }, { tools });
  const url = await listening(worker);
  const answer = await fetch(`${url}/worker/tools/invoke`, {
    method: 'POST',
    headers: { authorization: `Bearer ${mint({ secret, alg: 'HS256', claims: { aud: 'worker', ver: '1' } })}` },
    body: JSON.stringify({
      tool: { name, toolkit: recordedName, version: '1.0.0' },
      inputs: { path: 'a' },
      context: { secrets: [{ key: 'KEY', value: 'hunter2secret' }] },
    }),
  });
  const body: unknown = await answer.json();
  await worker.app.close();
  return { status: answer.status, body, lines: worker.lines };
}

test('a call from the engine cannot ask: the tool does not run, and the error tells the model what the user can do', async () => {
  const { status, body } = await invoke('Remove');
  expect({ status, ran }).toEqual({ status: 200, ran: 0 });
  expect(body).toMatchObject({
    success: false,
    output: {
      value: null,
      error: {
        kind: 'TOOL_RUNTIME_CONTEXT_REQUIRED',
        can_retry: false,
        message: expect.stringContaining('Cannot ask the user: an engine cannot forward a question'),
        additional_prompt_content: expect.stringContaining('MCP client that supports form elicitation'),
      },
    },
  });
});

test('writes the log messages of a tool to the log without the secrets of its call', async () => {
  const { lines } = await invoke('Note');
  expect(lines.find(({ source }) => source === 'tool')).toMatchObject({
    level: 'error',
    message: 'noted with [secret]',
    tool_name: 'Note',
    request_id: expect.any(String),
    fields: { path: 'a', token: '[redacted]', level: 'mine' },
  });
  expect(JSON.stringify(lines)).not.toContain('hunter2secret');
});

test('asks a local client over stdio, and a client that closes standard input has not accepted', async () => {
  const start = async (answer: object | undefined) => {
    const { dispatcher, app } = await mcpServer({
      tools,
      dependencies: { isLocal: true, secretOf: () => 'hunter2secret' },
    });
    const [fromClient, toClient] = [new PassThrough(), new PassThrough({ encoding: 'utf8' })];
    const received: { id?: unknown; method?: string; result?: { isError?: boolean } }[] = [];
    const send = (message: object) => fromClient.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
    toClient.on('data', (line: string) => {
      const message = JSON.parse(line);
      received.push(message);
      if (message.method !== 'elicitation/create') return;
      if (answer === undefined) fromClient.end();
      else {
        send({ id: message.id, result: answer });
        fromClient.end();
      }
    });
    const served = serveStdio(dispatcher, { input: fromClient, output: toClient });
    const clientInfo = { name: 'a', version: '1' };
    const opening = { protocolVersion: '2025-06-18', capabilities: { elicitation: {} }, clientInfo };
    send({ id: 1, method: 'initialize', params: opening });
    send({ id: 2, method: 'logging/setLevel', params: { level: 'warning' } });
    send({ id: 3, method: 'tools/call', params: { name: `${recordedName}_Remove`, arguments: { path: 'a' } } });
    await served;
    await app.close();
    return received;
  };
  const agreed = await start({ action: 'accept' });
  expect(agreed.find(({ id }) => id === 3)).toMatchObject({ result: { structuredContent: { result: 'deleted a' } } });
  expect(agreed.find(({ method }) => method === 'notifications/message')).toMatchObject({
    params: {
      level: 'warning',
      logger: `${recordedName}_Remove`,
      data: { message: 'deleted with [secret]', path: 'a', key: '[secret]' },
    },
  });
  expect(ran).toBe(1);
  const left = await start(undefined);
  expect(left.find(({ id }) => id === 3)).toMatchObject({ result: { isError: true } });
  expect(ran).toBe(1);
});

test.each([
  ['debug', 1],
  ['warning', 1],
  ['error', 0],
  ['loud', 0],
  [undefined, 0],
])('a client of 2026-07-28 with the log level %s receives %i log messages', async (level, lines) => {
  const { app } = await mcpServer({ tools, dependencies: { isLocal: true, secretOf: () => 'hunter2secret' } });
  const name = `${recordedName}_Remove`;
  const _meta = {
    [metaKeys.protocolVersion]: '2026-07-28',
    [metaKeys.clientCapabilities]: { elicitation: {} },
    ...(level === undefined ? {} : { [metaKeys.logLevel]: level }),
  };
  const headers = { ...mcpHeaders, 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': name };
  const call = async (params: object) => {
    const payload = {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name, arguments: { path: 'a' }, _meta, ...params },
    };
    return (await app.inject({ method: 'POST', url: '/mcp', headers, payload })).body;
  };
  const { requestState, inputRequests } = JSON.parse(await call({})).result;
  const [key = ''] = Object.keys(inputRequests);
  const body = await call({ requestState, inputResponses: { [key]: { action: 'accept' } } });
  await app.close();
  expect(body).toContain('deleted a');
  expect(body.split('notifications/message')).toHaveLength(lines + 1);
});
