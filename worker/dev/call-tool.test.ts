import { callTool } from '#tool/testing';
import { defineTool, image, orUpstreamError, RetryableToolError, withContent, z } from '../catalog/define-tool';

const forecast = defineTool({
  description: 'Fixture: asks a service for the weather.',
  input: z.strictObject({ city: z.string().describe('Where.') }),
  output: z.strictObject({ celsius: z.int(), at: z.iso.datetime(), epoch: z.string() }),
  requires: { secrets: ['API_KEY'] },
  examples: [{ input: { city: 'Oslo' }, fails: 'TOOL_RUNTIME_FATAL' }],
  async run({ city }, { secrets, progress }) {
    progress(1, 2, 'asking');
    const headers = { authorization: secrets.get('API_KEY') };
    const response = orUpstreamError(await fetch(`https://weather.example.com/${city}`, { headers }));
    progress(2, 2);
    return { ...Object(await response.json()), at: new Date().toISOString(), epoch: new Date(0).toISOString() };
  },
});

const oslo = {
  secrets: { API_KEY: 'key' },
  now: '2026-01-31T12:00:00Z',
  fetch: () => Response.json({ celsius: 21 }),
};

test('shows what an engine and an MCP client get from one run', async () => {
  let runs = 0;
  const fetch = () => Response.json({ celsius: 20 + ++runs });
  const seen = await callTool(forecast, { city: 'Oslo' }, { ...oslo, fetch });
  const value = { celsius: 21, at: '2026-01-31T12:00:00.000Z', epoch: '1970-01-01T00:00:00.000Z' };
  expect(seen).toMatchObject({
    value,
    failure: undefined,
    engine: { success: true, finished_at: '2026-01-31T12:00:00.000000', output: { value, logs: null, error: null } },
    mcp: { structuredContent: value, isError: false, resultType: 'complete' },
    notifications: [
      { method: 'notifications/progress', params: { progress: 1, total: 2, message: 'asking' } },
      { method: 'notifications/progress', params: { progress: 2, total: 2 } },
    ],
  });
  const [request, ...more] = seen.requests;
  expect([request?.url, request?.headers.get('authorization'), more]).toEqual([
    'https://weather.example.com/Oslo',
    'key',
    [],
  ]);
});

test('shows an upstream error in the form of each caller', async () => {
  const { failure, engine, mcp } = await callTool(
    forecast,
    { city: 'Oslo' },
    { ...oslo, name: 'forecast', fetch: () => new Response('', { status: 503 }) },
  );
  const message =
    "[UPSTREAM_RUNTIME_SERVER_ERROR] UpstreamError during execution of tool 'forecast': Upstream answered";
  expect(failure).toMatchObject({ kind: 'UPSTREAM_RUNTIME_SERVER_ERROR', status_code: 503 });
  expect(engine).toMatchObject({ success: false, output: { value: null, error: { can_retry: true } } });
  expect(engine.output.error?.message).toContain(message);
  expect(mcp).toMatchObject({ isError: true, content: [{ type: 'text', text: expect.stringContaining(message) }] });
});

test('a fetch without a stub fails the test, even when the tool handles the error', async () => {
  const { fetch: _, ...silent } = oslo;
  await expect(callTool(forecast, { city: 'Oslo' }, silent)).rejects.toThrow(
    'Cannot answer GET https://weather.example.com/Oslo: the test gives no `fetch`',
  );
  const calm = toolOf(async () =>
    fetch('https://a.example.com').then(
      () => 'there',
      () => 'not there',
    ),
  );
  await expect(callTool(calm)).rejects.toThrow('Cannot answer GET https://a.example.com/');
});

test('rejects an invalid input and a missing secret as callers see it', async () => {
  const { failure, mcp, requests } = await callTool(forecast, { town: 'Oslo' }, oslo);
  expect(failure).toMatchObject({ kind: 'TOOL_RUNTIME_BAD_INPUT_VALUE', status_code: 400 });
  expect(mcp.isError).toBe(true);
  expect(requests).toEqual([]);
  const { secrets: _, ...poor } = oslo;
  const without = await callTool(forecast, { city: 'Oslo' }, poor);
  expect(without.failure?.message).toContain('API_KEY');
  expect(without.mcp.content[0]?.text).toBe(
    'Cannot call "Test_Tool" here: its requirements are not set; start the worker with TOOL_SECRET_API_KEY=… npm run dev',
  );
  await expect(callTool(forecast, 'Oslo', oslo)).rejects.toThrow('missing or of the wrong type: inputs');
});

