import fc from 'fast-check';
import { metaKeys, modernRevision } from '../../worker/mcp/protocol';
import { recordedName } from '../exchanges/recorded';

const toolName = fc.oneof(
  fc.constantFrom('Echo', 'Add', 'Whoami', `${recordedName}_Echo`, '__proto__', 'constructor'),
  fc.string(),
);
const anyInputs = fc.oneof(
  fc.dictionary(fc.oneof(fc.constantFrom('message', 'a', 'b', '__proto__'), fc.string()), fc.jsonValue()),
  fc.jsonValue(),
);
/** A tool call; two out of three have valid inputs. */
const call = fc.oneof(
  fc.record({ name: fc.constant('Echo'), inputs: fc.record({ message: fc.string() }) }),
  fc.record({ name: fc.constant('Add'), inputs: fc.record({ a: fc.integer(), b: fc.integer() }) }),
  fc.record({ name: toolName, inputs: anyInputs }),
);

/** The body of a valid call, possibly with overridden members. */
export const envelope = fc
  .tuple(
    call,
    mostly(
      {},
      fc.record(
        {
          tool: fc.oneof(
            fc.record(
              { name: toolName, toolkit: fc.constantFrom(recordedName, 'X'), version: fc.jsonValue() },
              { requiredKeys: ['name', 'toolkit'] },
            ),
            fc.jsonValue(),
          ),
          inputs: anyInputs,
          context: fc.oneof(
            fc.record({ user_id: fc.jsonValue(), secrets: fc.jsonValue() }, { requiredKeys: [] }),
            fc.jsonValue(),
          ),
          execution_id: fc.oneof(fc.string(), fc.jsonValue()),
        },
        { requiredKeys: [] },
      ),
    ),
  )
  .map(([{ name, inputs }, overrides]) => ({ tool: { name, toolkit: recordedName }, inputs, ...overrides }));

/** The URI of a resource of the fixtures, or of one that must not exist. */
export const resourceUri = fc.oneof(
  fc.constantFrom(
    `note://${recordedName}/1.0.0/today`,
    `ui://${recordedName}/1.0.0/card.html`,
    `ui://${recordedName}/1.0.0/my%20caf%C3%A9.png`,
    `ui://${recordedName}/1.0.0/../../server.ts`,
    'file:///etc/passwd',
    '__proto__',
  ),
  // Matches the template of the fixtures.
  fc.tuple(fc.string(), fc.string()).map(([land, city]) => `place://${land}/${city}.json`),
  fc.tuple(fc.webSegment(), fc.webSegment()).map(([land, city]) => `place://x${land}/x${city}.json`),
  fc.webUrl(),
  fc.string(),
);

const mcpMethod = fc.oneof(
  {
    weight: 5,
    arbitrary: call.map(({ name, inputs }) => ({
      method: 'tools/call',
      params: { name: `${recordedName}_${name}`, arguments: inputs },
    })),
  },
  fc.constantFrom('tools/list', 'ping', 'server/discover').map((method) => ({ method, params: {} })),
  fc.constantFrom('resources/list', 'resources/templates/list').map((method) => ({ method, params: {} })),
  { weight: 2, arbitrary: resourceUri.map((uri) => ({ method: 'resources/read', params: { uri } })) },
  fc.constant({
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'fuzz', version: '1' } },
  }),
);

/** A valid MCP request in one of the two eras, with its headers. */
export const mcpRequest = fc
  .record({ call: mcpMethod, id: fc.oneof(fc.nat(), fc.string()), isModern: fc.boolean() })
  .map(({ call: { method, params }, id, isModern }) => {
    const plain = { jsonrpc: '2.0', id, method };
    if (!isModern) return { headers: {}, message: { ...plain, params } };
    const { name = undefined, uri = name } = params as { readonly name?: string; readonly uri?: string };
    const mirrored: Readonly<Record<string, string>> = uri === undefined ? {} : { 'mcp-name': inHeader(uri) };
    return {
      headers: { 'mcp-protocol-version': modernRevision, 'mcp-method': method, ...mirrored },
      message: { ...plain, params: { ...params, _meta: modernMeta } },
    };
  });

/** Encodes a string for a header, which can contain only visible ASCII. */
function inHeader(text: string): string {
  return /^[!-~]+$/.test(text) ? text : `=?base64?${Buffer.from(text).toString('base64')}?=`;
}

const modernMeta = { [metaKeys.protocolVersion]: modernRevision, [metaKeys.clientCapabilities]: {} };

/** Overrides for a message: any of its members, valid or not. */
export const anyMessage = fc.record(
  {
    jsonrpc: fc.constantFrom('2.0', '1.0'),
    id: fc.jsonValue(),
    method: fc.oneof(
      fc.constantFrom('initialize', 'tools/list', 'tools/call', 'ping', 'server/discover', 'notifications/cancelled'),
      fc.constantFrom('resources/list', 'resources/templates/list', 'resources/read', 'resources/subscribe'),
      fc.string(),
    ),
    params: fc.oneof(
      fc.record(
        { name: toolName, arguments: anyInputs, uri: fc.oneof(resourceUri, fc.jsonValue()), _meta: fc.jsonValue() },
        { requiredKeys: [] },
      ),
      fc.jsonValue(),
    ),
  },
  { requiredKeys: [] },
);

/** The valid value in five out of six cases. */
export function mostly<Valid, Fuzz>(valid: Valid, fuzz: fc.Arbitrary<Fuzz>): fc.Arbitrary<Valid | Fuzz> {
  return fc.oneof({ weight: 5, arbitrary: fc.constant(valid) }, fuzz);
}

/** A value as the bytes of a JSON body. */
export function bytesOf(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
