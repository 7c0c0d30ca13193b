import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { recordedName } from '../../testing/exchanges/recorded';
import { late } from '../../testing/worker/late-tool';
import { type McpServer, mcpHeaders, mcpServer } from '../../testing/worker/mcp-server';
import { defineTool, z } from '../catalog/define-tool';
import { metaKeys } from '../mcp/protocol';

/** A tool that the test can hold and observe. */
class Slow {
  readonly started = new Gate();
  readonly mayEnd = new Gate();
  readonly ended = new Gate();
  readonly aborted = new Gate();

  readonly tool = defineTool({
    description: 'Wait.',
    input: z.strictObject({}),
    output: z.string(),
    examples: [{ input: {}, output: 'done' }],
    run: async (_input, { signal, progress }) => {
      progress(0);
      signal.addEventListener('abort', this.aborted.open);
      this.started.open();
      await Promise.race([this.mayEnd.opened, this.aborted.opened]);
      this.ended.open();
      return 'done';
    },
  });
}

class Gate {
  open: () => void = () => undefined;
  readonly opened = new Promise<void>((open) => {
    this.open = open;
  });
}

const count = defineTool({
  description: 'Count.',
  input: z.strictObject({ to: z.int().describe('The last number.') }),
  output: z.int(),
  examples: [{ input: { to: 2 }, output: 2 }],
  run: async ({ to }, { progress }) => {
    for (let step = 1; step <= to; step += 1) {
      await turn();
      progress(step, to, `step ${step}`);
      progress(Number.NaN, to, 'no number');
    }
    return to;
  },
});

let slow: Slow;
let server: McpServer;
let port: number;
// Fewer connections than the endpoint's limit on concurrent calls.
const agent = new Agent({ keepAlive: true, maxSockets: 200 });

beforeEach(async () => {
  slow = new Slow();
  const tools = new Map(Object.entries({ slow: slow.tool, count, late }));
  server = await mcpServer({ tools, bodyBytes: 2000 });
  await server.app.listen({ host: '127.0.0.1', port: 0 });
  // A server that listens on a port never has a string address.
  port = (server.app.server.address() as AddressInfo).port;
});
afterEach(() => server.app.close());
afterAll(() => agent.destroy());

const modernMeta = { [metaKeys.protocolVersion]: '2026-07-28', [metaKeys.clientCapabilities]: {} };

function callOf(tool: string, args: object, meta: object = {}) {
  const name = `${recordedName}_${tool}`;
  return { jsonrpc: '2.0', id: 'mine', method: 'tools/call', params: { name, arguments: args, _meta: meta } };
}

function post(body: object, headers: Record<string, string> = {}) {
  const sent = request({
    host: '127.0.0.1',
    port,
    path: '/mcp',
    method: 'POST',
    agent,
    headers: { ...mcpHeaders, ...headers },
  });
  sent.end(JSON.stringify(body));
  return sent;
}

async function read(body: object, headers?: Record<string, string>) {
  const [response]: IncomingMessage[] = await once(post(body, headers), 'response');
  if (response === undefined) throw new Error('no response');
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode, headers: response.headers, text };
}

