import fc from 'fast-check';
import { recordedName } from '../../testing/exchanges/recorded';
import { readFixtureTools } from '../../testing/worker/fixtures';
import { toolServiceOf } from '../../testing/worker/mcp-server';
import { checkModern, constantResult, decodeMirrored, responsesOf } from './eras';
import { decide } from './message';
import { methodsOf } from './methods';
import { type Era, type Members, metaKeys } from './protocol';
import type { McpCall, McpResult } from './service';

const service = toolServiceOf(readFixtureTools());
const meta = { [metaKeys.protocolVersion]: '2026-07-28', [metaKeys.clientCapabilities]: {} };
const call = { name: `${recordedName}_Echo`, arguments: { message: 'hi' }, _meta: meta };
const named = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': `${recordedName}_Echo` };

const silentCall: McpCall = {
  era: 'handshake',
  revision: '2025-11-25',
  params: {},
  from: { caller: undefined, requestId: 'test', headers: {} },
  signal: new AbortController().signal,
  notify: () => undefined,
};

type Headers = Readonly<Record<string, string | undefined>>;

function check(method: string, params: unknown, headers: Headers = { ...named, 'mcp-method': method }) {
  return checkModern({ id: 7, method, params }, (name) => headers[name], service);
}

test.each(['tools/list', 'tools/call', 'server/discover'])('accepts %s', (method) => {
  expect(check(method, call)).toBeUndefined();
});

test.each(['ping', 'initialize', 'foo/bar', 'logging/setLevel', 'resources/list', 'prompts/list', 'constructor'])(
  'rejects the unknown method %s',
  (method) => expect(check(method, call)).toMatchObject({ status: 404, id: 7, error: { code: -32601 } }),
);

const withMeta = (changes: Members) => ({ ...call, _meta: { ...meta, ...changes } });

/** One row per check, in the order in which they run: each row also fails every later check. */
test.each<[why: string, params: unknown, headers: Headers, code: number]>([
  ['no params', undefined, {}, -32602],
  ['no _meta', {}, {}, -32602],
  ['a version that is not text', withMeta({ [metaKeys.protocolVersion]: 5 }), {}, -32602],
  ['no capabilities', withMeta({ [metaKeys.clientCapabilities]: undefined }), {}, -32602],
  ['capabilities that are a list', withMeta({ [metaKeys.clientCapabilities]: [] }), {}, -32602],
  ['another version in the header', withMeta({}), { 'mcp-protocol-version': '2025-11-25' }, -32020],
  ['an unknown version in both', withMeta({ [metaKeys.protocolVersion]: '1999-01-01' }), {}, -32022],
  ['no version in the header', withMeta({}), { ...named, 'mcp-protocol-version': undefined }, -32020],
  ['no method in the header', withMeta({}), { ...named, 'mcp-method': undefined }, -32020],
  ['a method in another case', withMeta({}), { ...named, 'mcp-method': 'Tools/Call' }, -32020],
  ['no name in the header', withMeta({}), { ...named, 'mcp-name': undefined }, -32020],
  ['a name in another case', withMeta({}), { ...named, 'mcp-name': `${recordedName}_echo`.toLowerCase() }, -32020],
  ['a name that is badly encoded', withMeta({}), { ...named, 'mcp-name': '=?base64?!!?=' }, -32020],
])('rejects %s', (_why, params, headers, code) => {
  expect(check('tools/call', params, headers)).toMatchObject({ status: 400, id: 7, error: { code } });
});

test('rejects an unknown version and lists the supported ones', () => {
  const params = withMeta({ [metaKeys.protocolVersion]: '2099-01-01' });
  expect(check('tools/call', params, { 'mcp-protocol-version': '2099-01-01' })?.error.data).toEqual({
    supported: ['2026-07-28'],
    requested: '2099-01-01',
  });
  const discovered = methodsOf(service).modern.get('server/discover')?.(silentCall);
  expect(discovered).toMatchObject({ supportedVersions: ['2026-07-28'] });
});

test('accepts a Base64-encoded name header', () => {
  const encoded = `=?base64?${Buffer.from(`${recordedName}_Echo`).toString('base64')}?=`;
  expect(check('tools/call', call, { ...named, 'mcp-name': encoded })).toBeUndefined();
});

test('rejects invalid parameters of a call with HTTP status 200', () => {
  for (const params of [{ ...call, arguments: [] }, { _meta: meta }]) {
    const body = { jsonrpc: '2.0', id: 7, method: 'tools/call', params };
    const headers: Headers = named;
    expect(decide(body, (name) => headers[name], service)).toMatchObject({
      rejection: { status: 200, error: { code: -32602 } },
    });
  }
});

test('skips the header checks on a transport without headers', () => {
  expect(checkModern({ id: 7, method: 'tools/list', params: call }, undefined, service)).toBeUndefined();
});

test('adds the fields of 2026-07-28 to a result and keeps its own', () => {
  expect(resultIn('modern', 'tools/call', { content: [], _meta: { arcade: 1 } })).toEqual({
    content: [],
    resultType: 'complete',
    _meta: { arcade: 1, [metaKeys.serverInfo]: service.info },
  });
  expect(resultIn('modern', 'tools/list', { tools: [] })).toMatchObject({ ttlMs: 300_000, cacheScope: 'public' });
  expect(resultIn('handshake', 'tools/list', { tools: [] })).toEqual({ tools: [] });
});

test.each([
  ['short', []],
  ['long', Array.from({ length: 2000 }, (_, at) => ({ name: `Größe${at}` }))],
])('sends a %s constant result in the form of each era', (_length, tools) => {
  const constant = constantResult({ tools });
  for (const _ of [1, 2]) {
    expect(resultIn('modern', 'tools/list', constant)).toMatchObject({ resultType: 'complete', tools });
    expect(resultIn('handshake', 'tools/list', constant)).toEqual({ tools });
  }
});

/** The result as the caller receives it. */
function resultIn(era: Era, method: string, result: McpResult): unknown {
  const request = { id: 'id "1"', method, params: {}, era, revision: '', clientInfo: undefined };
  const response = JSON.parse([responsesOf(service)(request, { result })].flat().join(''));
  expect(response).toMatchObject({ jsonrpc: '2.0', id: 'id "1"' });
  return response.result;
}

test.each([
  ['plain', 'plain'],
  ['=?base64?aGk=?=', 'hi'],
  ['=?base64?8J+Zgg==?=', '🙂'],
  ['=?base64??=', ''],
  ['=?BASE64?aGk=?=', '=?BASE64?aGk=?='],
  ['=?base64?aGk=', '=?base64?aGk='],
  ['aGk=?=', 'aGk=?='],
  ['=?base64?=', '=?base64?='],
  ['=?base64?aGk?=', undefined],
  ['=?base64?aG k=?=', undefined],
  ['=?base64?aGl=?=', undefined],
  ['=?base64?_-8=?=', undefined],
  ['=?base64?/w==?=', undefined],
])('decodes %s to %p', (header, text) => expect(decodeMirrored(header)).toBe(text));

test('any text survives encoding and decoding', () => {
  const roundTrip = (text: string) => decodeMirrored(`=?base64?${Buffer.from(text).toString('base64')}?=`);
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => roundTrip(text) === text));
});
