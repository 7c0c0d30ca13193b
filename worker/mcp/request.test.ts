import { SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/sdk/types.js';
import { handshakeRevisions, metaKeys } from './protocol';
import { checkHandshake, eraOf, readMessage } from './request';

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

const keyed = { _meta: { [metaKeys.protocolVersion]: 'anything' } };

test.each([
  { params: keyed, header: undefined, era: 'modern' },
  { params: keyed, header: '2025-11-25', era: 'modern' },
  { params: { _meta: { [metaKeys.protocolVersion]: undefined } }, header: undefined, era: 'modern' },
  { params: {}, header: '2026-07-28', era: 'modern' },
  { params: undefined, header: '2027-01-01', era: 'modern' },
  { params: {}, header: '2025-11-25', era: 'handshake' },
  { params: {}, header: undefined, era: 'handshake' },
  { params: {}, header: '', era: 'handshake' },
  { params: {}, header: 'zzzz-zz-zz', era: 'handshake' },
  { params: {}, header: '2026-07-28x', era: 'handshake' },
  { params: [keyed], header: undefined, era: 'handshake' },
  { params: { _meta: 'text' }, header: undefined, era: 'handshake' },
])('params $params with the header $header are $era', ({ params, header, era }) => {
  expect(eraOf({ id: 1, method: 'tools/list', params }, () => header)).toBe(era);
});

test('the revisions of the handshake are those the SDK settles on', () => {
  expect(handshakeRevisions).toEqual(SUPPORTED_PROTOCOL_VERSIONS);
});

const check = (method: string, params: unknown, header?: string) =>
  checkHandshake({ id: 1, method, params }, () => header);

test.each([undefined, ...handshakeRevisions])('a handshake request may name the revision %p', (header) => {
  expect(check('ping', {}, header)).toBeUndefined();
});

test('a revision that is not spoken is refused, except beside initialize, which settles it', () => {
  expect(check('ping', {}, '1999-01-01')).toMatchObject({ status: 400, error: { code: -32600 } });
  expect(check('initialize', sound, '1999-01-01')).toBeUndefined();
});

const sound = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'a', version: '1' } };

test.each([
  ['tools/list', []],
  ['tools/list', 'text'],
  ['tools/list', null],
  ['tools/list', { _meta: 5 }],
  ['tools/call', undefined],
  ['tools/call', {}],
  ['tools/call', { name: 5 }],
  ['tools/call', { name: 'a', arguments: [] }],
  ['tools/call', { name: 'a', arguments: 'text' }],
  ['tools/call', { name: 'a', arguments: null }],
  ['initialize', undefined],
  ['initialize', { ...sound, protocolVersion: 1 }],
  ['initialize', { ...sound, capabilities: [] }],
  ['initialize', { ...sound, clientInfo: { name: 'a' } }],
])('%s with the params %p is answered with -32602 and status 200', (method, params) => {
  expect(check(method, params)).toMatchObject({ status: 200, id: 1, error: { code: -32602 } });
});
