import { readMessage } from './message';

test.each([0, '', 'plain', 'ünïcødé 🙂', Number.MAX_SAFE_INTEGER, -5])('the id %p belongs to a request', (id) => {
  expect(readMessage({ jsonrpc: '2.0', id, method: 'ping' })).toEqual({
    kind: 'request',
    message: { id, method: 'ping', params: undefined },
  });
});

test.each([null, 1.5, true, {}, [], 2 ** 53])('the id %p is refused, and not repeated', (id) => {
  expect(readMessage({ jsonrpc: '2.0', id, method: 'ping' })).toMatchObject({
    kind: 'rejected',
    rejection: { status: 400, id: undefined, error: { code: -32600 } },
  });
});

test.each([[], [{ jsonrpc: '2.0', id: 1, method: 'ping' }], Array(101).fill({}), null, 'text', 7, true])(
  'a body that is no object is refused: %p',
  (body) => expect(readMessage(body)).toMatchObject({ kind: 'rejected', rejection: { status: 400 } }),
);

test.each([
  { jsonrpc: '1.0', id: 4, method: 'ping' },
  { id: 4, method: 'ping' },
  { jsonrpc: '2.0', id: 4 },
  { jsonrpc: '2.0', id: 4, method: 7 },
  { jsonrpc: '2.0', id: 4, method: null, result: {} },
])('an envelope that is not right is refused with the id it has: %p', (body) => {
  expect(readMessage(body)).toMatchObject({ kind: 'rejected', rejection: { status: 400, id: 4 } });
});

test.each([
  { jsonrpc: '2.0', method: 'notifications/initialized' },
  { jsonrpc: '2.0', method: 'tools/call', params: { name: 'x' } },
  { jsonrpc: '2.0', id: 4, result: {} },
  { jsonrpc: '2.0', id: 4, error: { code: 1, message: 'no' } },
])('a notification or a response is accepted and not run: %p', (body) => {
  expect(readMessage(body).kind).toBe('ignored');
});
