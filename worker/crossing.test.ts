import { once } from 'node:events';
import { request } from 'node:http';
import { Session } from 'node:inspector';
import { dirname, relative } from 'node:path';
import { recordedName } from '../testing/exchanges/recorded';
import { sound } from '../testing/worker/mcp-server';
import { listening, testWorker } from '../testing/worker/test-worker';
import { metaKeys } from './mcp/protocol';

const worker = dirname(__filename);

test('x', async () => {
  const server = testWorker({ ARCADE_SERVER_TRANSPORT: 'http', ARCADE_WORKER_SECRET: 'a-secret-for-tests' });
  const url = await listening(server);
  const session = new Session();
  session.connect();
  const ask = (method: string, params: object = {}) =>
    new Promise<any>((resolve, reject) => session.post(method, params, (e, r) => (e ? reject(e) : resolve(r))));
  const call = async (modern: boolean) => {
    const name = `${recordedName}_Echo`;
    const _meta = modern ? { [metaKeys.protocolVersion]: '2026-07-28', [metaKeys.clientCapabilities]: {} } : undefined;
    const headers = modern
      ? { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': name }
      : {};
    const sent = request(`${url}/mcp`, { method: 'POST', headers: { ...sound, ...headers } });
    sent.end(
      JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name, arguments: { message: 'hi' }, _meta },
      }),
    );
    const [response] = await once(sent, 'response');
    response.resume();
    await once(response, 'end');
  };
  await ask('Profiler.enable');
  await ask('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  for (const modern of [false, true]) {
    await call(modern);
    await new Promise((r) => setTimeout(r, 50));
    await ask('Profiler.takePreciseCoverage');
    await call(modern);
    await new Promise((r) => setTimeout(r, 50));
    const { result } = await ask('Profiler.takePreciseCoverage');
    const seen = result
      .map((script: any) => [
        relative(worker, script.url.replace('file://', '')),
        script.functions.filter((f: any) => f.ranges[0].count > 0).map((f: any) => f.functionName),
      ])
      .filter(([file, f]: any) => !file.startsWith('..') && f.length && !file.includes('test.ts'));
    console.log(modern, seen.length, JSON.stringify(seen, null, 1).replace(/\n\s+"/g, ' "'));
  }
  session.disconnect();
  await server.app.close();
});
