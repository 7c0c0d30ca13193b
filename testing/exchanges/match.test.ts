import { type Answer, differences } from './match';
import type { ExpectedAnswer } from './vector';

const url = 'http://127.0.0.1:8000';

function answered(body: unknown, more: Partial<Answer> = {}): Answer {
  return { status: 200, headers: {}, body: Buffer.from(JSON.stringify(body)), ...more };
}

function found(expected: Partial<ExpectedAnswer>, answer: Answer, area: 'worker' | 'mcp' = 'worker') {
  return differences(area, { status: 200, ...expected }, answer, url);
}

test('ignores the order of members, and reports additional or missing ones with their path', () => {
  expect(found({ body: { a: 1, b: [2] } }, answered({ b: [2], a: 1.0 }))).toEqual([]);
  expect(found({ body: { a: 1 } }, answered({ a: 1, b: null }))).toEqual(['body.b: wanted nothing, found null']);
  expect(found({ body: { a: { b: null } } }, answered({ a: {} }))).toEqual(['body.a.b: wanted null, found nothing']);
});

test('compares the order and number of list items', () => {
  expect(found({ body: [1, 2] }, answered([2, 1]))).toHaveLength(2);
  expect(found({ body: [1] }, answered([1, 1]))).toHaveLength(1);
  expect(found({ body: {} }, answered([]))).toHaveLength(1);
});

test('values of different types are never equal', () => {
  const pairs: [unknown, unknown][] = [
    [1, '1'],
    ['', null],
    [null, false],
    [0, false],
    [{}, null],
    [[], {}],
  ];
  for (const [wanted, value] of pairs) expect(found({ body: { v: wanted } }, answered({ v: value }))).toHaveLength(1);
});

test('a subset allows additional members at every level, but no missing ones', () => {
  const expected = { body: { a: { b: 1 } }, match: 'subset' } as const;
  expect(found(expected, answered({ a: { b: 1, c: 2 }, d: 3 }))).toEqual([]);
  expect(found(expected, answered({ a: { c: 2 }, d: 3 }))).toHaveLength(1);
});

test.each([
  ['<string>', ['', 'x'], [null, 1, {}]],
  ['<string|null>', ['x', null], [1]],
  ['<stacktrace>', ['x', null], [false]],
  ['<number>', [0, -1.5], ['1', null]],
  ['<iso8601>', ['2026-08-12T10:15:30.123456', '2026-08-12T10:15:30Z'], ['2026-13-12T10:15:30', 'today', 5]],
  ['<uuid>', ['9b2e'], ['', 'a b', 7, null]],
  ['<mcp-id>', ['9b2e'], ['', null]],
  ['x: <string>', ['x: ', 'x: any\nthing'], ['y: a', 'ax: b', null]],
  ['<request-base-url>/a', [`${url}/a`], ['http://other/a', `${url}/ab`]],
  ['a.c', ['a.c'], ['abc']],
])('%s accepts only matching values', (wanted, good, bad) => {
  for (const value of good) expect(found({ body: { v: wanted } }, answered({ v: value }))).toEqual([]);
  for (const value of bad) expect(found({ body: { v: wanted } }, answered({ v: value }))).toHaveLength(1);
});

test('<any> accepts every value, and an absent member', () => {
  expect(found({ body: { v: '<any>' } }, answered({}))).toEqual([]);
  expect(found({ body: { v: '<any>' } }, answered({ v: [null] }))).toEqual([]);
});

test('does not mistake an inherited member for an own one', () => {
  const wanted: unknown = JSON.parse('{"constructor":"<string>"}');
  expect(found({ body: wanted }, answered({}))).toHaveLength(1);
});

test('compares header values exactly and header names ignoring case', () => {
  const headers = { 'content-type': 'application/json; charset=utf-8', allow: 'GET' };
  expect(found({ headers: { Allow: 'GET' } }, answered({}, { headers }))).toEqual([]);
  expect(found({ headers: { 'content-type': 'application/json' } }, answered({}, { headers }))).toHaveLength(1);
  expect(found({ headers: { location: '<string>' } }, answered({}, { headers }))).toHaveLength(1);
});

test('compares a raw body byte for byte, and requires valid JSON otherwise', () => {
  expect(found({ raw_body: '' }, answered({}, { body: Buffer.from(' ') }))).toHaveLength(1);
  expect(found({ raw_body: '' }, answered({}, { body: Buffer.alloc(0) }))).toEqual([]);
  expect(found({ body: {} }, answered({}, { body: Buffer.from('{') }))).toHaveLength(1);
});

test('compares only the status of a failed MCP exchange, and only the headers of a stream', () => {
  const failed = answered('nothing alike', { status: 400 });
  expect(found({ status: 400, body: { jsonrpc: '2.0' } }, failed, 'mcp')).toEqual([]);
  expect(found({ status: 400, body: { jsonrpc: '2.0' } }, failed)).toHaveLength(1);
  expect(found({ status: 404, body: { jsonrpc: '2.0' } }, failed, 'mcp')).toHaveLength(1);
  expect(found({ stream: true, body: { a: 1 } }, answered({}))).toEqual([]);
});
