import type { HttpResponse } from '../http/http-client';
import { type AskMcp, listModern, listWithHandshake } from './mcp-client';

const capabilities = { tools: {} };
const opened = { protocolVersion: '2025-11-25', capabilities };
const discovered = { supportedVersions: ['2026-07-28'], capabilities, resultType: 'complete' };

function response(body: string, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  return { status: 200, headers, body, ms: 1 };
}

/** A server with sessions that answers in event streams, two tools a page. */
function serverOf(pages: number) {
  const asked: string[] = [];
  const ask: AskMcp = async (method, headers, message) => {
    const { id, method: call, params = {} } = { id: 0, method: '', params: {}, ...message };
    const cursor = 'cursor' in params ? Number(params.cursor) : 1;
    asked.push([method, call, headers['mcp-session-id'] ?? 'no session'].join(' '));
    const tools = [`a${cursor}`, `b${cursor}`].map((name) => ({ name }));
    const nextCursor = cursor < pages ? { nextCursor: `${cursor + 1}` } : {};
    const results: Readonly<Record<string, object>> = {
      initialize: opened,
      'server/discover': discovered,
      'tools/list': { tools, ...nextCursor },
    };
    const answer = JSON.stringify({ jsonrpc: '2.0', id, result: results[call] }, null, 1);
    const events = ['event: message\ndata: {"method":"log"}', `data: ${answer.replaceAll('\n', '\ndata: ')}`];
    const type = { 'content-type': 'text/event-stream; charset=utf-8', 'mcp-session-id': 's1' };
    return response(events.join('\n\n'), type);
  };
  return { ask, asked };
}

test('keeps a session from start to end, and reads event streams', async () => {
  const { ask, asked } = serverOf(2);
  const { protocolVersion, tools } = await listWithHandshake(ask);
  expect({ protocolVersion, names: tools.map(({ name }) => name) }).toEqual({
    protocolVersion: '2025-11-25',
    names: ['a1', 'b1', 'a2', 'b2'],
  });
  expect(asked).toEqual([
    'POST initialize no session',
    'POST notifications/initialized s1',
    'POST tools/list s1',
    'POST tools/list s1',
    'DELETE  s1',
  ]);
});

test('reads up to a hundred pages without a handshake', async () => {
  const { tools } = await listModern(serverOf(100).ask);
  expect(tools).toHaveLength(200);
  await expect(listModern(serverOf(101).ask)).rejects.toThrow('tools/list has more than 100 pages');
});

test.each([
  ['a page', 'status 200', '<html></html>'],
  ['another id', 'status 200', '{"id": 7, "result": {}}'],
  ['an error', 'error -32600, no such revision', '{"id": 1, "error": {"code": -32600, "message": "no such revision"}}'],
  ['another result', 'its result is not valid MCP: supportedVersions', '{"id": 1, "result": {}}'],
])('rejects %s instead of a result: %s', async (_what, reason, body) => {
  await expect(listModern(async () => response(body))).rejects.toThrow(reason);
});