function modernHeaders(tool: string) {
  return { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': `${recordedName}_${tool}` };
}

/** The messages of a stream. Fails if an event has any other form. */
function eventsIn(text: string): unknown[] {
  const events = text.split('\n\n').slice(0, -1);
  return events.map((event) => JSON.parse(/^event: message\ndata: ([^\n]*)$/.exec(event)?.[1] ?? 'malformed'));
}

describe('progress before the result', () => {
  const report = (step: number) => ({
    jsonrpc: '2.0',
    method: 'notifications/progress',
    params: { progressToken: 'token', progress: step, total: 3, message: `step ${step}` },
  });

  test.each(['handshake', 'modern'])('turns the response into a stream that ends with the result (%s)', async (era) => {
    const meta = { progressToken: 'token', ...(era === 'modern' ? modernMeta : {}) };
    const { status, headers, text } = await read(
      callOf('Count', { to: 3 }, meta),
      era === 'modern' ? modernHeaders('Count') : { origin: 'http://localhost' },
    );
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    });
    if (era === 'handshake') expect(headers).toMatchObject({ 'access-control-allow-origin': 'http://localhost' });
    expect(eventsIn(text)).toEqual([
      ...[1, 2, 3].map(report),
      { jsonrpc: '2.0', id: 'mine', result: expect.objectContaining({ structuredContent: { result: 3 } }) },
    ]);
    expect(server.dispatcher.pending).toBe(0);
    expect(server.traces).toEqual([expect.objectContaining({ era, tool: 'Count', isError: false })]);
  });

  test.each([
    ['the caller did not ask for it', {}, {}],
    ['the caller accepts only JSON', { progressToken: 1 }, { accept: 'application/json' }],
  ])('is not sent when %s', async (_why, meta, headers) => {
    const answer = await read(callOf('Count', { to: 3 }, meta), headers);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(JSON.parse(answer.text)).toMatchObject({ id: 'mine', result: { structuredContent: { result: 3 } } });
  });

  test('goes to the stream of its own call when many calls have the same id', async () => {
    const tokens = Array.from({ length: 50 }, (_, index) => index);
    const answers = await Promise.all(
      tokens.map((progressToken) => read(callOf('Count', { to: 3 }, { progressToken }))),
    );
    expect(answers.map(({ text }) => eventsIn(text))).toEqual(
      tokens.map((progressToken) => [
        ...[1, 2, 3].map((step) => ({ ...report(step), params: { ...report(step).params, progressToken } })),
        expect.objectContaining({ id: 'mine' }),
      ]),
    );
    expect(server.dispatcher.pending).toBe(0);
  });
});

test('gives each of 2 000 calls with the same id over 200 connections its own result', async () => {
  const texts = Array.from({ length: 2000 }, (_, index) => `text ${index}`);
  const answers = await Promise.all(
    texts.map((text, index) => read(callOf('Late', { text, turns: (index * 7) % 11 }))),
  );
  const results = answers.map(({ text }) => JSON.parse(text));
  expect(results.map(({ id, result }) => [id, result.structuredContent.result])).toEqual(
    texts.map((text) => ['mine', text]),
  );
  expect(server.dispatcher.pending).toBe(0);
});

describe('an idle stream', () => {
  // Fake only the timer of the keep-alive comments.
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: [...everyOtherClock] });
  });
  afterEach(() => jest.useRealTimers());

  test('sends a comment every 15 s, so that no proxy closes it', async () => {
    const [response]: IncomingMessage[] = await once(post(callOf('Slow', {}, { progressToken: 1 })), 'response');
    if (response === undefined) throw new Error('no response');
    let text = '';
    response.on('data', (chunk) => {
      text += String(chunk);
    });
    while (!text.includes('progress')) await turn();
    const before = text;
    jest.advanceTimersByTime(14_999);
    for (const _ of Array(20)) await turn();
    expect(text).toBe(before);
    jest.advanceTimersByTime(1);
    while (text === before) await turn();
    expect(text).toBe(`${before}: still working\n\n`);
    slow.mayEnd.open();
    await once(response, 'end');
    expect(jest.getTimerCount()).toBe(0);
  });
});

const everyOtherClock = [
  'Date',
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setTimeout',
  'clearTimeout',
] as const;

describe('disconnecting during a call', () => {
  const hangUp = async (sent: ReturnType<typeof post>) => {
    sent.on('error', () => undefined);
    await slow.started.opened;
    sent.destroy();
  };

  test('cancels the call in 2026-07-28', async () => {
    await hangUp(post(callOf('Slow', {}, modernMeta), modernHeaders('Slow')));
    await slow.aborted.opened;
    expect(server.dispatcher.pending).toBe(0);
  });

  test('lets the call finish in earlier revisions and drops its result', async () => {
    await hangUp(post(callOf('Slow', {})));
    while (server.traces.length === 0) await turn();
    expect(server.traces).toEqual([expect.objectContaining({ tool: 'Slow', hungUp: true })]);
    expect(server.dispatcher.pending).toBe(1);
    slow.mayEnd.open();
    await slow.ended.opened;
    while (server.dispatcher.pending > 0) await turn();
    expect(server.defects).toEqual([]);
  });

  test('does not abort a call whose caller stays connected after sending the body', async () => {
    const answer = read(callOf('Slow', {}, modernMeta), modernHeaders('Slow'));
    await slow.started.opened;
    for (const _ of Array(20)) await turn();
    slow.mayEnd.open();
    expect(JSON.parse((await answer).text)).toMatchObject({ result: { structuredContent: { result: 'done' } } });
  });
});

