import fc from 'fast-check';
import { recordedName } from '../../testing/exchanges/recorded';
import { readFixtureTools } from '../../testing/worker/fixtures';
import { toolServiceOf } from '../../testing/worker/mcp-server';
import { decide } from './message';
import { handshakeRevisions, metaKeys } from './protocol';

const service = toolServiceOf(readFixtureTools());

const read = (body: unknown, header?: string) => decide(body, () => header, service);

test.each([0, '', 'plain', 'ünïcødé 🙂', Number.MAX_SAFE_INTEGER, -5])('accepts the request id %p', (id) => {
  expect(read({ jsonrpc: '2.0', id, method: 'ping' })).toMatchObject({ kind: 'run', request: { id, method: 'ping' } });
});

test.each([null, 1.5, true, {}, [], 2 ** 53])('rejects the id %p without echoing it', (id) => {
  expect(read({ jsonrpc: '2.0', id, method: 'ping' })).toMatchObject({
    kind: 'reject',
    rejection: { status: 400, id: undefined, error: { code: -32600 } },
  });
});

test.each([[], [{ jsonrpc: '2.0', id: 1, method: 'ping' }], Array(101).fill({}), null, 'text', 7, true])(
  'rejects a body that is not an object: %p',
  (body) => expect(read(body)).toMatchObject({ kind: 'reject', rejection: { status: 400 } }),
);

test.each([
  { jsonrpc: '1.0', id: 4, method: 'ping' },
  { id: 4, method: 'ping' },
  { jsonrpc: '2.0', id: 4 },
  { jsonrpc: '2.0', id: 4, method: 7 },
  { jsonrpc: '2.0', id: 4, method: null, result: {} },
])('rejects an invalid envelope and echoes its id: %p', (body) => {
  expect(read(body)).toMatchObject({ kind: 'reject', rejection: { status: 400, id: 4 } });
});

test.each([
  { jsonrpc: '2.0', method: 'notifications/initialized' },
  { jsonrpc: '2.0', method: 'tools/call', params: { name: 'x' } },
  { jsonrpc: '2.0', id: 4, result: {} },
  { jsonrpc: '2.0', id: 4, error: { code: 1, message: 'no' } },
])('accepts a notification or a response without running it: %p', (body) => {
  expect(['answer', 'ignore']).toContain(read(body).kind);
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
  expect(read({ jsonrpc: '2.0', id: 1, method: 'tools/list', params }, header)).toMatchObject({ request: { era } });
});

const check = (method: string, params: unknown, header?: string) =>
  read({ jsonrpc: '2.0', id: 1, method, params }, header);

test.each([undefined, ...handshakeRevisions])('accepts a handshake request with the revision %p', (header) => {
  expect(check('ping', {}, header)).toMatchObject({ kind: 'run' });
});

test('rejects an unsupported revision, except on initialize, which negotiates it', () => {
  expect(check('ping', {}, '1999-01-01')).toMatchObject({ rejection: { status: 400, error: { code: -32600 } } });
  expect(check('initialize', validParams, '1999-01-01')).toMatchObject({ kind: 'run' });
});

const validParams = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'a', version: '1' } };

test.each([
  ['tools/list', []],
  ['tools/list', 'text'],
  ['tools/list', { _meta: 5 }],
  ['tools/call', undefined],
  ['tools/call', {}],
  ['tools/call', { name: 5 }],
  ['tools/call', { name: 'a', arguments: [] }],
  ['tools/call', { name: 'a', arguments: 'text' }],
  ['tools/call', null],
  ['initialize', undefined],
  ['initialize', { ...validParams, protocolVersion: 1 }],
  ['initialize', { ...validParams, capabilities: [] }],
  ['initialize', { ...validParams, clientInfo: { name: 'a' } }],
])('rejects %s with the params %p with -32602 and status 200', (method, params) => {
  expect(check(method, params)).toMatchObject({ rejection: { status: 200, id: 1, error: { code: -32602 } } });
});

const modern = { [metaKeys.protocolVersion]: '2026-07-28', [metaKeys.clientCapabilities]: {} };
const modernHeaders: Readonly<Record<string, string>> = {
  'mcp-protocol-version': '2026-07-28',
  'mcp-method': 'tools/call',
  'mcp-name': 'a',
};

test.each([
  ['tools/list', null],
  ['ping', null],
  ['tools/list', { _meta: null }],
  ['tools/call', { name: 'a', arguments: null, _meta: null }],
])('accepts null for optional members: %s with %p', (method, params) => {
  expect(check(method, params)).toMatchObject({ kind: 'run', request: { era: 'handshake' } });
});

test('accepts null arguments in 2026-07-28 too, but requires _meta there', () => {
  const call = (params: unknown) => {
    const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params };
    return decide(body, (name) => modernHeaders[name], service);
  };
  expect(call({ name: 'a', arguments: null, _meta: modern })).toMatchObject({
    kind: 'run',
    request: { era: 'modern' },
  });
  for (const params of [null, { name: 'a', _meta: null }]) {
    expect(call(params)).toMatchObject({ rejection: { status: 400, error: { code: -32602 } } });
  }
});

test.each([7, 'text', undefined])('a cancellation carries the request id %p', (requestId) => {
  const body = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } };
  expect(read(body)).toEqual({ kind: 'cancel', id: requestId });
});

/** Almost valid messages, which is where bugs hide. */
const nearly = fc.record(
  {
    jsonrpc: fc.constantFrom('2.0', '1.0', 2),
    id: fc.oneof(fc.integer(), fc.string(), fc.constant(null), fc.double()),
    method: fc.oneof(
      fc.constantFrom('tools/call', 'tools/list', 'initialize', 'server/discover', 'ping', 'notifications/cancelled'),
      fc.jsonValue(),
    ),
    params: fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          name: fc.oneof(fc.constant(`${recordedName}_Echo`), fc.jsonValue()),
          requestId: fc.oneof(fc.integer(), fc.string(), fc.jsonValue()),
          arguments: fc.jsonValue(),
          _meta: fc.oneof(
            fc.jsonValue(),
            fc.record(
              {
                [metaKeys.protocolVersion]: fc.oneof(fc.constant('2026-07-28'), fc.jsonValue()),
                [metaKeys.clientCapabilities]: fc.oneof(fc.constant({}), fc.jsonValue()),
                [metaKeys.clientInfo]: fc.jsonValue(),
              },
              { requiredKeys: [] },
            ),
          ),
        },
        { requiredKeys: [] },
      ),
    ),
  },
  { requiredKeys: [] },
);
const headers = fc.dictionary(
  fc.constantFrom('mcp-protocol-version', 'mcp-method', 'mcp-name'),
  fc.oneof(fc.constantFrom('2026-07-28', '2025-11-25', 'tools/call', `${recordedName}_Echo`), fc.string()),
);

const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } };

test('decides every fuzzed message, and rejects only with client errors', () => {
  const kinds = new Set<string>();
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), nearly), headers, (body, named) => {
      const decision = decide(body, (name) => named[name], service);
      kinds.add(decision.kind);
      if (decision.kind === 'reject') {
        expect(decision.rejection.status).toBeLessThan(500);
        expect(decision.rejection.error.code).not.toBe(-32603);
      }
    }),
    // Random messages are almost never a valid cancellation, so add one.
    { numRuns: 5000, examples: [[cancelled, {}]] },
  );
  expect([...kinds].sort()).toEqual(['cancel', 'ignore', 'reject', 'run']);
});
