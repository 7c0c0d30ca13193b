import { recordedTools } from '../../testing/exchanges/recorded';
import { mint } from '../../testing/exchanges/token';
import { testWorker } from '../../testing/worker/test-worker';
import { defineResource, FatalToolError } from '../catalog/define-tool';
import { contract } from '../contract';

const { resourcesList, resourcesRead } = contract.paths;
const secret = 'a-secret-of-this-test';
const authorization = `Bearer ${mint({ secret, alg: 'HS256', claims: { aud: 'worker', ver: '1' } })}`;

const read = (text: () => string) => defineResource({ uri: 'a:b', read: text });

async function ask(url: string, sources: ReadonlyMap<string, unknown>, payload: string | object, more = {}) {
  const { app, lines, metrics } = testWorker(
    { ARCADE_SERVER_TRANSPORT: 'http', ARCADE_WORKER_SECRET: secret },
    { tools: new Map([...recordedTools, ...sources]) },
  );
  const answer = await app.inject({ method: 'POST', url, headers: { authorization, ...more }, payload });
  return { status: answer.statusCode, body: answer.json(), lines, metrics: await metrics.registry.metrics() };
}

test('resources that the engine cannot read are neither listed nor readable', async () => {
  const sources = new Map([
    ['resources/open', defineResource({ uri: 'a:open', text: 'x' })],
    ['resources/closed', defineResource({ uri: 'a:closed', text: 'x', requires: { secrets: ['KEY'] } })],
    ['resources/many', defineResource({ uri: 'a:{b}/c', read: () => 'x' })],
  ]);
  const { body } = await ask(resourcesList, sources, {});
  expect(body.resources).toMatchObject([{ uri: 'a:open' }]);
  const answers = await Promise.all(['a:closed', 'a:x/c'].map((uri) => ask(resourcesRead, sources, { uri })));
  expect(answers.map(({ status }) => status)).toEqual([404, 404]);
});

test('a server without resources does not have the routes', async () => {
  expect(await ask(resourcesList, new Map(), {})).toMatchObject({ status: 404, body: { detail: 'Not Found' } });
});

test.each([
  [
    'sends the message of a ToolError',
    read(() => {
      throw new FatalToolError('Closed');
    }),
    { code: -32603, message: 'Closed' },
  ],
  [
    'treats null as an unknown resource',
    read(() => null as never),
    { code: -32002, message: 'Resource not found: a:b' },
  ],
])('reading with a function %s', async (_, definition, body) => {
  expect((await ask(resourcesRead, new Map([['resources/it', definition]]), { uri: 'a:b' })).body).toEqual(body);
});

test('a read times out even if its function never returns', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'hrtime'] });
  const endless = defineResource({
    uri: 'a:b',
    timeoutSeconds: 7,
    read() {
      setImmediate(() => jest.advanceTimersByTime(7000));
      return new Promise<string>(() => undefined);
    },
  });
  const { body } = await ask(resourcesRead, new Map([['resources/it', endless]]), { uri: 'a:b' });
  jest.useRealTimers();
  expect(body).toEqual({ code: -32603, message: 'No result within 7 s' });
});

test('an unexpected error of a function is logged, counted and answered with a bare 500', async () => {
  const broken = read(() => {
    throw new Error('the key is 12345');
  });
  const { status, body, lines, metrics } = await ask(resourcesRead, new Map([['resources/it', broken]]), {
    uri: 'a:b',
  });
  expect([status, JSON.stringify(body)]).toEqual([500, expect.not.stringContaining('12345')]);
  expect(JSON.stringify(lines)).toContain('the key is 12345');
  expect(metrics).toMatch(/route="\/worker\/resources\/read",status="500"\} 1/);
});

test('rejects a compressed or malformed body, whatever its type', async () => {
  const sources = new Map([['resources/it', read(() => 'x')]]);
  const answers = [
    await ask(resourcesRead, sources, 'x', { 'content-encoding': 'gzip' }),
    await ask(resourcesRead, sources, '\u0000', { 'content-type': 'application/json' }),
    await ask(resourcesList, sources, '[]', { 'content-type': 'text/plain' }),
  ];
  expect(answers.map(({ status, body }) => [status, body.code])).toEqual([
    [400, -32602],
    [400, -32602],
    [400, -32602],
  ]);
});
