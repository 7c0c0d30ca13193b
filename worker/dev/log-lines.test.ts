import { stripVTControlCharacters } from 'node:util';
import { readableLine } from './log-lines';

const time = '2026-11-25T17:33:51.522Z';
const line = (fields: object) =>
  // Tests run without a terminal, so without colours.
  stripVTControlCharacters(readableLine(JSON.stringify({ level: 'info', time, ...fields })));

test.each<[string, object, string]>([
  [
    'a call',
    {
      ...{ tool_name: 'Whoami', toolkit_name: 'Test', toolkit_version: '1.0.0', way: 'worker', execution_id: 'call-1' },
      ...{ request_id: 'a-1', user_id: 'user@example.com', duration_ms: 23.284, message: 'tool called' },
    },
    '17:33:51  tool called  Whoami  23 ms  request_id=a-1  user_id=user@example.com',
  ],
  [
    'a failed call, with the error on the lines below',
    {
      ...{ level: 'warn', tool_name: 'Add', duration_ms: 0.8, error_kind: 'TOOL_RUNTIME_FATAL', user_id: null },
      ...{ error_message: 'no', error_developer_message: 'ValueError: no such key', message: 'tool call failed' },
      err: { type: 'Error', message: 'no such key', stack: 'Error: no such key\n    at run (add.ts:3:1)' },
    },
    '17:33:51  warn: tool call failed  Add  1 ms  error_kind=TOOL_RUNTIME_FATAL\n' +
      '  no\n  ValueError: no such key\n  Error: no such key\n      at run (add.ts:3:1)',
  ],
  ['what a tool prints', { source: 'console', message: 'asking x' }, '17:33:51  asking x  source=console'],
  ['an odd value', { names: ['a'], message: 'odd' }, '17:33:51  odd  names=["a"]'],
])('%s is one line for a person', (_what, fields, text) => {
  expect(line(fields)).toBe(text);
});

test('removes control characters that a caller sent', () => {
  expect(line({ user_id: '\u001b[2Jx\u009b', message: 'tool called' })).toContain('user_id=?[2Jx?');
  expect(readableLine('raw \u001b[2J text')).toBe('raw ?[2J text');
  expect(readableLine('[1]')).toBe('[1]');
});
