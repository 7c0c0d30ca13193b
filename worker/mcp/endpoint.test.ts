import fc from 'fast-check';
import { recordedName } from '../../testing/exchanges/recorded';
import { readFixtureTools } from '../../testing/worker/fixtures';
import { toolServiceOf } from '../../testing/worker/mcp-server';
import { mcpLimits } from './dispatcher';
import { McpEndpoint } from './endpoint';
import { metaKeys } from './protocol';

const service = toolServiceOf(readFixtureTools());

/** Messages that are nearly right, which is where bugs hide. */
const nearly = fc.record(
  {
    jsonrpc: fc.constantFrom('2.0', '1.0', 2),
    id: fc.oneof(fc.integer(), fc.string(), fc.constant(null), fc.double()),
    method: fc.oneof(
      fc.constantFrom('tools/call', 'tools/list', 'initialize', 'server/discover', 'ping'),
      fc.jsonValue(),
    ),
    params: fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          name: fc.oneof(fc.constant(`${recordedName}_Echo`), fc.jsonValue()),
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

test('whatever is posted, there is a decision, and a refusal is the caller’s fault', async () => {
  const endpoint = await McpEndpoint.start(service, { ...mcpLimits, onDefect: () => undefined });
  const kinds = new Set<string>();
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), nearly), headers, (body, named) => {
      const decision = endpoint.decide(body, (name) => named[name]);
      kinds.add(decision.kind);
      if (decision.kind === 'reject') {
        expect(decision.rejection.status).toBeLessThan(500);
        expect(decision.rejection.error.code).not.toBe(-32603);
      }
    }),
    { numRuns: 5000 },
  );
  expect([...kinds].sort()).toEqual(['ignore', 'reject', 'run']);
  await endpoint.dispatcher.close();
});
