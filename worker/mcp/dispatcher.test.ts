import { setImmediate as turn } from 'node:timers/promises';
import { type DispatchedRequest, type DispatcherOptions, McpDispatcher } from './dispatcher';
import { codes, RpcError, type RpcOutcome } from './protocol';
import type { McpMethod, McpService } from './service';

const defects: unknown[] = [];
const options: DispatcherOptions = {
  maxCalls: 256,
  callTimeMs: 30_000,
  maxResultBytes: 1024,
  onDefect: (error) => defects.push(error),
};

async function dispatcherWith(run: McpMethod, changes: Partial<DispatcherOptions> = {}) {
  const service: McpService = {
    info: { name: 'test', version: '1.0.0', title: 'Test' },
    instructions: 'none',
    capabilities: { tools: {} },
    methods: new Map([['tools/call', run]]),
    modern: { capabilities: {}, methods: new Set() },
    toolNamed: () => 'Test',
  };
  return McpDispatcher.start(service, { ...options, ...changes });
}

const request = (params: DispatchedRequest['params'], method = 'tools/call'): DispatchedRequest => ({
  era: 'handshake',
  method,
  params,
  from: { caller: undefined, requestId: 'test', headers: {} },
});

function outcomeOf(dispatcher: McpDispatcher, params: DispatchedRequest['params'], method?: string) {
  return new Promise<RpcOutcome>((deliver) => {
    dispatcher.run(request(params, method), { deliver, notify: () => undefined });
  });
}

beforeEach(() => {
  defects.length = 0;
});

test('2 000 calls at once get each its own result, and nothing is remembered', async () => {
  const dispatcher = await dispatcherWith(
    async ({ params }) => {
      await turn();
      return { content: [{ type: 'text', text: String(params.text) }] };
    },
    { maxCalls: 5000 },
  );
  const texts = Array.from({ length: 2000 }, (_, index) => `text ${index}`);
  const outcomes = await Promise.all(texts.map((text) => outcomeOf(dispatcher, { text })));
  expect(outcomes).toEqual(texts.map((text) => ({ result: { content: [{ type: 'text', text }] } })));
  expect(dispatcher.remembered).toBe(0);
  await dispatcher.close();
});

test('reports reach the call they belong to, and none comes after the result', async () => {
  const dispatcher = await dispatcherWith(
    async (call) => {
      for (const step of [1, 2, 3]) {
        await turn();
        await call.notify('notifications/progress', { progressToken: String(call.params.token), progress: step });
      }
      return { content: [] };
    },
    { maxCalls: 5000 },
  );
  const tokens = Array.from({ length: 300 }, (_, index) => `token ${index}`);
  const heard = await Promise.all(
    tokens.map(async (token) => {
      const events: unknown[] = [];
      await new Promise<void>((ended) => {
        dispatcher.run(request({ token }), {
          notify: ({ params }) => events.push(params),
          deliver: () => ended(void events.push('result')),
        });
      });
      return events;
    }),
  );
  expect(heard).toEqual(
    tokens.map((progressToken) => [...[1, 2, 3].map((progress) => ({ progressToken, progress })), 'result']),
  );
  expect(dispatcher.remembered).toBe(0);
  await dispatcher.close();
});

test('a cancelled call is aborted and forgotten, and nothing is delivered for it', async () => {
  const seen: string[] = [];
  const dispatcher = await dispatcherWith(async ({ signal }) => {
    await new Promise((aborted) => signal.addEventListener('abort', aborted));
    seen.push('aborted');
    return {};
  });
  const cancel = dispatcher.run(request({}), { deliver: () => seen.push('delivered'), notify: () => undefined });
  await turn();
  cancel();
  cancel();
  await turn();
  expect(seen).toEqual(['aborted']);
  expect(dispatcher.remembered).toBe(0);
  await dispatcher.close();
});

test('a call that takes too long is aborted, and its caller is told so', async () => {
  const signals: AbortSignal[] = [];
  const dispatcher = await dispatcherWith(
    ({ signal }) => {
      signals.push(signal);
      return new Promise(() => undefined);
    },
    { callTimeMs: 20 },
  );
  expect(await outcomeOf(dispatcher, {})).toEqual({
    result: { content: [{ type: 'text', text: 'timed out after 0.02 s' }], isError: true },
  });
  await turn();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  expect(dispatcher.remembered).toBe(0);
  await dispatcher.close();
});

