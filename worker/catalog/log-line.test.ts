import fc from 'fast-check';
import { CallContext } from './context';
import { type LogLine, logLineOf, redactor } from './log-line';

const redact = redactor(['tok', 'secret-one', 'secret-one-longer']);
const circular: Record<string, unknown> = {};
circular.self = circular;

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
    { level: 'info', message: '(unreadable log message)' },
  ],
])('log(...%j) writes a redacted line', (given, line) => {
  expect(JSON.parse(JSON.stringify(logLineOf(given, redact)))).toEqual(line);
});

test('truncates long values and circular references', () => {
  const line = logLineOf(
    ['x'.repeat(9000), { circular, list: Array(900).fill('y'), text: `${'z'.repeat(1995)}secret-one` }],
    redact,
  );
  expect(JSON.stringify(line).length).toBeLessThan(9000);
  expect(JSON.stringify(line)).not.toContain('secre"');
});

test('bounds a value that repeats the same object many times', () => {
  let bush: unknown = 'leaf';
  for (let depth = 0; depth < 4; depth += 1) bush = Array(50).fill(bush);
  expect(JSON.stringify(logLineOf(['x', { bush }], redact)).length).toBeLessThan(100_000);
});

test.each([
  ['in a path', (secret: string) => `https://example.com/bot${encodeURIComponent(secret)}/send`],
  ['in a path encoded by `URL`', (secret: string) => new URL(`https://example.com/${secret}/send`).href],
  ['in a query', (secret: string) => `https://example.com/?${new URLSearchParams({ key: secret })}`],
  ['in JSON', (secret: string) => JSON.stringify({ key: secret })],
])('redacts a secret %s', (_where, textOf) => {
  const secret = '123:A/b c+d="e"';
  const text = redactor([secret])(textOf(secret));
  expect(text).toContain('[secret]');
  expect(text).not.toMatch(/123.*A.*b/);
});

test('redacts a number that is a secret', () => {
  expect(logLineOf(['x', { pin: 482913, n: 4829 }], redactor(['482913'])).fields).toEqual({ pin: '[secret]', n: 4829 });
});

test('never throws and never logs a secret of the call, for any arguments', () => {
  const lines: LogLine[] = [];
  const { log } = new CallContext({
    token: 'the-token',
    secrets: [{ key: 'KEY', value: 'the-secret' }],
    channel: () => ({ ask: () => ({ action: 'cancel' }), log: (line) => lines.push(line) }),
  });
  // A bundle is not type-checked, so any argument can arrive.
  const write = log as (...given: readonly unknown[]) => void;
  const word = fc.oneof(fc.string(), fc.constantFrom('the-token', 'Bearer the-secret', 'a the-secret b'));
  const value = fc.oneof(fc.anything(), fc.object({ values: [word], key: word }), word);
  fc.assert(
    fc.property(fc.array(value, { maxLength: 4 }), (given) => {
      write(...given);
    }),
    { numRuns: 1000 },
  );
  expect(lines).toHaveLength(1000);
  expect(JSON.stringify(lines)).not.toMatch(/the-token|the-secret/);
  expect(JSON.stringify(lines)).toContain('[secret]');
});
