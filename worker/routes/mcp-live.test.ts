import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { recordedName } from '../../testing/exchanges/recorded';
import { late } from '../../testing/worker/late-tool';
import { type McpServer, mcpServer, sound } from '../../testing/worker/mcp-server';
import { defineTool, z } from '../catalog/define-tool';
import { metaKeys } from '../mcp/protocol';

/** A tool that waits until the test lets it go on, and tells what becomes of it. */
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
// Fewer connections than calls that the endpoint takes at once.
const agent = new Agent({ keepAlive: true, maxSockets: 200 });

beforeEach(async () => {
  slow = new Slow();
  const tools = new Map(Object.entries({ slow: slow.tool, count, late }));
  server = await mcpServer({ tools, bodyBytes: 2000 });
  await server.app.listen({ host: '127.0.0.1', port: 0 });
  // Listening on a port, the address is never a text.
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
    headers: { ...sound, ...headers },
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

/** The messages of a stream, each having had the one form that is allowed. */
function eventsIn(text: string): unknown[] {
  const events = text.split('\n\n').slice(0, -1);
  return events.map((event) => JSON.parse(/^event: message\ndata: ([^\n]*)$/.exec(event)?.[1] ?? 'malformed'));
}

describe('reports before the result', () => {
  const report = (step: number) => ({
    jsonrpc: '2.0',
    method: 'notifications/progress',
    params: { progressToken: 'token', progress: step, total: 3, message: `step ${step}` },
  });

  test.each(['handshake', 'modern'])('make the answer a stream that ends with the result (%s)', async (era) => {
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
    ['nobody asked', {}, {}],
    ['the caller takes only JSON', { progressToken: 1 }, { accept: 'application/json' }],
  ])('are not sent when %s', async (_why, meta, headers) => {
    const answer = await read(callOf('Count', { to: 3 }, meta), headers);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(JSON.parse(answer.text)).toMatchObject({ id: 'mine', result: { structuredContent: { result: 3 } } });
  });

  test('of many calls with one id go each to their own stream', async () => {
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

test('2 000 calls with one id over 200 connections get each their own result', async () => {
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

describe('a stream on which nothing happens', () => {
  // Only the clock of the stream's own comments: the connection's are real.
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: [...everyOtherClock] });
  });
  afterEach(() => jest.useRealTimers());

  test('carries a comment every 15 s, so that no proxy gives up on it', async () => {
    const [response]: IncomingMessage[] = await once(post(callOf('Slow', {}, { progressToken: 1 })), 'response');
    if (response === undefined) throw new Error('no response');
    let text = '';
    response.on('data', (chunk) => {
      text += String(chunk);
    });
    while (!text.includes('progress')) await turn();
    const said = text;
    jest.advanceTimersByTime(14_999);
    for (const _ of Array(20)) await turn();
    expect(text).toBe(said);
    jest.advanceTimersByTime(1);
    while (text === said) await turn();
    expect(text).toBe(`${said}: still working\n\n`);
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

describe('hanging up during a call', () => {
  const hangUp = async (sent: ReturnType<typeof post>) => {
    sent.on('error', () => undefined);
    await slow.started.opened;
    sent.destroy();
  };

  test('cancels it in 2026-07-28', async () => {
    await hangUp(post(callOf('Slow', {}, modernMeta), modernHeaders('Slow')));
    await slow.aborted.opened;
    expect(server.dispatcher.pending).toBe(0);
  });

  test('lets it end before that, and drops the result', async () => {
    await hangUp(post(callOf('Slow', {})));
    while (server.traces.length === 0) await turn();
    expect(server.traces).toEqual([expect.objectContaining({ tool: 'Slow', hungUp: true })]);
    expect(server.dispatcher.pending).toBe(1);
    slow.mayEnd.open();
    await slow.ended.opened;
    while (server.dispatcher.pending > 0) await turn();
    expect(server.defects).toEqual([]);
  });

  test('a call whose caller stays is not aborted when its body has been read', async () => {
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
  ])('of a client with the same %s aborts its call and ends the response', async (_what, identity, meta) => {
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
    ['of a stranger', known, { authorization: 'Bearer another' }, 'mine'],
    ['without a token', known, {}, 'mine'],
    [
      'of another session of the same caller',
      { ...known, 'mcp-session-id': '1' },
      { ...known, 'mcp-session-id': '2' },
      'mine',
    ],
    ['on an endpoint where nobody can be told from others', {}, {}, 'mine'],
    ['with an empty session identifier', { 'mcp-session-id': '' }, { 'mcp-session-id': '' }, 'mine'],
    ['of another request', known, known, 'yours'],
  ])('%s changes nothing', async (_what, identity, other, id) => {
    const answer = read(callOf('Slow', {}), identity);
    await slow.started.opened;
    expect((await cancel(other, id)).status).toBe(202);
    expect(server.dispatcher.pending).toBe(1);
    slow.mayEnd.open();
    expect(JSON.parse((await answer).text)).toMatchObject({ result: { structuredContent: { result: 'done' } } });
  });
});

test('stopping during a call delivers its answer and closes its connection', async () => {
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

test('stopping during a stream ends its connection with it, although the head has promised to keep it', async () => {
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

test('a body over the limit is refused without its length being said', async () => {
  const socket = connect(port, '127.0.0.1');
  socket.write('POST /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nContent-Type: application/json\r\n');
  socket.write(`Transfer-Encoding: chunked\r\n\r\n${(2001).toString(16)}\r\n${' '.repeat(2001)}\r\n`);
  const [head] = await once(socket, 'data');
  expect(String(head)).toMatch(/^HTTP\/1\.1 413 /);
  expect(String(head)).toContain('"code":-32600');
  socket.destroy();
});