describe('notifications/cancelled', () => {
  const known = { authorization: 'Bearer a-token-of-its-own' };
  const cancel = (headers: Record<string, string>, requestId: unknown = 'mine') =>
    read({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } }, headers);

  test.each<[what: string, identity: Record<string, string>, progress: object]>([
    ['token', known, {}],
    ['session identifier', { 'mcp-session-id': 'a-session-of-its-own' }, {}],
    ['token, during a stream,', known, { progressToken: 1 }],
  ])('from a client with the same %s aborts the call and ends the response', async (_what, identity, meta) => {
    const answer = read(callOf('Slow', {}, meta), identity);
    await slow.started.opened;
    expect(await cancel(identity)).toMatchObject({ status: 202, text: '' });
    await slow.aborted.opened;
    const { status, text } = await answer;
    expect(status).toBe(200);
    expect(text).toContain(
      '{"jsonrpc":"2.0","id":"mine","error":{"code":-32800,"message":"The request was cancelled"}}',
    );
    expect(server.dispatcher.pending).toBe(0);
    expect(server.defects).toEqual([]);
  });

  test.each<[what: string, identity: Record<string, string>, other: Record<string, string>, id: unknown]>([
    ['from another client', known, { authorization: 'Bearer another' }, 'mine'],
    ['without a token', known, {}, 'mine'],
    [
      'from another session of the same caller',
      { ...known, 'mcp-session-id': '1' },
      { ...known, 'mcp-session-id': '2' },
      'mine',
    ],
    ['from an anonymous client without a session', {}, {}, 'mine'],
    ['with an empty session identifier', { 'mcp-session-id': '' }, { 'mcp-session-id': '' }, 'mine'],
    ['for another request', known, known, 'yours'],
  ])('%s is ignored', async (_what, identity, other, id) => {
    const answer = read(callOf('Slow', {}), identity);
    await slow.started.opened;
    expect((await cancel(other, id)).status).toBe(202);
    expect(server.dispatcher.pending).toBe(1);
    slow.mayEnd.open();
    expect(JSON.parse((await answer).text)).toMatchObject({ result: { structuredContent: { result: 'done' } } });
  });
});

test('a shutdown during a call delivers its response and closes the connection', async () => {
  const answer = read(callOf('Slow', {}));
  await slow.started.opened;
  const closed = server.app.close();
  while (server.app.server.listening) await turn();
  slow.mayEnd.open();
  const { headers, text } = await answer;
  expect(headers.connection).toBe('close');
  expect(JSON.parse(text)).toMatchObject({ id: 'mine', result: { isError: false } });
  await closed;
});

test('a shutdown during a stream closes the connection after it, although the head announced keep-alive', async () => {
  const [response]: IncomingMessage[] = await once(post(callOf('Slow', {}, { progressToken: 1 })), 'response');
  const socket = response?.socket;
  expect([response?.headers.connection, socket?.destroyed]).toEqual(['keep-alive', false]);
  const closed = server.app.close();
  while (server.app.server.listening) await turn();
  slow.mayEnd.open();
  response?.resume();
  await closed;
  while (socket?.destroyed === false) await turn();
});

test('rejects a chunked body over the limit', async () => {
  const socket = connect(port, '127.0.0.1');
  socket.write('POST /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nContent-Type: application/json\r\n');
  socket.write(`Transfer-Encoding: chunked\r\n\r\n${(2001).toString(16)}\r\n${' '.repeat(2001)}\r\n`);
  const [head] = await once(socket, 'data');
  expect(String(head)).toMatch(/^HTTP\/1\.1 413 /);
  expect(String(head)).toContain('"code":-32600');
  socket.destroy();
});
