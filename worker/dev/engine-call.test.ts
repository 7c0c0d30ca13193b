import { recordedName, recordedToolkit } from '../../testing/exchanges/recorded';
import { testWorker } from '../../testing/worker/test-worker';
import { engineRequest, unknownTool, workerUrl } from './engine-call';

const server = testWorker({ ARCADE_WORKER_SECRET: 'the-secret' });
const target = { secret: 'the-secret', toolkitName: recordedToolkit.name };
afterAll(() => server.app.close());

test.each([
  ['whoami', [], 'user@example.com'],
  ['Whoami', [], 'user@example.com'],
  [`${recordedName}.Whoami`, [], 'user@example.com'],
  ['add', ['a=2', 'b=3'], 5],
  ['echo', ['message=a=b c'], 'a=b c'],
])('a person may call %j with %j as the engine would', async (tool, inputs, value) => {
  const { method: _, body, headers } = engineRequest({ tool, inputs, userId: 'user@example.com' }, target);
  const answer = await server.app.inject({ method: 'POST', url: '/worker/tools/invoke', headers, payload: body });
  expect(answer.json()).toMatchObject({ success: true, output: { value } });
});

test('an input that cannot be read is told before anything is sent', () => {
  const ask = (input: string) => engineRequest({ tool: 'echo', inputs: [input], userId: undefined }, target);
  expect(() => ask('message')).toThrow('Cannot read "message"');
  expect(() => ask('message={')).toThrow('begins like JSON and is none');
  expect(() => engineRequest({ tool: 'add', inputs: ['a=1', 'a=2'], userId: undefined }, target)).toThrow(
    'Cannot take "a" twice',
  );
  expect(JSON.parse(ask('list=["a"]').body).inputs).toEqual({ list: ['a'] });
});

test.each(['nonsense', '127.0.0.1:8000', 'localhost:8000', 'ftp://127.0.0.1', 'http://', ''])(
  '%j is no address of a worker',
  (text) => {
    expect(() => workerUrl(text)).toThrow(`Cannot use --url "${text}"`);
  },
);

test('who asks for an unknown tool is told which there are', async () => {
  const request = engineRequest({ tool: 'who', inputs: [], userId: undefined }, target);
  const { method: _, body, headers } = request;
  const refused = await server.app.inject({ method: 'POST', url: '/worker/tools/invoke', headers, payload: body });
  expect(refused.statusCode).toBe(404);
  const tools = await server.app.inject({ url: '/worker/tools', headers: { authorization: headers.authorization } });
  expect(unknownTool('who', tools.json())).toMatchObject({
    code: 'TOOL-UNKNOWN',
    fix: 'choose one of: Echo, Add, Whoami',
  });
  expect(unknownTool('ad', tools.json()).fix).toBe('write "Add"');
});
