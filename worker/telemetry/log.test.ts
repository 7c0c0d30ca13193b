import pino from 'pino';
import { loggerOptions } from './log';

test('a line is JSON with the level as text and redacted secrets', () => {
  const lines: string[] = [];
  const log = pino(loggerOptions('info'), { write: (line) => lines.push(line) });
  log.info(
    { authorization: 'Bearer x-1', request: { headers: { cookie: 'x-2' } }, inputs: { message: 'x-3' } },
    'hello',
  );
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    authorization: '[redacted]',
    request: { headers: '[redacted]' },
    inputs: '[redacted]',
    message: 'hello',
  });
});

test("logs an HTTP client's error without its request", () => {
  const lines: string[] = [];
  const log = pino(loggerOptions('info'), { write: (line) => lines.push(line) });
  const request = { headers: { authorization: 'Bearer x-1' }, config: { headers: { 'x-api-key': 'x-2' } } };
  log.child({}, { redact: [] }).warn({ err: Object.assign(new Error('refused'), request) }, 'failed');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ err: { type: 'Error', message: 'refused' } });
  expect(lines[0]).not.toMatch(/x-1|x-2/);
});
