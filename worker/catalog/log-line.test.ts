import fc from 'fast-check';
import { CallContext } from './context';
import { redactor, type LogLine, logLineOf } from './log-line';

const hide = redactor(['tok', 'secret-one', 'secret-one-longer']);
const circle: Record<string, unknown> = {};
circle.self = circle;

test.each<[readonly unknown[], LogLine]>([
  [['begun'], { level: 'info', message: 'begun' }],
  [['warning', 'slow'], { level: 'warning', message: 'slow' }],
  [['loud', 'x'], { level: 'info', message: 'x' }],
  [
    ['page', { n: 2, when: new Date(0), big: 5n, no: undefined, f: () => 1 }],
    { level: 'info', message: 'page', fields: { n: 2, when: '1970-01-01T00:00:00.000Z', big: '5' } },
  ],
  [
    ['error', 'failed', { err: new TypeError('secret-one'), list: [1, 'a'] }],
    { level: 'error', message: 'failed', fields: { err: 'TypeError: [secret]', list: [1, 'a'] } },
  ],
  [['secret-one-longer and secret-one and tok'], { level: 'info', message: '[secret] and [secret] and tok' }],
  [
    ['x', { Authorization: 'Bearer x', deep: { token: 1, ok: 'secret-one' }, 'secret-one': 1 }],
    {
      level: 'info',
      message: 'x',
      fields: { Authorization: '[redacted]', deep: { token: '[redacted]', ok: '[secret]' }, '[secret]': 1 },
    },
  ],
  [
    [
      {
        toString: () => {
          throw new Error('no');
        },
      },
    ],
    { level: 'info', message: '(something that cannot be read)' },
  ],
])('what %j says', (given, said) => {
  expect(JSON.parse(JSON.stringify(logLineOf(given, hide)))).toEqual(said);
});

test('what is said is short, and no circle keeps it from being said', () => {
  const said = logLineOf(
    ['x'.repeat(9000), { circle, list: Array(900).fill('y'), text: `${'z'.repeat(1995)}secret-one` }],
    hide,
  );
  expect(JSON.stringify(said).length).toBeLessThan(9000);
  expect(JSON.stringify(said)).not.toContain('secre"');
});

test('what refers to itself many times over is said once, and briefly', () => {
  let bush: unknown = 'leaf';
  for (let depth = 0; depth < 4; depth += 1) bush = Array(50).fill(bush);
  expect(JSON.stringify(logLineOf(['x', { bush }], hide)).length).toBeLessThan(100_000);
});

test.each([
  ['in a path', (secret: string) => `https://example.com/bot${encodeURIComponent(secret)}/send`],
  ['in a path that `URL` has written', (secret: string) => new URL(`https://example.com/${secret}/send`).href],
  ['in a query', (secret: string) => `https://example.com/?${new URLSearchParams({ key: secret })}`],
  ['in JSON', (secret: string) => JSON.stringify({ key: secret })],
])('a secret %s is hidden as it stands there', (_where, textOf) => {
  const secret = '123:A/b c+d="e"';
  const text = redactor([secret])(textOf(secret));
  expect(text).toContain('[secret]');
  expect(text).not.toMatch(/123.*A.*b/);
});

test('a secret that is a number is hidden as one', () => {
  expect(logLineOf(['x', { pin: 482913, n: 4829 }], redactor(['482913'])).fields).toEqual({ pin: '[secret]', n: 4829 });
});

test('whatever a tool says, no secret of its call is in it, and nothing is thrown', () => {
  const lines: LogLine[] = [];
  const { log } = new CallContext({
    token: 'the-token',
    secrets: [{ key: 'KEY', value: 'the-secret' }],
    reach: () => ({ ask: () => ({ action: 'cancel' }), log: (said) => lines.push(said) }),
  });
  // The bundle is made without the compiler.
  const say = log as (...given: readonly unknown[]) => void;
  const word = fc.oneof(fc.string(), fc.constantFrom('the-token', 'Bearer the-secret', 'a the-secret b'));
  const value = fc.oneof(fc.anything(), fc.object({ values: [word], key: word }), word);
  fc.assert(
    fc.property(fc.array(value, { maxLength: 4 }), (given) => {
      say(...given);
    }),
    { numRuns: 1000 },
  );
  expect(lines).toHaveLength(1000);
  expect(JSON.stringify(lines)).not.toMatch(/the-token|the-secret/);
  expect(JSON.stringify(lines)).toContain('[secret]');
});
