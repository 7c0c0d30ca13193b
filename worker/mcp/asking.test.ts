import { recordedName } from '../../testing/exchanges/recorded';
import { type McpServer, mcpHeaders, mcpServer } from '../../testing/worker/mcp-server';
import { defineTool, NotAnsweredError, z } from '../catalog/define-tool';
import { type Members, metaKeys } from './protocol';
import { RequestStates } from './request-state';

const examples = [{ input: { path: 'a' }, output: 'deleted a' }];
const input = z.strictObject({ path: z.string().describe('Which.') });
const ran: string[] = [];
const remove = defineTool({
  description: 'Delete a file for good.',
  input,
  output: z.string(),
  examples,
  confirm: true,
  run: ({ path }) => {
    ran.push(path);
    return `deleted ${path}`;
  },
});
const size = z.strictObject({ size: z.enum(['S', 'M']).describe('How big.') });
const two = defineTool({
  description: 'Ask twice.',
  input,
  output: z.string(),
  examples: [{ input: { path: 'a' }, context: { answers: [{ size: 'M' }, { count: 2 }] }, output: '2 M for a' }],
  asks: true,
  run: async ({ path }, context) => {
    const first = await context.ask(size, `Which size of ${path}?`);
    const { count } = await context.ask({ count: z.int().min(1).max(9).describe('How many.') }, 'How many?');
    return `${count} ${first.size} for ${path}`;
  },
});
const careless = defineTool({
  description: 'Catch everything.',
  input,
  output: z.string(),
  examples: [{ input: { path: 'a' }, output: 'went on' }],
  asks: true,
  run: async (_input, context) => {
    try {
      await Promise.all([context.ask({}, 'One?'), context.ask({}, 'Two?')]);
    } catch (error) {
      if (error instanceof NotAnsweredError) return error.reason;
    }
    return 'went on';
  },
});
const forgetful = defineTool({
  description: 'Forget to wait.',
  input,
  output: z.string(),
  examples: [{ input: { path: 'a' }, output: 'done' }],
  asks: true,
  run: (_input, context) => {
    void context.ask({}, 'Sure?');
    return 'done';
  },
});
const nested = defineTool({
  description: 'Ask for a nested object.',
  input,
  output: z.string(),
  examples: [{ input: { path: 'a' }, fails: 'TOOL_RUNTIME_FATAL' }],
  asks: true,
  run: async (_input, context) => {
    await context.ask({ deep: z.strictObject({ a: z.string() }) }, 'What?');
    return 'never';
  },
});
const undeclared = defineTool({
  description: 'Ask without `asks`.',
  input,
  output: z.string(),
  examples: [{ input: { path: 'a' }, fails: 'TOOL_RUNTIME_FATAL' }],
  run: async (_input, context) => {
    await context.ask({}, 'Sure?');
    return 'never';
  },
});
const tools = new Map(Object.entries({ remove, two, careless, forgetful, nested, undeclared }));

const forms = { elicitation: { form: {} } };
let server: McpServer;
let now: number;
beforeEach(async () => {
  ran.length = 0;
  now = 5_000_000;
  server = await mcpServer({ tools, dependencies: { states: new RequestStates(['secret'], { now: () => now }) } });
});
afterEach(() => server.app.close());

async function call(tool: string, params: Members = {}, capabilities: Members = forms) {
  const name = `${recordedName}_${tool}`;
  const _meta = { [metaKeys.protocolVersion]: '2026-07-28', [metaKeys.clientCapabilities]: capabilities };
  const answer = await server.app.inject({
    method: 'POST',
    url: '/mcp',
    headers: { ...mcpHeaders, 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': name },
    payload: {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name, arguments: { path: 'a' }, _meta, ...params },
    },
  });
  return { status: answer.statusCode, ...answer.json() };
}

const accept = (content?: Members) => ({ action: 'accept', ...(content && { content }) });

/** Answers every open question. */
function answered({ result }: { result: Members }, ...answers: readonly unknown[]): Members {
  const keys = Object.keys(result.inputRequests as Members);
  expect(keys).toHaveLength(answers.length);
  return {
    requestState: result.requestState,
    inputResponses: Object.fromEntries(keys.map((key, index) => [key, answers[index]])),
  };
}

test('a tool with `confirm` runs only after the person has accepted', async () => {
  const asked = await call('Remove');
  expect(asked).toMatchObject({
    status: 200,
    result: { resultType: 'input_required', requestState: expect.any(String) },
  });
  expect(Object.values(asked.result.inputRequests)).toEqual([
    {
      method: 'elicitation/create',
      params: {
        mode: 'form',
        message: `Run ${recordedName}_Remove with {"path":"a"}?\n\nDelete a file for good.`,
        requestedSchema: { type: 'object', properties: {} },
      },
    },
  ]);
  expect(asked.result._meta).toHaveProperty([metaKeys.serverInfo]);
  expect(ran).toEqual([]);
  const done = await call('Remove', answered(asked, accept()));
  expect(done.result).toMatchObject({ resultType: 'complete', structuredContent: { result: 'deleted a' } });
  expect(ran).toEqual(['a']);
});

test.each([
  ['decline', 'TOOL_RUNTIME_FATAL', 'The person declined'],
  ['cancel', 'TOOL_RUNTIME_CONTEXT_REQUIRED', 'The person closed the question'],
])('%s fails the call without running the tool', async (action, kind, text) => {
  const { result } = await call('Remove', answered(await call('Remove'), { action }));
  expect(result).toMatchObject({
    isError: true,
    resultType: 'complete',
    _meta: { arcade: { errorKind: kind, canRetry: false } },
  });
  expect(result.content[0].text).toContain(text);
  expect(ran).toEqual([]);
});