test('a tool that goes on after its caller has gone counts until it ends', async () => {
  let end: () => void = () => undefined;
  const dispatcher = await dispatcherWith(
    () =>
      new Promise((resolve) => {
        end = () => resolve({});
      }),
    { maxCalls: 1 },
  );
  const cancel = dispatcher.run(request({}), { deliver: () => undefined, notify: () => undefined });
  await turn();
  cancel();
  expect([dispatcher.remembered, dispatcher.isFull]).toEqual([0, true]);
  end();
  await turn();
  expect(dispatcher.isFull).toBe(false);
  await dispatcher.close();
});

test('what was not meant for the caller is reported, and he gets "Internal error"', async () => {
  const dispatcher = await dispatcherWith(() => {
    throw Object.assign(new Error('the password is 1234'), { code: 1234 });
  });
  expect(await outcomeOf(dispatcher, {})).toEqual({ error: { code: codes.internal, message: 'Internal error' } });
  expect(defects).toHaveLength(1);
  await dispatcher.close();
});

test('an error for the caller reaches him as it is', async () => {
  const dispatcher = await dispatcherWith(() => {
    throw new RpcError(codes.missingCapability, 'Needs sampling', { requiredCapabilities: { sampling: {} } });
  });
  expect(await outcomeOf(dispatcher, {})).toEqual({
    error: { code: -32021, message: 'Needs sampling', data: { requiredCapabilities: { sampling: {} } } },
  });
  await dispatcher.close();
});

test('an unknown method is -32601, `ping` is the protocol’s own, and inherited names are no methods', async () => {
  const dispatcher = await dispatcherWith(() => ({}));
  expect(await outcomeOf(dispatcher, {}, 'ping')).toEqual({ result: {} });
  for (const method of ['foo/bar', 'constructor', '__proto__']) {
    expect(await outcomeOf(dispatcher, {}, method)).toMatchObject({ error: { code: -32601 } });
  }
  await dispatcher.close();
});

test('a result with more text than allowed is a failed one, counted in bytes', async () => {
  const dispatcher = await dispatcherWith(({ params }) => ({ content: [{ type: 'text', text: String(params.text) }] }));
  expect(await outcomeOf(dispatcher, { text: 'a'.repeat(1024) })).toMatchObject({ result: { content: [{}] } });
  expect(await outcomeOf(dispatcher, { text: 'ä'.repeat(513) })).toMatchObject({ result: { isError: true } });
  await dispatcher.close();
});

test('what a client says of tasks and metadata does not change how it is answered', async () => {
  const dispatcher = await dispatcherWith(({ params }) => ({ content: [], echo: params }));
  const params = { task: { ttl: 5 }, _meta: { 'io.modelcontextprotocol/related-task': { taskId: 'x' } } };
  expect(await outcomeOf(dispatcher, params)).toEqual({ result: { content: [], echo: params } });
  await dispatcher.close();
});

test('each initialize is answered by a server of its own', async () => {
  const dispatcher = await dispatcherWith(() => ({}));
  const initialize = (protocolVersion: string) =>
    dispatcher.initialize({
      protocolVersion,
      capabilities: { roots: 'nonsense' },
      clientInfo: { name: 'a', version: '1' },
    });
  const [old, unknown] = await Promise.all([initialize('2024-11-05'), initialize('1999-01-01')]);
  expect(old).toMatchObject({ result: { protocolVersion: '2024-11-05', capabilities: { tools: {} } } });
  expect(unknown).toMatchObject({ result: { protocolVersion: '2025-11-25' } });
  expect(dispatcher.remembered).toBe(0);
  await dispatcher.close();
});

test('a report after the server has stopped harms nobody', async () => {
  let report: () => Promise<void> = async () => undefined;
  const dispatcher = await dispatcherWith((call) => {
    report = () => call.notify('notifications/progress', {});
    return {};
  });
  await outcomeOf(dispatcher, {});
  await dispatcher.close();
  await expect(report()).resolves.toBeUndefined();
  expect(defects).toEqual([]);
});
