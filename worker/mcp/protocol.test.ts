import { ErrorCode, LATEST_PROTOCOL_VERSION, SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/sdk/types.js';
import { codes, handshakeRevisions } from './protocol';

test('the handshake revisions are those of the SDK, newest first', () => {
  expect(handshakeRevisions).toEqual(SUPPORTED_PROTOCOL_VERSIONS);
  expect(handshakeRevisions[0]).toBe(LATEST_PROTOCOL_VERSION);
});

test('the JSON-RPC error codes are those of the SDK', () => {
  expect(codes).toMatchObject({
    parse: ErrorCode.ParseError,
    invalidRequest: ErrorCode.InvalidRequest,
    methodNotFound: ErrorCode.MethodNotFound,
    invalidParams: ErrorCode.InvalidParams,
    internal: ErrorCode.InternalError,
  });
});
