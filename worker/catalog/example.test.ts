import { defineTool, type Example, like, orUpstreamError, z } from './define-tool';
import { runExample } from './example';
import { matched } from './like';
import { prepare } from './tool';

const weather = defineTool({
  description: 'Ask a service.',
  input: z.strictObject({ city: z.string().describe('Where.') }),
  output: z.strictObject({ city: z.string(), celsius: z.number(), at: z.iso.datetime() }),
  requires: { secrets: ['WEATHER_KEY'], authorization: { provider: 'github' } },
  examples: [
    {
      input: { city: 'Oslo' },
      context: { secrets: { WEATHER_KEY: 'key' }, token: 'tok' },
      fetch: () => Response.json({ celsius: 21 }),
      // The compiler checks `like` against the output type.
      output: { city: 'Oslo', celsius: 21, at: like('2026-01-31T12:00:00.000Z') },
    },
    {
      input: { city: 'Nowhere' },
      context: { secrets: { WEATHER_KEY: 'key' } },
      fetch: () => new Response(null, { status: 404 }),
      fails: 'UPSTREAM_RUNTIME_NOT_FOUND',
    },
  ],
  run: async ({ city }, { secrets, signal }) => {
    const headers = { 'x-key': secrets.get('WEATHER_KEY') };
    const answer = await fetch(`https://weather.example.com/v1?city=${city}`, { headers, signal });
    const { celsius } = z.object({ celsius: z.number() }).parse(await orUpstreamError(answer).json());
    return { city, celsius, at: new Date().toISOString() };
  },
});
const tool = prepare('weather', weather, { name: 'Test', description: 'Tests.', version: '1.0.0' }, '.');

const given = { secrets: { WEATHER_KEY: 'key' }, token: 'tok' };
const example = (fields: Partial<Example<unknown, unknown>> & object): Example<unknown, unknown> => ({
  input: { city: 'Oslo' },
  context: given,
  output: { city: 'Oslo', celsius: 21, at: like('2026-01-31T12:00:00.000Z') },
  fetch: () => Response.json({ celsius: 21 }),
  ...fields,
});

test.each(weather.examples.map((each, index) => ({ each, index })))(
  'example $index of the tool passes',
  async ({ each }) => {
    const { expected, received } = await runExample(tool, each);
    expect(received).toEqual(expected);
  },
);

test('a fake fetch gets the whole request, and the real fetch is restored afterwards', async () => {
  const real = globalThis.fetch;
  const seen: Request[] = [];
  const failing = (request: Request) => {
    seen.push(request);
    return new Response(null, { status: 503 });
  };
  const { received } = await runExample(tool, example({ fetch: failing }));
  expect(received).toMatchObject({ fails: 'UPSTREAM_RUNTIME_SERVER_ERROR' });
  expect(seen.map(({ url, headers }) => [url, headers.get('x-key')])).toEqual([
    ['https://weather.example.com/v1?city=Oslo', 'key'],
  ]);
  expect(globalThis.fetch).toBe(real);
});

test('reports an unexpected error with its message and stack', async () => {
  const broken = () => {
    throw new RangeError('the fake has no such city');
  };
  const { expected, received } = await runExample(tool, example({ fetch: broken }));
  expect(expected).toMatchObject({ output: { city: 'Oslo' } });
  expect(received).toMatchObject({
    fails: 'TOOL_RUNTIME_FATAL',
    because: [
      expect.stringContaining('RangeError: the fake has no such city'),
      expect.stringContaining('example.test.ts'),
    ],
  });
});

test('reports a missing secret or token that the tool requires', async () => {
  const { received } = await runExample(tool, example({ context: {} }));
  expect(received).toMatchObject({
    because: expect.arrayContaining([
      'the example has no secret "WEATHER_KEY"; write context: { secrets: { WEATHER_KEY: \'…\' } }',
      "the example has no token; write context: { token: '…' }",
    ]),
  });
});

test('accepts a secret as a list entry, with its key in any case', async () => {
  const context = { ...given, secrets: [{ key: 'weather_key', value: 'key' }] };
  const { expected, received } = await runExample(tool, example({ context }));
  expect(received).toEqual(expected);
});

test('fails on an unexpected result and on another kind of failure', async () => {
  const { output: _, ...rest } = { output: undefined, ...example({}) };
  const successful = await runExample(tool, { ...rest, fails: 'TOOL_RUNTIME_FATAL' });
  expect(successful).toMatchObject({
    expected: { fails: 'TOOL_RUNTIME_FATAL' },
    received: { output: { city: 'Oslo' } },
  });
  const other = await runExample(tool, {
    ...rest,
    fetch: () => new Response(null, { status: 404 }),
    fails: 'TOOL_RUNTIME_FATAL',
  });
  expect(other.received).not.toEqual(other.expected);
});

test.each<[string, unknown, unknown, boolean]>([
  ['another string', like('a'), 'b', true],
  ['a number for a string', like('a'), 1, false],
  ['a value that matches its schema', like('2026-01-31', z.iso.date()), '2027-02-28', true],
  ['a value that violates its schema', like('2026-01-31', z.iso.date()), 'today', false],
  ['a list of another length', like([1]), [2, 3], true],
  ['an empty list', like([1]), [], true],
  ['a list with an item of another type', like([1]), [2, 'x'], false],
  ['an object with an extra member', like({ a: 1 }), { a: 2, b: 3 }, true],
  ['an object with a missing member', like({ a: 1, b: 1 }), { a: 2 }, false],
  ['null for an object', like({ a: 1 }), null, false],
  ['undefined', like('a'), undefined, false],
  ['nested matchers', { list: [like(1), 'x'], at: like('y') }, { list: [7, 'x'], at: 'z' }, true],
  ['a difference next to a matcher', { list: [like(1), 'x'] }, { list: [7, 'y'] }, false],
  ['a longer list around a matcher', [like(1)], [7, 8], false],
  ['an extra member next to a matcher', { a: like(1) }, { a: 1, b: 2 }, false],
])('like: %s', (_what, expected, received, isMatch) => {
  const want = matched(expected, received);
  if (isMatch) expect(received).toEqual(want);
  else expect(received).not.toEqual(want);
});

test('like serialises as its sample', () => {
  expect(JSON.stringify({ at: like('2026-01-31', z.iso.date()) })).toBe('{"at":"2026-01-31"}');
});
