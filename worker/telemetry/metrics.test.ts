import { recordedName } from '../../testing/exchanges/recorded';
import { mcpHeaders } from '../../testing/worker/mcp-server';
import { testWorker } from '../../testing/worker/test-worker';
import { defineTool, z } from '../catalog/define-tool';
import { contract } from '../contract';

test('a call that never ends is in flight until its client cancels it', async () => {
  let begin = () => {};
  const begun = new Promise<void>((done) => {
    begin = done;
  });
  const hanging = defineTool({
    description: 'Hang.',
    input: z.strictObject({}),
    examples: [{ input: {}, output: {} }],
    run: () => {
      begin();
      return new Promise<void>(() => undefined);
    },
  });
  const { app, metrics } = testWorker(
    { ARCADE_SERVER_TRANSPORT: 'http', ARCADE_WORKER_SECRET: 'a-secret-for-tests' },
    { tools: new Map([['hanging', hanging]]) },
  );
  const inFlight = async () => /^worker_calls_in_flight (\d+)$/m.exec(await metrics.registry.metrics())?.[1];
  const headers = { ...mcpHeaders, host: 'localhost', 'mcp-session-id': 'of-a-gateway' };
  const send = (message: object) =>
    app.inject({ method: 'POST', url: contract.paths.mcp, headers, payload: { jsonrpc: '2.0', ...message } });
  const params = { name: `${recordedName}_Hanging`, arguments: {} };
  const answer = send({ id: 1, method: 'tools/call', params });
  await begun;
  const during = await inFlight();
  await send({ method: 'notifications/cancelled', params: { requestId: 1 } });
  expect((await answer).json()).toHaveProperty('error');
  expect([during, await inFlight()]).toEqual(['1', '0']);
  await app.close();
});

test.each([
  ['the engine', contract.paths.invoke, { tool: { name: 'Waiting', toolkit: recordedName } }],
  [
    'an MCP client',
    contract.paths.mcp,
    { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: `${recordedName}_Waiting`, arguments: {} } },
  ],
])('a call from %s is in flight until its tool succeeds or fails', async (_, url, body) => {
  const seen: (string | undefined)[] = [];
  let succeeds = true;
  const waiting = defineTool({
    description: 'Look at the metrics.',
    input: z.strictObject({}),
    output: z.string(),
    examples: [{ input: {}, output: 'done' }],
    run: async () => {
      // In a later turn, because a synchronous call is not counted.
      await new Promise(setImmediate);
      seen.push(await inFlight());
      if (!succeeds) throw new Error('failed');
      return 'done';
    },
  });
  const { app, metrics } = testWorker(
    { ARCADE_SERVER_TRANSPORT: 'http', ARCADE_AUTH_DISABLED: 'true', ARCADE_WORKER_SECRET: 'a-secret-for-tests' },
    { tools: new Map([['waiting', waiting]]) },
  );
  const inFlight = async () => /^worker_calls_in_flight (\d+)$/m.exec(await metrics.registry.metrics())?.[1];
  for (succeeds of [true, false]) {
    const answer = await app.inject({
      method: 'POST',
      url,
      headers: { ...mcpHeaders, host: 'localhost' },
      payload: JSON.stringify(body),
    });
    expect(answer.statusCode).toBe(200);
    seen.push(await inFlight());
  }
  expect(seen).toEqual(['1', '0', '1', '0']);
  await app.close();
});
