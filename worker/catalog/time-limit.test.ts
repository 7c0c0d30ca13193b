import { recordedName } from '../../testing/exchanges/recorded';
import { testWorker } from '../../testing/worker/test-worker';
import { defineTool, z } from './define-tool';
import { prepare } from './tool';

const toolkit = { name: 'Test', description: 'Tests.', version: '1.0.0' };
let aborted: unknown;

function slow(times: { timeoutSeconds?: number; retries?: number }) {
  return defineTool({
    description: 'Report progress and never end.',
    input: z.strictObject({}),
    output: z.string(),
    examples: [{ input: {}, fails: 'NETWORK_TRANSPORT_RUNTIME_TIMEOUT' }],
    ...times,
    run: (_input, { progress, signal }) =>
      new Promise<string>(() => {
        progress(1, 2);
        signal.addEventListener('abort', () => {
          aborted = signal.reason;
        });
      }),
  });
}

afterEach(() => {
  jest.useRealTimers();
  aborted = undefined;
});

/** A call under fake timers. */
async function callOver(route: 'worker' | 'mcp', times: Parameters<typeof slow>[0]) {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'hrtime'] });
  const { app, lines } = testWorker(
    { ARCADE_WORKER_SECRET: 's', ARCADE_AUTH_DISABLED: 'true' },
    { tools: new Map([['slow', slow(times)]]) },
  );
  await app.ready();
  let isOver = false;
  const headers = { 'content-type': 'application/json', accept: 'application/json', host: 'localhost' };
  const params = { name: `${recordedName}_Slow`, _meta: { progressToken: 1 } };
  const answer = app
    .inject(
      route === 'worker'
        ? {
            method: 'POST',
            url: '/worker/tools/invoke',
            headers,
            payload: { tool: { name: 'Slow', toolkit: recordedName } },
          }
        : { method: 'POST', url: '/mcp', headers, payload: { jsonrpc: '2.0', id: 1, method: 'tools/call', params } },
    )
    .finally(() => {
      isOver = true;
    });
  const hasEndedAfter = async (ms: number) => {
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    jest.advanceTimersByTime(ms);
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    return isOver;
  };
  return { answer, hasEndedAfter, close: () => app.close(), lines };
}

describe.each(['worker', 'mcp'] as const)('over /%s', (route) => {
  test.each([
    [{}, 30_000, false],
    [{ timeoutSeconds: 120, retries: 2 }, 120_000, true],
    [{ timeoutSeconds: 1 }, 1000, false],
  ])('a tool that declares %j times out after %i ms even if it reports progress', async (times, limitMs, canRetry) => {
    const { answer, hasEndedAfter, close, lines } = await callOver(route, times);
    expect(await hasEndedAfter(limitMs - 1)).toBe(false);
    expect(await hasEndedAfter(1)).toBe(true);
    const body = (await answer).json();
    expect(aborted).toBeDefined();
    if (route === 'mcp')
      expect(body.result).toMatchObject({ isError: true, content: [{ text: `timed out after ${limitMs / 1000} s` }] });
    else {
      const message = expect.stringContaining(`No result within ${limitMs / 1000} s`);
      const kind = 'NETWORK_TRANSPORT_RUNTIME_TIMEOUT';
      expect(body.output.error).toMatchObject({ kind, message, can_retry: canRetry });
      expect(lines).toContainEqual(expect.objectContaining({ error_kind: kind, tool_name: 'Slow' }));
      expect(aborted).toMatchObject({ name: 'TimeoutError' });
    }
    await close();
  });
});

test.each<[object, string]>([
  [{ timeoutSeconds: 0 }, 'timeoutSeconds must be a whole number from 1 to 300 seconds'],
  [{ timeoutSeconds: 301 }, 'timeoutSeconds must be a whole number from 1 to 300 seconds'],
  [{ timeoutSeconds: 1.5 }, 'timeoutSeconds must be'],
  [{ timeoutSeconds: Number.NaN }, 'timeoutSeconds must be'],
  [{ timeoutSeconds: '60' }, 'timeoutSeconds must be'],
  [{ retries: -1 }, 'retries must be a whole number from 0 to 10'],
  [{ retries: 11, timeoutSeconds: 0 }, 'timeoutSeconds must be a whole number from 1 to 300 seconds; retries must be'],
])('loading rejects %j', (times, reason) => {
  expect(() => prepare('slow', slow(times), toolkit, '.')).toThrow(reason);
});

test('loading rejects an unknown field, because a typo in a limit would remove the limit', () => {
  const misspelt = { timeoutSeconds: 60, timeout: 60 };
  expect(() => prepare('slow', slow(misspelt), toolkit, '.')).toThrow(
    'there is no field "timeout"; the fields are description, input, output,',
  );
});
