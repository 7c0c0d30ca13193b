import { setImmediate as turn } from 'node:timers/promises';
import { InitializeResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { McpDispatcher } from './dispatcher';
import { codes, type Members, RpcError, type RpcOutcome } from './protocol';
import {
  type DispatcherOptions,
  type McpMethod,
  type McpService,
  mcpLimits,
  type ParsedRequest,
  type Sink,
  type Source,
} from './service';

const defects: unknown[] = [];
const options: DispatcherOptions = {
  ...mcpLimits,
  onDefect: (error) => defects.push(error),
};

function dispatcherWith(run: McpMethod, changes: Partial<DispatcherOptions> = {}, more: Partial<McpService> = {}) {
  const service: McpService = {
    info: { name: 'test', version: '1.0.0', title: 'Test' },
    instructions: 'none',
    capabilities: { tools: {} },
    methods: new Map([['tools/call', run]]),
    modern: { capabilities: {}, methods: new Set() },
    toolNamed: () => 'Test',
    ...more,
  };
  return new McpDispatcher(service, { ...options, ...changes });
}

const request = (params: Members, method = 'tools/call', id: string | number = 'mine'): ParsedRequest => ({
  id,
  era: 'handshake',
  method,
  params,
  revision: '2025-11-25',
  clientInfo: undefined,
});

const source: Source = { caller: undefined, requestId: 'test', headers: {} };

const silent: Sink = { deliver: () => undefined, notify: () => undefined, cancelled: () => undefined };

function outcomeOf(dispatcher: McpDispatcher, params: Members, method?: string) {
  return new Promise<RpcOutcome>((deliver) => {
    dispatcher.run(request(params, method), source, { ...silent, deliver });
  });
}

beforeEach(() => {
  defects.length = 0;
});

test('2 000 calls at once get each its own result, and nothing is remembered', async () => {
  const dispatcher = dispatcherWith(
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
  dispatcher.close();
});

test('reports reach the call they belong to, and none comes after the result', async () => {
  const dispatcher = dispatcherWith(
    async (call) => {
      for (const step of [1, 2, 3]) {
        await turn();
        call.notify('notifications/progress', { progressToken: String(call.params.token), progress: step });
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
        dispatcher.run(request({ token }), source, {
          ...silent,
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
  dispatcher.close();
});

test('a cancelled call is aborted and forgotten, and nothing is delivered for it', async () => {
  const seen: string[] = [];
  const dispatcher = dispatcherWith(async ({ signal }) => {
    await new Promise((aborted) => signal.addEventListener('abort', aborted));
    seen.push('aborted');
    return {};
  });
  const cancel = dispatcher.run(request({}), source, { ...silent, deliver: () => seen.push('delivered') });
  await turn();
  cancel();
  cancel();
  await turn();
  expect(seen).toEqual(['aborted']);
  expect(dispatcher.remembered).toBe(0);
  dispatcher.close();
});

test('what a method throws because its call was aborted is no defect', async () => {
  const dispatcher = dispatcherWith(
    ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  );
  const cancel = dispatcher.run(request({}), source, silent);
  cancel();
  await turn();
  expect([dispatcher.remembered, defects]).toEqual([0, []]);
  dispatcher.close();
});

test('a call that takes too long is aborted, and its caller is told so', async () => {
  const signals: AbortSignal[] = [];
  const dispatcher = dispatcherWith(
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
  dispatcher.close();
});

test('a tool that goes on after its caller has gone counts until it ends', async () => {
  let end: () => void = () => undefined;
  const dispatcher = dispatcherWith(
    () =>
      new Promise((resolve) => {
        end = () => resolve({});
      }),
    { maxCalls: 1 },
  );
  const cancel = dispatcher.run(request({}), source, silent);
  await turn();
  cancel();
  expect([dispatcher.remembered, dispatcher.isFull]).toEqual([0, true]);
  end();
  await turn();
  expect(dispatcher.isFull).toBe(false);
  dispatcher.close();
});

test.each([
  ['whose time is up', false],
  ['that was cancelled', true],
])('a call %s counts only some time longer when its tool never ends', async (_which, isCancelled) => {
  const started = async (countedMs: number) => {
    const limits = { maxCalls: 1, callTimeMs: 5, countedMs };
    const dispatcher = dispatcherWith(() => new Promise(() => undefined), limits);
    await new Promise<unknown>((ended) => {
      const cancel = dispatcher.run(request({}), source, { ...silent, deliver: ended });
      expect(dispatcher.isFull).toBe(true);
      if (isCancelled) ended(cancel());
    });
    return dispatcher;
  };
  const [patient, quick] = [await started(300_000), await started(1)];
  while (quick.isFull) await turn();
  expect(patient.isFull).toBe(true);
});

test('what was not meant for the caller is reported, and he gets "Internal error"', async () => {
  const dispatcher = dispatcherWith(() => {
    throw Object.assign(new Error('the password is 1234'), { code: 1234 });
  });
  expect(await outcomeOf(dispatcher, {})).toEqual({ error: { code: codes.internal, message: 'Internal error' } });
  expect(defects).toHaveLength(1);
  dispatcher.close();
});

test('an error for the caller reaches him as it is', async () => {
  const dispatcher = dispatcherWith(() => {
    throw new RpcError(codes.missingCapability, 'Needs sampling', { requiredCapabilities: { sampling: {} } });
  });
  expect(await outcomeOf(dispatcher, {})).toEqual({
    error: { code: -32021, message: 'Needs sampling', data: { requiredCapabilities: { sampling: {} } } },
  });
  dispatcher.close();
});

test('an unknown method is -32601, `ping` is the protocol’s own, and inherited names are no methods', async () => {
  const dispatcher = dispatcherWith(() => ({}));
  expect(await outcomeOf(dispatcher, {}, 'ping')).toEqual({ result: {} });
  for (const method of ['foo/bar', 'constructor', '__proto__']) {
    expect(await outcomeOf(dispatcher, {}, method)).toMatchObject({ error: { code: -32601 } });
  }
  dispatcher.close();
});

test('what a client says of tasks and metadata does not change how it is answered', async () => {
  const dispatcher = dispatcherWith(({ params }) => ({ content: [], echo: params }));
  const params = { task: { ttl: 5 }, _meta: { 'io.modelcontextprotocol/related-task': { taskId: 'x' } } };
  expect(await outcomeOf(dispatcher, params)).toEqual({ result: { content: [], echo: params } });
  dispatcher.close();
});

test('initialize settles on the revision that was asked for, or on the newest, and keeps nothing of it', async () => {
  const dispatcher = dispatcherWith(() => ({}));
  const initialize = (protocolVersion: string) => outcomeOf(dispatcher, { protocolVersion }, 'initialize');
  const [old, unknown] = await Promise.all([initialize('2024-11-05'), initialize('1999-01-01')]);
  expect(old.result).toEqual({
    protocolVersion: '2024-11-05',
    capabilities: { tools: {} },
    serverInfo: { name: 'test', version: '1.0.0', title: 'Test' },
    instructions: 'none',
  });
  expect(InitializeResultSchema.parse(old.result)).toEqual(old.result);
  expect(unknown).toMatchObject({ result: { protocolVersion: '2025-11-25' } });
  expect(dispatcher.remembered).toBe(0);
});

test('a report after the result or after the end harms nobody, and reaches nobody', async () => {
  let report: () => void = () => undefined;
  const dispatcher = dispatcherWith((call) => {
    report = () => call.notify('notifications/progress', {});
    return {};
  });
  const heard: unknown[] = [];
  dispatcher.run(request({}), source, { ...silent, notify: (said) => heard.push(said) });
  report();
  dispatcher.close();
  report();
  expect([heard, defects]).toEqual([[], []]);
});

test('a tool that asks for the signal after its call was cancelled gets one that is aborted', async () => {
  const signalOf: (() => AbortSignal)[] = [];
  const dispatcher = dispatcherWith((call) => {
    signalOf.push(() => call.signal);
    return new Promise(() => undefined);
  });
  dispatcher.run(request({}), source, silent)();
  expect(signalOf.map((signal) => signal().aborted)).toEqual([true]);
});

test('closing aborts what is running and delivers nothing', async () => {
  const signals: AbortSignal[] = [];
  const dispatcher = dispatcherWith((call) => {
    signals.push(call.signal);
    return new Promise(() => undefined);
  });
  const delivered: unknown[] = [];
  dispatcher.run(request({}), source, { ...silent, deliver: (outcome) => delivered.push(outcome) });
  dispatcher.close();
  expect([signals.map(({ aborted }) => aborted), delivered, dispatcher.remembered]).toEqual([[true], [], 0]);
});

describe('a cancellation by notification', () => {
  const start = (...ids: readonly (string | number)[]) => {
    const dispatcher = dispatcherWith(() => new Promise(() => undefined));
    const heard: unknown[] = [];
    for (const id of ids) {
      dispatcher.run(request({}, 'tools/call', id), source, { ...silent, cancelled: () => heard.push(id) });
    }
    return { dispatcher, heard };
  };

  test('ends the one request of its id, whose type counts', () => {
    const { dispatcher, heard } = start(1, '1', 2);
    dispatcher.cancel('1', () => true);
    expect([heard, dispatcher.remembered]).toEqual([['1'], 2]);
    dispatcher.close();
  });

  test.each([
    ['an id that nobody has', 3, true],
    ['no id', undefined, true],
    ['the id of another client', 2, false],
    ['an id that two requests have', 1, true],
  ])('with %s ends nothing', (_what, id, isClient) => {
    const { dispatcher, heard } = start(1, 1, 2);
    dispatcher.cancel(id, () => isClient);
    expect([heard, dispatcher.remembered]).toEqual([[], 3]);
    dispatcher.close();
  });
});

test('how long a call may take is what the service says of it, or else the limit of all', async () => {
  const timeLimitOf = ({ params }: { params: Members }) => (params.quick === true ? 5 : undefined);
  const dispatcher = dispatcherWith(() => new Promise(() => undefined), { callTimeMs: 10 }, { timeLimitOf });
  expect(await outcomeOf(dispatcher, { quick: true })).toMatchObject({
    result: { content: [{ text: 'timed out after 0.005 s' }] },
  });
  expect(await outcomeOf(dispatcher, {})).toMatchObject({ result: { content: [{ text: 'timed out after 0.01 s' }] } });
});
