import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { recordedName } from '../../testing/exchanges/recorded';
import { readFixtureTools } from '../../testing/worker/fixtures';
import { toolServiceOf } from '../../testing/worker/mcp-server';
import { defineTool, z } from '../catalog/define-tool';
import { McpDispatcher } from './dispatcher';
import { metaKeys } from './protocol';
import { serveStdio } from './stdio';
import type { ToolSurroundings } from './tools';

let aborted = 0;
const wait = defineTool({
  description: 'Wait until nobody waits any longer.',
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

async function client(surroundings: Partial<ToolSurroundings> = {}) {
  const service = toolServiceOf(new Map([...readFixtureTools(), ['wait', wait]]), surroundings);
  const dispatcher = new McpDispatcher(service, { maxCalls: 9, callTimeMs: 9000, onDefect: () => undefined });
  const input = new PassThrough();
  const output = new PassThrough({ encoding: 'utf8' });
  const served = serveStdio(dispatcher, { input, output });
  return {
    dispatcher,
    say: (message: unknown) => input.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\r\n`),
    hear: async (): Promise<unknown> => {
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

test('a local client is served line by line, in both eras', async () => {
  const { say, hear, leave } = await client();
  const clientInfo = { name: 'a', version: '1' };
  say({
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo },
  });
  expect(await hear()).toMatchObject({ id: 1, result: { protocolVersion: '2025-06-18' } });
  say({ jsonrpc: '2.0', method: 'notifications/initialized' });
  say(echo(2, 'hi'));
  expect(await hear()).toMatchObject({ id: 2, result: { structuredContent: { result: 'hi' } } });
  say(echo(3, 'hi', { [metaKeys.protocolVersion]: '2026-07-28', [metaKeys.clientCapabilities]: {} }));
  expect(await hear()).toMatchObject({ id: 3, result: { resultType: 'complete' } });
  await leave();
});

test('what cannot be read is answered, and the next line is read all the same', async () => {
  const { say, hear, leave } = await client();
  say('{"jsonrpc":');
  expect(await hear()).toEqual({ jsonrpc: '2.0', error: { code: -32700, message: expect.any(String) } });
  say('[]');
  expect(await hear()).toMatchObject({ error: { code: -32600 } });
  say('');
  say({ jsonrpc: '2.0', id: 1, method: 'ping' });
  expect(await hear()).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
  await leave();
});

test('a call can be cancelled, and reports come before its result', async () => {
  const { dispatcher, say, hear, leave } = await client();
  const params = { name: `${recordedName}_Wait`, _meta: { progressToken: 'p' } };
  say({ jsonrpc: '2.0', id: 'w', method: 'tools/call', params });
  expect(await hear()).toMatchObject({ method: 'notifications/progress', params: { progressToken: 'p', progress: 1 } });
  say({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'w' } });
  while (dispatcher.remembered > 0) await turn();
  await leave();
  expect(aborted).toBe(1);
});

test('what was asked before the client closed its end is answered', async () => {
  const { say, hear, leave } = await client();
  say(echo(1, 'last words'));
  const served = leave();
  expect(await hear()).toMatchObject({ id: 1, result: { structuredContent: { result: 'last words' } } });
  await served;
});

test.each([
  [true, false],
  [false, true],
])('who has started the process (%s) may spend its secrets', async (isLocal, isError) => {
  const { say, hear, leave } = await client({ isLocal, secretOf: () => 's3cr3t' });
  say({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: `${recordedName}_UseSecret`, arguments: {} } });
  expect(await hear()).toMatchObject({ id: 1, result: { isError } });
  await leave();
});
