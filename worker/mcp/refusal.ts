import type { Requirements } from '../catalog/define-tool';
import type { Tool } from '../catalog/tool';
import type { Trial } from '../config/trial';
import type { McpCall, McpResult } from './service';

/** Decides which callers may use the secrets and tokens that tools require. */
export interface SecretsPolicy {
  /** Whether the caller started this process and so may use its secrets. */
  readonly isLocal: boolean;
  /** The secrets and tokens that the developer on this machine provides for trying tools. @default - none */
  readonly trial?: Trial | undefined;
}

/** Why a request is refused, and how the user can get what they asked for. */
interface Refusal {
  readonly message: string;
  readonly remedy: string;
}

/**
 * Explains why a tool or resource with requirements is refused. Undefined when it is allowed. Anonymous callers may not use
 * the server's secrets, and only calls from the engine carry an OAuth token.
 * @param what the refused action, such as `call "Weather_Forecast"`
 */
export function refusalFor(
  what: string,
  requires: Requirements,
  call: McpCall,
  policy: SecretsPolicy,
): Refusal | undefined {
  const { caller } = call.from;
  const { isLocal } = policy;
  const missing = ownersTrial(call, policy)?.missingFor(requires);
  if (missing?.length === 0) return undefined;
  if (missing) {
    const set = missing.map((name) => `${name}=…`).join(' ');
    const why = `its requirements are not set; start the worker with ${set} npm run dev`;
    return { message: `Cannot ${what} here: ${why}`, remedy: `to start the worker with ${set}` };
  }
  const needsToken = requires.authorization !== undefined;
  if ((caller || isLocal) && !needsToken) return undefined;
  const [why, way] = needsToken
    ? ['it requires the user to sign in to another service, which only the engine can arrange', 'the engine']
    : ['it uses secrets of this server, and this endpoint does not identify its callers', 'an authenticated endpoint'];
  return { message: `Cannot ${what} here: ${why}`, remedy: `to ${what} through ${way}` };
}

/** The result of a refused call of a tool with requirements. Undefined when the call is allowed. */
export function refusalOf({ mcpName, definition }: Tool, call: McpCall, policy: SecretsPolicy): McpResult | undefined {
  const refusal = refusalFor(`call "${mcpName}"`, definition.requires ?? {}, call, policy);
  if (refusal === undefined) return undefined;
  return {
    content: [
      { type: 'text', text: refusal.message },
      { type: 'text', text: JSON.stringify({ llm_hint: `Do not retry. Tell the user ${refusal.remedy}.` }) },
    ],
    isError: true,
  };
}

/** The developer's trial settings, if the caller is that developer. */
export function ownersTrial({ from: { headers } }: McpCall, { trial }: SecretsPolicy): Trial | undefined {
  return trial?.isOwner(headers) ? trial : undefined;
}