/** A tool for tests that only need its `run`. */
function toolOf(run: () => string | null | Promise<string | null>, more: { readonly timeoutSeconds?: number } = {}) {
  const examples = [{ input: {}, output: 'any' }] as const;
  return defineTool({ description: 'Fixture.', input: z.strictObject({}), output: z.string(), examples, ...more, run });
}

test('shows the thrown error to the test only', async () => {
  const defect = new Error('at /srv/app');
  const seen = await callTool(
    toolOf(() => {
      throw defect;
    }),
  );
  expect(seen.thrown).toBe(defect);
  expect(JSON.stringify([seen.engine.output.error?.message, seen.mcp])).not.toContain('/srv/app');
  const hint = new RetryableToolError('Too vague', { additionalPromptContent: 'Name a city' });
  const { mcp } = await callTool(toolOf(() => Promise.reject(hint)));
  expect(mcp.content[0]?.text).toMatch(/Too vague\n\nName a city$/);
});

test('the time limit of a tool ends both calls, without waiting when timers are fake', async () => {
  jest.useFakeTimers();
  const calling = callTool(toolOf(() => new Promise<string>(() => {}), { timeoutSeconds: 7 }));
  await jest.advanceTimersByTimeAsync(7000);
  const { failure, mcp } = await calling;
  jest.useRealTimers();
  expect(failure).toMatchObject({ kind: 'NETWORK_TRANSPORT_RUNTIME_TIMEOUT' });
  expect(mcp).toMatchObject({ isError: true, content: [{ text: 'timed out after 7 s' }] });
});

test('parallel calls each have their own network and time', async () => {
  const real = [Date, fetch];
  const years = [2001, 2002, 2003];
  const seen = await Promise.all(
    years.map((year) =>
      callTool(
        forecast,
        { city: 'Oslo' },
        { ...oslo, now: Date.UTC(year, 0), fetch: async () => Response.json({ celsius: year }) },
      ),
    ),
  );
  expect(seen.map(({ value }) => value)).toEqual(
    years.map((year) => expect.objectContaining({ celsius: year, at: `${year}-01-01T00:00:00.000Z` })),
  );
  expect([Date, fetch]).toEqual(real);
});

const whoCalls = defineTool({
  description: 'Fixture: says who calls.',
  input: z.strictObject({}),
  output: z.string(),
  examples: [{ input: {}, output: 'any' }],
  run: (_input, { userId }) => userId,
});

const client = defineTool({
  description: 'Fixture: reads what an engine alone sends.',
  input: z.strictObject({}),
  output: z.string(),
  examples: [{ input: {}, output: 'any' }],
  run: (_input, { metadata }) => metadata.get('coordinator_url'),
});

test('a tool that uses what differs between the callers runs once for each', async () => {
  const named = await callTool(whoCalls, {}, { userId: 'user@example.com' });
  expect([named.value, named.mcp.structuredContent]).toEqual(['user@example.com', { result: 'user@example.com' }]);
  // An engine sends no user, so the result is not text; over MCP a user id is generated.
  const { failure, mcp } = await callTool(whoCalls);
  expect(failure?.kind).toBe('TOOL_RUNTIME_BAD_OUTPUT_VALUE');
  expect(mcp.structuredContent).toEqual({ result: expect.stringMatching(/^[\da-f-]{36}$/) });
  const ofEngine = await callTool(client, {}, { metadata: { coordinator_url: 'https://example.com' } });
  expect([ofEngine.value, ofEngine.mcp.isError]).toEqual(['https://example.com', true]);
});

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYPhfDwACggF/yoMH6QAAAABJRU5ErkJggg==',
  'base64',
);

test('shows a result in the revision that the test names', async () => {
  const drawing = toolOf(() => withContent('drawn', image(png, 'image/png')));
  expect((await callTool(drawing)).mcp.content).toMatchObject([{ text: 'drawn' }, { type: 'image' }]);
  expect((await callTool(drawing, {}, { revision: '2025-06-18' })).mcp).not.toHaveProperty('resultType');
  await expect(callTool(drawing, {}, { revision: '2031-01-01' })).rejects.toThrow('Cannot call the tool over MCP');
});

test('rejects a definition that no worker loads, with the reason', async () => {
  await expect(callTool(toolOf(() => 'any', { timeoutSeconds: 0 }))).rejects.toThrow('timeoutSeconds must be a whole');
  await expect(
    callTool(
      toolOf(() => 'any'),
      {},
      { name: 'Not A Name' },
    ),
  ).rejects.toThrow('is not a valid tool name');
});

