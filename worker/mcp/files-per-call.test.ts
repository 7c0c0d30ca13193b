import { Session } from 'node:inspector/promises';
import { dirname, relative } from 'node:path';
import { recordedName } from '../../testing/exchanges/recorded';
import { mcpHeaders } from '../../testing/worker/mcp-server';
import { listening, testWorker } from '../../testing/worker/test-worker';
import { metaKeys } from './protocol';

const name = `${recordedName}_Echo`;
const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: { message: 'hi' } } };
const modern = { [metaKeys.protocolVersion]: '2026-07-28', [metaKeys.clientCapabilities]: {} };
const eras = {
  handshake: { headers: {}, body: call },
  modern: {
    headers: { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': name },
    body: { ...call, params: { ...call.params, _meta: modern } },
  },
};

/**
 * The worker's files in which any function runs during `work`. V8 counts calls, and taking the coverage resets the counts.
 * Reading a constant of another file counts too, because the modules under test export constants through functions.
 */
async function filesRunBy(session: Session, work: () => Promise<void>): Promise<readonly string[]> {
  await session.post('Profiler.takePreciseCoverage');
  await work();
  const { result } = await session.post('Profiler.takePreciseCoverage');
  const run = result.filter(({ functions }) => functions.some(({ ranges: [whole] }) => (whole?.count ?? 0) > 0));
  const files = run.map(({ url }) => relative(dirname(__dirname), url.replace(/^file:\/\//, '')));
  return files.filter((file) => !file.startsWith('..') && !file.endsWith('.test.ts')).sort();
}

test.each(Object.entries(eras))(
  'a tool call runs through at most 17 files of the worker, %s',
  async (_era, { headers, body }) => {
    const server = testWorker({ ARCADE_SERVER_TRANSPORT: 'http', ARCADE_WORKER_SECRET: 'a-secret-of-this-test' });
    const url = await listening(server);
    const ended = () => server.lines.filter(({ message }) => message === 'MCP request').length;
    const ask = async () => {
      const before = ended();
      const answer = await fetch(`${url}/mcp`, {
        method: 'POST',
        headers: { ...mcpHeaders, ...headers },
        body: JSON.stringify(body),
      });
      expect(await answer.json()).toMatchObject({ result: { isError: false } });
      while (ended() === before) await new Promise(setImmediate);
    };
    const session = new Session();
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
    // The first call warms the caches.
    await ask();
    const files = await filesRunBy(session, ask);
    session.disconnect();
    await server.app.close();
    expect(files).toContain('mcp/dispatcher.ts');
    expect(files).toContain('routes/mcp.ts');
    expect(files.slice(17)).toEqual([]);
  },
);
