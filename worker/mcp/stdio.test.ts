import { once } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { recordedName } from '../../testing/exchanges/recorded';
import { readFixtureTools } from '../../testing/worker/fixtures';
import { toolServiceOf } from '../../testing/worker/mcp-server';
import { defineTool, z } from '../catalog/define-tool';
import { McpDispatcher } from './dispatcher';
import { metaKeys } from './protocol';
import { mcpLimits } from './service';
import { serveStdio } from './stdio';
import type { ToolDependencies } from './tool-dependencies';

let aborted = 0;
const wait = defineTool({
  description: 'Wait for the abort signal.',
  input: z.strictObject({}),
  output: z.string(),
  examples: [{ input: {}, output: 'x' }],
  run: (_input, { signal, progress }) =>
    new Promise((resolve) => {
      progress(1);
      signal.addEventListener('abort', () => {
        aborted += 1;
        resolve('x');
      });
    }),
});

function dispatcherOf(dependencies: Partial<ToolDependencies> = {}) {
  const service = toolServiceOf(new Map([...readFixtureTools(), ['wait', wait]]), dependencies);
  return new McpDispatcher(service, { ...mcpLimits, maxCalls: 9, callTimeMs: 9000, onDefect: () => undefined });
}

function client(dependencies: Partial<ToolDependencies> = {}) {
  const dispatcher = dispatcherOf(dependencies);
  const input = new PassThrough();
  const output = new PassThrough({ encoding: 'utf8' });
  const served = serveStdio(dispatcher, { input, output });
  return {
    dispatcher,
    send: (message: unknown) => input.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\r\n`),
    receive: async (): Promise<unknown> => {
      if (output.readableLength === 0) await once(output, 'readable');
      return JSON.parse(output.read());
    },
    leave: () => {
      input.end();
      return served;
    },
  };
}

const echo = (id: number, message: string, meta: object = {}) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: `${recordedName}_Echo`, arguments: { message }, _meta: meta },
});

test('serves a local client line by line in both eras', async () => {
  const { send, receive, leave } = client();
  const clientInfo = { name: 'a', version: '1' };
  send({
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo },
  });
  expect(await receive()).toMatchObject({ id: 1, result: { protocolVersion: '2025-06-18' } });
  send({ jsonrpc: '2.0', method: 'notifications/initialized' });
  send(echo(2, 'hi'));
  expect(await receive()).toMatchObject({ id: 2, result: { structuredContent: { result: 'hi' } } });
  send(echo(3, 'hi', { [metaKeys.protocolVersion]: '2026-07-28', [metaKeys.clientCapabilities]: {} }));
  expect(await receive()).toMatchObject({ id: 3, result: { resultType: 'complete' } });
  await leave();
});

test('answers an unreadable line with an error and reads the next one', async () => {
  const { send, receive, leave } = client();
  send('{"jsonrpc":');
  expect(await receive()).toEqual({ jsonrpc: '2.0', error: { code: -32700, message: expect.any(String) } });
  send('[]');
  expect(await receive()).toMatchObject({ error: { code: -32600 } });
  send('');
  send({ jsonrpc: '2.0', id: 1, method: 'ping' });
  expect(await receive()).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
  await leave();
});

test('a call can be cancelled, and its progress comes before its result', async () => {
  const { dispatcher, send, receive, leave } = client();
  const params = { name: `${recordedName}_Wait`, _meta: { progressToken: 'p' } };
  send({ jsonrpc: '2.0', id: 'w', method: 'tools/call', params });
  expect(await receive()).toMatchObject({
    method: 'notifications/progress',
    params: { progressToken: 'p', progress: 1 },
  });
  send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'w' } });
  while (dispatcher.pending > 0) await turn();
  await leave();
  expect(aborted).toBe(1);
});

test('answers requests that were sent before the client closed standard input', async () => {
  const { send, receive, leave } = client();
  send(echo(1, 'last words'));
  const served = leave();
  expect(await receive()).toMatchObject({ id: 1, result: { structuredContent: { result: 'last words' } } });
  await served;
});

test.each([
  [true, false],
  [false, true],
])('a call may use secrets only if the caller started the process (%s)', async (isLocal, isError) => {
  const { send, receive, leave } = client({ isLocal, secretOf: () => 's3cr3t' });
  send({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: `${recordedName}_UseSecret`, arguments: {} } });
  expect(await receive()).toMatchObject({ id: 1, result: { isError } });
  await leave();
});

/** All messages that the worker writes for these chunks of input. */
async function answersTo(pieces: readonly (string | Uint8Array)[]): Promise<unknown[]> {
  const input = new PassThrough();
  const output = new PassThrough({ encoding: 'utf8' });
  for (const piece of pieces) input.write(piece);
  input.end();
  await serveStdio(dispatcherOf(), { input, output });
  const lines = String(output.read() ?? '').split('\n');
  return lines.slice(0, -1).map((line) => JSON.parse(line));
}

const asked = fc.string({
  unit: fc.oneof(fc.constantFrom('\u2028', '\u2029', '\u0085', '\v', '\f', '\r', '\n', '\0'), fc.string()),
});

test('splits lines only at LF, whatever other line breaks or chunk boundaries occur', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(asked, { maxLength: 4 }),
      fc.constantFrom('', '\r', '\t', ' '),
      fc.nat(),
      async (texts, space, size) => {
        // JSON.stringify puts line breaks only between tokens.
        const lines = texts.map(
          (text, id) => `${JSON.stringify(echo(id, text), null, space).replaceAll('\n', '\r')}\r\n`,
        );
        const bytes = Buffer.from(lines.join(''));
        const length = 1 + (size % (bytes.length + 1));
        const pieces = Array.from({ length: Math.ceil(bytes.length / length) }, (_, at) =>
          bytes.subarray(at * length, (at + 1) * length),
        );
        expect(await answersTo(pieces)).toMatchObject(
          texts.map((result, id) => ({ id, result: { structuredContent: { result } } })),
        );
      },
    ),
    { numRuns: 50 },
  );
});

test.each<[what: string, line: string | Uint8Array]>([
  ['a NUL between tokens', '{"jsonrpc":\0"2.0"}'],
  ['a raw control character in a string', '{"jsonrpc":"2.\u00010"}'],
  ['U+2028 between tokens', '{"jsonrpc":\u2028"2.0"}'],
  ['bytes that are not UTF-8', new Uint8Array([0x22, 0xff, 0x22])],
])('answers a line with %s with one parse error and serves the next line', async (_what, line) => {
  expect(await answersTo([line, `\n${JSON.stringify(echo(1, 'next'))}`])).toMatchObject([
    { error: { code: -32700 } },
    { id: 1, result: { structuredContent: { result: 'next' } } },
  ]);
});

test('ignores blank lines and a byte order mark', async () => {
  expect(await answersTo([`\ufeff${JSON.stringify(echo(1, 'x'))}\n\r\n \t\n\n`])).toMatchObject([{ id: 1 }]);
});

describe('when the client no longer reads', () => {
  const brokenBy = (code: string) =>
    new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error('broken'), { code })) });

  test('stops without an error and aborts the running calls', async () => {
    const before = aborted;
    const input = new PassThrough();
    const served = serveStdio(dispatcherOf(), { input, output: brokenBy('EPIPE') });
    // The first progress notification hits the broken stream.
    const params = { name: `${recordedName}_Wait`, _meta: { progressToken: 'p' } };
    input.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params })}\n`);
    await expect(served).resolves.toBeUndefined();
    expect([aborted - before, input.destroyed]).toEqual([1, true]);
  });

  test('rejects when writing fails for another reason, such as a full disk', async () => {
    const input = new PassThrough();
    const served = serveStdio(dispatcherOf(), { input, output: brokenBy('ENOSPC') });
    input.end(`${JSON.stringify(echo(1, 'x'))}\n`);
    await expect(served).rejects.toThrow('broken');
  });
});