const booking = defineTool({
  description: 'Fixture: books after it has asked twice.',
  asks: true,
  input: z.strictObject({ city: z.string().describe('Where.') }),
  output: z.string(),
  logs: true,
  examples: [{ input: { city: 'Oslo' }, context: { answers: ['cancel'] }, fails: 'TOOL_RUNTIME_CONTEXT_REQUIRED' }],
  async run({ city }, { ask, log, fetch }) {
    log('asking', { city });
    const { nights } = await ask({ nights: z.int().min(1).describe('How many.') }, 'How long?');
    await ask({}, `${nights} nights in ${city}?`);
    const response = await fetch(`https://hotels.example.com/${city}/${nights}`);
    return response.text();
  },
});

describe.each(['2026-07-28', '2025-11-25'])('the user of a client of %s', (revision) => {
  const hotel = { revision, fetch: () => new Response('booked') };

  test('is asked by the tool, while an engine gets an error because it cannot ask', async () => {
    const seen = await callTool(booking, { city: 'Oslo' }, { ...hotel, answers: [{ nights: 0 }, { nights: 3 }, {}] });
    expect(seen).toMatchObject({
      value: 'booked',
      mcp: { structuredContent: { result: 'booked' } },
      engine: { success: false, output: { error: { kind: 'TOOL_RUNTIME_CONTEXT_REQUIRED' } } },
      asked: [
        { message: 'How long?', requestedSchema: { required: ['nights'] } },
        { message: expect.stringMatching(/^How long\?\n\nThe last answer was not valid/) },
        { message: '3 nights in Oslo?' },
      ],
    });
    expect(seen.requests.map(({ url }) => url)).toEqual(['https://hotels.example.com/Oslo/3']);
    expect(seen.log).toContainEqual({ level: 'info', message: 'asking', fields: { city: 'Oslo' } });
    expect(seen.notifications).toContainEqual({
      method: 'notifications/message',
      params: expect.objectContaining({ level: 'info', data: { message: 'asking', city: 'Oslo' } }),
    });
  });

  test('can decline, and the tool does nothing', async () => {
    const { failure, mcp, requests } = await callTool(
      booking,
      { city: 'Oslo' },
      { ...hotel, answers: [{ nights: 2 }, 'decline'] },
    );
    expect([failure?.additional_prompt_content, mcp.isError, requests]).toEqual([
      expect.stringContaining('The person declined'),
      true,
      [],
    ]);
  });

  test('fails the test when it gives no answer', async () => {
    await expect(callTool(booking, { city: 'Oslo' }, hotel)).rejects.toThrow(
      'Cannot answer "How long?": the test gives no answer',
    );
  });

  test('cannot be asked when the client does not support elicitation', async () => {
    const { failure, mcp } = await callTool(booking, { city: 'Oslo' }, { ...hotel, canBeAsked: false });
    expect(failure?.kind).toBe('TOOL_RUNTIME_CONTEXT_REQUIRED');
    expect(mcp).toMatchObject(revision === '2026-07-28' ? { error: { code: -32021 } } : { isError: true });
  });

  test('confirms a destructive tool, which an engine cannot', async () => {
    let runs = 0;
    const wipe = defineTool({
      description: 'Fixture: wipes.',
      input: z.strictObject({}),
      output: z.int(),
      confirm: () => 'Wipe all?',
      behavior: { destructive: true },
      examples: [{ input: {}, output: 1 }],
      run: () => ++runs,
    });
    expect(await callTool(wipe, {}, { revision })).toMatchObject({
      value: 1,
      engine: { success: false },
      mcp: { structuredContent: { result: 1 } },
      asked: [{ message: 'Wipe all?' }],
    });
    expect(await callTool(wipe, {}, { revision, answers: ['decline'] })).toMatchObject({ value: undefined });
    expect(runs).toBe(1);
  });
});

test('retries a read without waiting', async () => {
  const { value, requests } = await callTool(
    defineTool({
      description: 'Fixture: reads.',
      input: z.strictObject({}),
      output: z.string(),
      examples: [{ input: {}, output: 'there' }],
      run: async (_input, context) => (await context.fetch('https://a.example.com/')).text(),
    }),
    {},
    {
      fetch: (() => {
        let left = 2;
        const busy = () => new Response('', { status: 503, headers: { 'retry-after': '9' } });
        return () => (left-- > 0 ? busy() : new Response('there'));
      })(),
    },
  );
  expect([value, requests.length]).toEqual(['there', 3]);
});
