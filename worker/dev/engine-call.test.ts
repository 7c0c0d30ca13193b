import { recordedName, recordedToolkit } from '../../testing/exchanges/recorded';
import { readFixtureTools } from '../../testing/worker/fixtures';
import { testWorker } from '../../testing/worker/test-worker';
import { defineTool, z } from '../catalog/define-tool';
import { authorizationFor, catalogueFrom, engineBody, toolIn } from './engine-call';
import { givenIn } from './given';

const typed = defineTool({
  description: 'Fixture: tells what arrived.',
  input: z.strictObject({
    text: z.string().nullable().default('none').describe('Text.'),
    choice: z.enum(['[a]', 'b']).default('b').describe('One of a few texts.'),
    list: z.array(z.string()).default([]).describe('A list.'),
    free: z.record(z.string(), z.unknown()).default({}).describe('An object.'),
    whole: z.int().default(0).describe('A whole number.'),
    is: z.boolean().default(false).describe('A flag.'),
  }),
  output: z.record(z.string(), z.unknown()),
  examples: [{ input: {}, output: {} }],
  run: (input) => input,
});
const server = testWorker(
  { ARCADE_WORKER_SECRET: 'the-secret' },
  { tools: new Map([...readFixtureTools(), ['typed', typed]]) },
);
const authorization = authorizationFor('the-secret');
afterAll(() => server.app.close());

async function catalogue() {
  return catalogueFrom((await server.app.inject({ url: '/worker/tools', headers: { authorization } })).body);
}

/** The request body of the command, with the variables of its shell. */
async function bodyOf(name: string, inputs: readonly string[] = [], environment: Record<string, string> = {}) {
  const tool = toolIn(await catalogue(), name, recordedToolkit.name);
  return engineBody(tool, { tool: name, inputs, userId: 'user@example.com', given: givenIn(environment) });
}

async function call(...[name, inputs, environment]: Parameters<typeof bodyOf>) {
  const payload = await bodyOf(name, inputs, environment);
  const answer = await server.app.inject({
    method: 'POST',
    url: '/worker/tools/invoke',
    headers: { authorization },
    payload,
  });
  return answer.json();
}

test.each<[string, string[], unknown]>([
  ['whoami', [], 'user@example.com'],
  ['Whoami', [], 'user@example.com'],
  [`${recordedName}.Whoami`, [], 'user@example.com'],
  ['add', ['a=2', 'b=3'], 5],
  ['echo', ['message=a=b c'], 'a=b c'],
  ['echo', ['message=[urgent] call'], '[urgent] call'],
  ['echo', ['message=[1]'], '[1]'],
  ['echo', ['message={"a":1}'], '{"a":1}'],
  ['echo', ['message={'], '{'],
  ['echo', ['message='], ''],
  ['echo', ['message:="[\\u00e4]"'], '[ä]'],
])('calls %j with %j as the engine does', async (tool, inputs, value) => {
  expect(await call(tool, inputs)).toMatchObject({ success: true, output: { value } });
});

test.each<[string, object]>([
  ['text=null', { text: 'null' }],
  ['text:=null', { text: null }],
  ['choice=[a]', { choice: '[a]' }],
  ['list=["a", "b"]', { list: ['a', 'b'] }],
  ['free={"a":[1]}', { free: { a: [1] } }],
  ['whole=7', { whole: 7 }],
  ['whole:=7', { whole: 7 }],
  ['is=yes', { is: true }],
])('%s arrives as what the catalogue says', async (input, value) => {
  expect(await call('typed', [input])).toMatchObject({ success: true, output: { value } });
});

test('sends every digit of a number above 2^53, at any place', async () => {
  const body = await bodyOf('typed', ['free={"id":1917043659912705296}', 'whole:=1917043659912705297']);
  expect(body).toContain('"free":{"id":1917043659912705296}');
  expect(body).toContain('"whole":1917043659912705297');
  expect(await call('typed', ['whole=1917043659912705297'])).toMatchObject({ success: false });
});

test.each([
  [['text'], 'Cannot read "text"'],
  [['text:={'], 'Cannot read the value of "text": it must be JSON and is not valid'],
  [['text:=text'], 'it must be JSON and is not valid'],
  [['list=[a]'], 'Cannot read the value of "list"'],
  [['text=1', 'text=2'], 'Cannot take "text" twice'],
])('rejects the inputs %j before sending anything', async (inputs, reason) => {
  await expect(bodyOf('typed', inputs)).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringContaining(reason),
  });
});

test('an unknown tool is answered with the nearest one, or with all of them', async () => {
  const answerTo = (name: string) => bodyOf(name).catch((problem: unknown) => problem);
  expect(await answerTo('zzzzzz')).toMatchObject({
    code: 'TOOL-UNKNOWN',
    fix: expect.stringMatching(/^choose one of: .*Echo/),
  });
  expect(await answerTo('ad')).toMatchObject({ code: 'TOOL-UNKNOWN', fix: 'write "Add"' });
  expect(await answerTo('whoamy')).toMatchObject({ fix: 'write "Whoami"' });
  expect(await answerTo('Other.Add')).toMatchObject({ code: 'TOOL-UNKNOWN' });
});

test('sends what a tool requires, and names the variables that are missing', async () => {
  const secrets = { TOOL_SECRET_API_TOKEN: 's3cr3t', TOOL_SECRET_OTHER_KEY: 'x' };
  expect(await call('use_secret', [], secrets)).toMatchObject({ output: { value: 's3cr3t' } });
  expect(await call('use_auth', [], { TOOL_TOKEN_GITHUB: 'tok-1' })).toMatchObject({ output: { value: 'tok-1' } });
  await expect(bodyOf('use_secret', [], { TOOL_SECRET_OTHER_KEY: 'x' })).rejects.toMatchObject({
    code: 'SECRET-INPUT',
    message: expect.stringContaining('it requires the secrets API_TOKEN, Other_Key'),
    fix: expect.stringMatching(/^put TOOL_SECRET_API_TOKEN=… in front of the command/),
  });
  await expect(bodyOf('use_auth')).rejects.toMatchObject({
    message: expect.stringContaining('it requires a token of github'),
    fix: expect.stringContaining('TOOL_TOKEN_GITHUB=…'),
  });
});

test.each(['', '<html>', '{"detail":"Not Found"}', '[{"name":1}]'])('%j is not a catalogue', (text) => {
  expect(() => catalogueFrom(text)).toThrow('the response is not the catalogue of a worker');
});
