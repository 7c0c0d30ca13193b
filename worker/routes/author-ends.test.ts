import { bothRoutes, outcomeLike, toolOf } from '../../testing/worker/both-routes';
import {
  FatalToolError,
  RetryableToolError,
  type ToolContext,
  ToolExecutionError,
  UpstreamRateLimitError,
  z,
} from '../catalog/define-tool';

const badOutput = { kind: 'TOOL_RUNTIME_BAD_OUTPUT_VALUE' };
const fatal = { kind: 'TOOL_RUNTIME_FATAL' };

/** An object with any `then`. */
const thenable = (then: unknown): object => Object.defineProperty({}, 'then', { value: then });
/** A lazy query as in database clients: not a promise, and it starts only when awaited. */
let begun = 0;
const query = () =>
  thenable((resolve: (value: unknown) => void) => {
    begun += 1;
    resolve({ rows: 1 });
  });
const shared = { n: 1 };
const circular: Record<string, unknown> = {};
circular.self = circular;
const throwing = (key: string, base: object = {}) =>
  Object.defineProperty(base, key, {
    enumerable: true,
    get: () => {
      throw new Error('a getter');
    },
  });

/** What a tool returns or throws, and the expected outcome. */
const ends: readonly (readonly [what: string, run: () => unknown, outcome: unknown])[] = [
  ['a query that starts when awaited', query, { value: { rows: 1 } }],
  ['a query whose `then` is hidden', () => new Proxy(query(), { has: () => false }), { value: { rows: 1 } }],
  [
    'a query that fails',
    () => thenable((_resolve: unknown, reject: (error: unknown) => void) => reject(new RetryableToolError('busy'))),
    { kind: 'TOOL_RUNTIME_RETRY' },
  ],
  [
    'a `then` that throws',
    () =>
      thenable(() => {
        throw new Error('x');
      }),
    fatal,
  ],
  ['a `then` that cannot be read', () => throwing('then'), fatal],
  ['a promise of a promise that fails', async () => Promise.reject(throwing('message', new Error('x'))), fatal],
  [
    'a thrown null',
    () => {
      throw null;
    },
    fatal,
  ],
  ['a promise rejected with undefined', () => Promise.reject(undefined), fatal],
  [
    'a thrown string',
    () => {
      throw 'a text';
    },
    fatal,
  ],
  [
    'a thrown frozen error',
    () => {
      throw Object.freeze(new TypeError('x'));
    },
    { ...fatal, message: 'An unhandled TypeError was raised' },
  ],
  [
    'an error whose text cannot be read',
    () => {
      throw throwing('message', new Error('x'));
    },
    fatal,
  ],
  [
    'an error whose name cannot be read',
    () => {
      throw throwing('name', new Error('x'));
    },
    fatal,
  ],
  [
    'an error whose stack cannot be read',
    () => {
      throw throwing('stack', new Error('x'));
    },
    fatal,
  ],
  [
    'an error whose cause cannot be read',
    () => {
      throw throwing('cause', new Error('x'));
    },
    fatal,
  ],
  [
    'an error whose name is a symbol',
    () => {
      throw Object.assign(new Error('x'), { name: Symbol('x') });
    },
    fatal,
  ],
  [
    'an error with circular references',
    () => {
      throw Object.assign(new Error('x'), circular, { cause: circular });
    },
    fatal,
  ],
  [
    'a thrown revoked proxy',
    () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      throw proxy;
    },
    fatal,
  ],
  [
    'an error whose extra data is circular',
    () => {
      throw new FatalToolError('x', { extra: circular });
    },
    fatal,
  ],
  [
    'an error whose extra data is not JSON',
    () => {
      throw new FatalToolError('x', { extra: { n: 1n, f: () => 1 } });
    },
    fatal,
  ],
  [
    'an error whose retryAfterMs is not a number',
    () => {
      throw new UpstreamRateLimitError('x', { retryAfterMs: 1n as never });
    },
    { kind: 'UPSTREAM_RUNTIME_RATE_LIMIT' },
  ],
  [
    'an error without a message',
    () => {
      throw new ToolExecutionError(undefined as never);
    },
    fatal,
  ],
  ['a big integer', () => ({ n: 1n }), badOutput],
  ['a circular object', () => circular, badOutput],
  [
    'a `toJSON` that throws',
    () => ({
      n: {
        toJSON: () => {
          throw new Error('x');
        },
      },
    }),
    badOutput,
  ],
  ['a getter that throws', () => throwing('n'), badOutput],
  ['a function', () => ({ n: () => 1 }), badOutput],
  ['a symbol', () => ({ n: Symbol('x') }), badOutput],
  ['a promise in an object', () => ({ n: Promise.resolve(1) }), badOutput],
  ['a query in an object', () => ({ n: [query()] }), badOutput],
  ['a Map', () => new Map([['a', 1]]), badOutput],
  ['a returned error', () => ({ n: new Error('x') }), badOutput],
  ['a date instead of an object', () => new Date(0), badOutput],
  ['a boxed string and a boxed number', () => ({ n: [new String('x'), new Number(1)] }), { value: { n: ['x', 1] } }],
  ['one object in two places', () => ({ a: shared, b: [shared] }), { value: { a: shared, b: [shared] } }],
  ['undefined members and items', () => ({ a: undefined, b: [undefined] }), { value: { b: [null] } }],
  ['a date in an object', () => ({ n: new Date(0) }), { value: { n: '1970-01-01T00:00:00.000Z' } }],
  [
    'a result over the size limit',
    () => ({ n: 'ä'.repeat(600_000) }),
    { ...badOutput, message: 'The result has 1200008 bytes as JSON, the limit is 1048576; request less data per call' },
  ],
  [
    'a long list over the size limit',
    () => ({ n: Array(600_000).fill(1) }),
    { ...badOutput, message: 'the limit is 1048576' },
  ],
];

test.each(ends.map(([what, , wanted], index) => [what, `end_${index}`, wanted] as const))(
  'a tool that ends with %s',
  async (_what, name, wanted) => {
    const { engine, mcp, lines } = await routes;
    const { length } = lines;
    expect(await engine(name)).toEqual(outcomeLike(wanted));
    expect(await mcp(name)).toEqual(outcomeLike(wanted));
    // No unexpected error of the worker itself.
    expect(lines.slice(length).filter(({ level }) => level === 'error')).toEqual([]);
  },
);

const freeObject = z.record(z.string(), z.unknown());
const routes = bothRoutes(new Map(ends.map(([, run], index) => [`end_${index}`, toolOf({ output: freeObject, run })])));

test('a tool without a declared result also awaits its query', async () => {
  const routes = await bothRoutes(new Map([['drop', toolOf({ run: query })]]));
  const before = begun;
  expect(await routes.engine('drop')).toEqual({ value: {} });
  expect(await routes.mcp('drop')).toEqual({ value: {} });
  expect(begun).toBe(before + 2);
});

test('names a missing secret and how to provide it', async () => {
  const run = (_input: unknown, { secrets }: ToolContext) => secrets.get('WEATHER_API_KEY');
  const routes = await bothRoutes(new Map([['weather', toolOf({ output: z.string(), run })]]));
  const message =
    'The call does not carry the secret "WEATHER_API_KEY"; set it in the engine under that name; for MCP clients set the ' +
    "worker's variable WEATHER_API_KEY";
  expect(await routes.engine('weather')).toEqual(outcomeLike({ ...fatal, message }));
  expect(await routes.mcp('weather')).toEqual(outcomeLike({ ...fatal, message }));
});
