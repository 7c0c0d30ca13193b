import { recordedName } from '../../testing/exchanges/recorded';
import { mint } from '../../testing/exchanges/token';
import { environments, type TokenRecipe } from '../../testing/exchanges/vector';
import type { LoadRequest } from './wrk';

const recipe = {
  secret: environments.base.ARCADE_WORKER_SECRET,
  alg: 'HS256',
  claims: { aud: 'worker', ver: '1', exp: '<now+7200>' },
};

/** The number of different requests before they repeat. */
const turns = 4096;

/** Tokens with the same claims but different ids, and so different signatures. */
const bearers = (change: Partial<TokenRecipe> = {}) =>
  Array.from({ length: turns }, (_, turn) => {
    const claims = { ...recipe.claims, ...(isRecord(change.claims) ? change.claims : {}), jti: `request-${turn}` };
    return { Authorization: `Bearer ${mint({ ...recipe, ...change, claims })}` };
  });

/** Different clients behind one proxy, so that the rate limit per client is active but not reached. */
const clients = Array.from({ length: turns }, (_, turn) => ({ 'X-Forwarded-For': `10.1.${turn >> 8}.${turn & 255}` }));

const json = { 'Content-Type': 'application/json' };
const accepted = bearers();

const invokeBody = JSON.stringify({
  execution_id: 'exec-1',
  run_id: 'run-1',
  created_at: '2026-08-12T10:15:30Z',
  tool: { name: 'Echo', toolkit: recordedName, version: '1.0.0' },
  inputs: { message: 'hello' },
  context: { user_id: 'user@example.com' },
});
const catalogue = { method: 'GET', path: '/worker/tools', headers: {}, proof: `"${recordedName}.Whoami"` } as const;
const call = {
  method: 'POST',
  path: '/worker/tools/invoke',
  headers: json,
  body: invokeBody,
  proof: '"value":"hello"',
} as const;

/** A request, and a string that every correct response contains, so that a failing server cannot look fast. */
export interface ProvenRequest extends LoadRequest {
  readonly proof: string;
}

/**
 * The measured requests: the engine's three routes, and `tools/call` of echo in both eras of MCP. Every token is different, so
 * each signature is verified; `again` repeats one token, as an engine does within one second if its tokens differ
 * only in their time.
 */
export const requests = {
  health: { method: 'GET', path: '/worker/health', headers: {}, proof: '"tool_count":"3"' },
  tools: { ...catalogue, variations: accepted },
  'tools again': { ...catalogue, variations: accepted.slice(0, 1) },
  invoke: { ...call, variations: accepted },
  'invoke again': { ...call, variations: accepted.slice(0, 1) },
  'mcp 2025-11-25': mcpCall(`${recordedName}_Echo`, {}),
  'mcp 2026-07-28': modernMcpCall(`${recordedName}_Echo`),
} as const satisfies Record<string, ProvenRequest>;

export type Operation = keyof typeof requests;

/** The operations in report order. The cast is needed because `Object.keys` returns plain strings. */
export const operations = Object.keys(requests) as readonly Operation[];

/** The same catalogue request with tokens that must be rejected, before or after their claims are read. */
export const refusedRequests = {
  'an expired token': { ...requests.tools, variations: bearers({ claims: { exp: 1 } }) },
  'a wrong signature': { ...requests.tools, variations: bearers({ secret: 'another' }) },
  'no JWT at all': { ...requests.tools, variations: [{ Authorization: 'Bearer not-a-token' }] },
} as const satisfies Record<string, LoadRequest>;

/** A call of echo in the handshake era, the only era that the peers support. */
export function mcpCall(tool: string, headers: Readonly<Record<string, string>>): ProvenRequest {
  return callOfEcho(tool, { 'MCP-Protocol-Version': '2025-11-25', ...headers });
}

function modernMcpCall(tool: string): ProvenRequest {
  const revision = '2026-07-28';
  const headers = { 'MCP-Protocol-Version': revision, 'Mcp-Method': 'tools/call', 'Mcp-Name': tool };
  return callOfEcho(tool, headers, {
    _meta: {
      'io.modelcontextprotocol/protocolVersion': revision,
      'io.modelcontextprotocol/clientCapabilities': {},
      'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1.0.0' },
    },
  });
}

function callOfEcho(tool: string, headers: Readonly<Record<string, string>>, more: object = {}): ProvenRequest {
  const params = { name: tool, arguments: { message: 'hello' }, ...more };
  return {
    method: 'POST',
    path: '/mcp',
    variations: clients,
    headers: { Accept: 'application/json, text/event-stream', ...json, ...headers },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
    proof: '"text":"hello"',
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
