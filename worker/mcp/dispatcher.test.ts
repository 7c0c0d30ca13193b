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

test('gives each of 2 000 concurrent calls its own result and keeps no state', async () => {
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
  expect(dispatcher.pending).toBe(0);
  dispatcher.close();
});

test('delivers progress to the right call, and none after the result', async () => {
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
  const received = await Promise.all(
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
  expect(received).toEqual(
    tokens.map((progressToken) => [...[1, 2, 3].map((progress) => ({ progressToken, progress })), 'result']),
  );
  expect(dispatcher.pending).toBe(0);
  dispatcher.close();
});

test('aborts and drops a cancelled call without delivering an outcome', async () => {
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
  expect(dispatcher.pending).toBe(0);
  dispatcher.close();
});

test('does not report an error caused by the abort of a call as a defect', async () => {
  const dispatcher = dispatcherWith(
    ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  );
  const cancel = dispatcher.run(request({}), source, silent);
  cancel();
  await turn();
  expect([dispatcher.pending, defects]).toEqual([0, []]);
  dispatcher.close();
});

test('aborts a call that times out and returns a timeout error', async () => {
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
  expect(dispatcher.pending).toBe(0);
  dispatcher.close();
});

test('a tool that is still running after its caller disconnected counts towards the limit until it ends', async () => {
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
  expect([dispatcher.pending, dispatcher.isFull]).toEqual([0, true]);
  end();
  await turn();
  expect(dispatcher.isFull).toBe(false);
  dispatcher.close();
});

test.each([
  ['timed-out', false],
  ['cancelled', true],
])('a %s call whose tool never ends stops counting towards the limit after overrunMs', async (_which, isCancelled) => {
  const started = async (overrunMs: number) => {
    const limits = { maxCalls: 1, callTimeMs: 5, overrunMs };
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

test('reports an unexpected error as a defect, and the caller gets "Internal error"', async () => {
  const dispatcher = dispatcherWith(() => {
    throw Object.assign(new Error('the password is 1234'), { code: 1234 });
  });
  expect(await outcomeOf(dispatcher, {})).toEqual({ error: { code: codes.internal, message: 'Internal error' } });
  expect(defects).toHaveLength(1);
  dispatcher.close();
});

test('sends an RpcError to the caller unchanged', async () => {
  const dispatcher = dispatcherWith(() => {
    throw new RpcError(codes.missingCapability, 'Needs sampling', { requiredCapabilities: { sampling: {} } });
  });
  expect(await outcomeOf(dispatcher, {})).toEqual({
    error: { code: -32021, message: 'Needs sampling', data: { requiredCapabilities: { sampling: {} } } },
  });
  dispatcher.close();
});

test('answers `ping` itself, and rejects unknown methods and inherited property names with -32601', async () => {
  const dispatcher = dispatcherWith(() => ({}));
  expect(await outcomeOf(dispatcher, {}, 'ping')).toEqual({ result: {} });
  for (const method of ['foo/bar', 'constructor', '__proto__']) {
    expect(await outcomeOf(dispatcher, {}, method)).toMatchObject({ error: { code: -32601 } });
  }
  dispatcher.close();
});

test('task and metadata parameters of a client do not change the response', async () => {
  const dispatcher = dispatcherWith(({ params }) => ({ content: [], echo: params }));
  const params = { task: { ttl: 5 }, _meta: { 'io.modelcontextprotocol/related-task': { taskId: 'x' } } };
  expect(await outcomeOf(dispatcher, params)).toEqual({ result: { content: [], echo: params } });
  dispatcher.close();
});

test('initialize negotiates the requested revision, falls back to the newest, and keeps no state', async () => {
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
  expect(dispatcher.pending).toBe(0);
});

test('ignores progress that is reported after the result or after close', async () => {
  let report: () => void = () => undefined;
  const dispatcher = dispatcherWith((call) => {
    report = () => call.notify('notifications/progress', {});
    return {};
  });
  const received: unknown[] = [];
  dispatcher.run(request({}), source, { ...silent, notify: (notification) => received.push(notification) });
  report();
  dispatcher.close();
  report();
  expect([received, defects]).toEqual([[], []]);
});

test('a tool that reads the signal after its call was cancelled gets an aborted signal', async () => {
  const signalOf: (() => AbortSignal)[] = [];
  const dispatcher = dispatcherWith((call) => {
    signalOf.push(() => call.signal);
    return new Promise(() => undefined);
  });
  dispatcher.run(request({}), source, silent)();
  expect(signalOf.map((signal) => signal().aborted)).toEqual([true]);
});

test('close aborts running calls and delivers nothing', async () => {
  const signals: AbortSignal[] = [];
  const dispatcher = dispatcherWith((call) => {
    signals.push(call.signal);
    return new Promise(() => undefined);
  });
  const delivered: unknown[] = [];
  dispatcher.run(request({}), source, { ...silent, deliver: (outcome) => delivered.push(outcome) });
  dispatcher.close();
  expect([signals.map(({ aborted }) => aborted), delivered, dispatcher.pending]).toEqual([[true], [], 0]);
});

describe('a cancellation by notification', () => {
  const start = (...ids: readonly (string | number)[]) => {
    const dispatcher = dispatcherWith(() => new Promise(() => undefined));
    const cancelled: unknown[] = [];
    for (const id of ids) {
      dispatcher.run(request({}, 'tools/call', id), source, { ...silent, cancelled: () => cancelled.push(id) });
    }
    return { dispatcher, cancelled };
  };

  test('ends only the request whose id has the same value and type', () => {
    const { dispatcher, cancelled } = start(1, '1', 2);
    dispatcher.cancel('1', () => true);
    expect([cancelled, dispatcher.pending]).toEqual([['1'], 2]);
    dispatcher.close();
  });

  test.each([
    ['an unknown id', 3, true],
    ['no id', undefined, true],
    ['the id of another client', 2, false],
    ['an id that two requests share', 1, true],
  ])('with %s is a no-op', (_what, id, isClient) => {
    const { dispatcher, cancelled } = start(1, 1, 2);
    dispatcher.cancel(id, () => isClient);
    expect([cancelled, dispatcher.pending]).toEqual([[], 3]);
    dispatcher.close();
  });
});

test('the time limit of a call comes from the service, or from the default', async () => {
  const timeLimitOf = ({ params }: { params: Members }) => (params.quick === true ? 5 : undefined);
  const dispatcher = dispatcherWith(() => new Promise(() => undefined), { callTimeMs: 10 }, { timeLimitOf });
  expect(await outcomeOf(dispatcher, { quick: true })).toMatchObject({
    result: { content: [{ text: 'timed out after 0.005 s' }] },
  });
  expect(await outcomeOf(dispatcher, {})).toMatchObject({ result: { content: [{ text: 'timed out after 0.01 s' }] } });
});
