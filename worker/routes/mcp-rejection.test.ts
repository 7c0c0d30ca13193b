import { describeError, MalformedBody } from './mcp-rejection';

const withCode = (code: string, statusCode: number) => Object.assign(new Error('secret words'), { code, statusCode });

test.each([
  [new MalformedBody(), 400, -32700],
  [withCode('FST_ERR_CTP_INVALID_JSON_BODY', 400), 400, -32700],
  [withCode('FST_ERR_CTP_EMPTY_JSON_BODY', 400), 400, -32700],
  [withCode('FST_ERR_CTP_INVALID_CONTENT_LENGTH', 400), 400, -32600],
  [withCode('FST_ERR_CTP_BODY_TOO_LARGE', 413), 413, -32600],
  [withCode('FST_ERR_CTP_INVALID_MEDIA_TYPE', 415), 415, -32600],
  [Object.assign(new Error('secret words'), { statusCode: 429 }), 429, -32600],
  [new TypeError('secret words'), 500, -32603],
  ['secret words', 500, -32603],
])('%p becomes status %i with code %i, without its message', (error, status, code) => {
  const described = describeError(error);
  expect(described).toMatchObject({ status, member: { code } });
  expect(JSON.stringify(described)).not.toContain('secret words');
});
