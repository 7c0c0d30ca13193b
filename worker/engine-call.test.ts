import { engineRequest } from './engine-call';
import { testServer } from './testing/server';

const server = testServer({ ARCADE_WORKER_SECRET: 'the-secret' });
const target = { secret: 'the-secret', toolkitName: 'arcade_eval_ref' };
afterAll(() => server.app.close());

test.each([
  ['whoami', [], 'user@example.com'],
  ['Whoami', [], 'user@example.com'],
  ['ArcadeEvalRef.Whoami', [], 'user@example.com'],
  ['add', ['a=2', 'b=3'], 5],
  ['echo', ['message=a=b c'], 'a=b c'],
])('a person may call %j with %j as the engine would', async (tool, inputs, value) => {
  const { method: _, body, headers } = engineRequest({ tool, inputs, userId: 'user@example.com' }, target);
  const answer = await server.app.inject({ method: 'POST', url: '/worker/tools/invoke', headers, payload: body });
  expect(answer.json()).toMatchObject({ success: true, output: { value } });
});

test('an input that cannot be read is told before anything is sent', () => {
  const ask = (input: string) => engineRequest({ tool: 'echo', inputs: [input], userId: undefined }, target);
  expect(() => ask('message')).toThrow('write name=value');
  expect(() => ask('message={')).toThrow('begins like JSON and is none');
  expect(JSON.parse(ask('list=["a"]').body).inputs).toEqual({ list: ['a'] });
});