test('successive questions keep the earlier answers in the state, not on the server', async () => {
  const first = await call('Two');
  const second = await call('Two', answered(first, accept({ size: 'M' })));
  expect(Object.values(second.result.inputRequests)).toMatchObject([
    {
      params: {
        message: 'How many?',
        requestedSchema: {
          properties: { count: { type: 'integer', minimum: 1, maximum: 9, description: 'How many.' } },
          required: ['count'],
        },
      },
    },
  ]);
  const done = await call('Two', answered(second, accept({ count: 2 })));
  expect(done.result.structuredContent).toEqual({ result: '2 M for a' });
});

test('repeats the question with the validation error after an invalid answer, and ignores unknown answers', async () => {
  const first = await call('Two');
  const again = await call('Two', answered(first, accept({ size: 'XL' })));
  expect(Object.keys(again.result.inputRequests)).toEqual(Object.keys(first.result.inputRequests));
  expect(Object.values(again.result.inputRequests)).toMatchObject([
    {
      params: {
        message: expect.stringMatching(/^Which size of a\?\n\nThe last answer was not valid: size: .*'S' or 'M'/),
      },
    },
  ]);
  const answers = answered(again, accept({ size: 'S' }));
  const more = { ...(answers.inputResponses as Members), unknown: { action: 'accept' }, __proto__: null };
  expect((await call('Two', { ...answers, inputResponses: more })).result.resultType).toBe('input_required');
});

test('repeats an unanswered question, and ignores answers without a state', async () => {
  const asked = await call('Remove');
  const { requestState, inputResponses } = answered(asked, accept());
  const again = await call('Remove', { requestState });
  expect(again.result).toMatchObject({ resultType: 'input_required', inputRequests: asked.result.inputRequests });
  expect((await call('Remove', { inputResponses })).result.resultType).toBe('input_required');
  expect(ran).toEqual([]);
});

test.each<[string, Members]>([
  ['answers that are a list', { inputResponses: [] }],
  ['an answer without an action', { inputResponses: 'key' }],
  ['a state that is a number', { requestState: 7 }],
  ['a state that is null', { requestState: null }],
  ['a forged state', { requestState: 'eyJ9.abc' }],
])('rejects %s with -32602', async (_what, params) => {
  const asked = await call('Remove');
  const [key = ''] = Object.keys(asked.result.inputRequests);
  const responses = params.inputResponses === 'key' ? { [key]: { content: {} } } : params.inputResponses;
  const { status, error } = await call('Remove', {
    requestState: asked.result.requestState,
    ...params,
    inputResponses: responses,
  });
  expect({ status, code: error.code }).toEqual({ status: 200, code: -32602 });
  expect(error.message).toMatch(/^Invalid params: "/);
  expect(ran).toEqual([]);
});

test('a state is valid once, until it expires, for the same tool and arguments', async () => {
  const params = answered(await call('Remove'), accept());
  const refused = async (tool: string, changes: Members = {}) =>
    (await call(tool, { ...params, ...changes })).error.message;
  expect(await refused('Two')).toContain('was issued for another call');
  expect(await refused('Remove', { arguments: { path: 'b' } })).toContain('was issued for another call');
  expect((await call('Remove', params)).result.isError).toBe(false);
  expect(await refused('Remove')).toContain('was already used');
  const late = answered(await call('Remove'), accept());
  now += 600_000;
  expect((await call('Remove', late)).error.message).toContain('has expired');
  expect(ran).toEqual(['a']);
});

test.each([{}, { elicitation: { url: {} } }, { elicitation: true }, { sampling: {} }])(
  'a client that declares only %j gets the missing-capability error, and the tool does not run',
  async (capabilities) => {
    const { status, error } = await call('Remove', {}, capabilities);
    expect({ status, error }).toEqual({
      status: 400,
      error: {
        code: -32021,
        message: 'Cannot ask the user: the client does not declare that it can show forms',
        data: { requiredCapabilities: { elicitation: { form: {} } } },
      },
    });
    expect(ran).toEqual([]);
  },
);

test('a tool may continue without an answer, and a tool that catches every error still asks', async () => {
  expect((await call('Careless', {}, {})).result.structuredContent).toEqual({ result: 'unreachable' });
  const asked = await call('Careless');
  expect(Object.keys(asked.result.inputRequests)).toHaveLength(2);
  expect((await call('Careless', answered(asked, accept(), accept()))).result.structuredContent).toEqual({
    result: 'went on',
  });
});

test('sends a question even if the tool does not await it', async () => {
  const asked = await call('Forgetful');
  expect(asked.result.resultType).toBe('input_required');
  expect((await call('Forgetful', answered(asked, accept()))).result.structuredContent).toEqual({ result: 'done' });
});

test('fails a call whose question does not fit into a form', async () => {
  expect((await call('Nested')).result).toMatchObject({
    isError: true,
    _meta: { arcade: { errorKind: 'TOOL_RUNTIME_FATAL' } },
  });
});

test('in the handshake era a client without forms gets an error that names the missing capability', async () => {
  const payload = {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: `${recordedName}_Remove`, arguments: { path: 'a' } },
  };
  const { result } = (await server.app.inject({ method: 'POST', url: '/mcp', headers: mcpHeaders, payload })).json();
  expect(result).toMatchObject({ isError: true, _meta: { arcade: { errorKind: 'TOOL_RUNTIME_CONTEXT_REQUIRED' } } });
  expect(result.content[0].text).toMatch(
    /does not declare that it can show forms.*MCP client that supports form elicitation/s,
  );
  expect(ran).toEqual([]);
});

test('rejects a question of a tool that does not declare `asks`', async () => {
  const { result } = await call('Undeclared');
  expect(result).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining('does not declare `asks: true`') }],
  });
});
