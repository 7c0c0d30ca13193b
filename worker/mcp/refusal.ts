import type { Requirements } from '../catalog/define-tool';
import type { Tool } from '../catalog/tool';
import type { Trial } from '../config/trial';
import type { McpCall, McpResult } from './service';

/** What decides who may spend what tools need. */
export interface Spending {
  /** Whether the caller has started this process, and so may spend what it was given. */
  readonly isLocal: boolean;
  /** What the person at this machine lets tools spend while they are tried. @default - nothing */
  readonly trial?: Trial | undefined;
}

/** Why a caller must not get something, for a person, and what to ask of that person. */
interface Refusal {
  readonly message: string;
  readonly wayOut: string;
}

/**
 * Why something with needs must not be had, such as `call "Weather_Forecast"`. Undefined when it may. Anonymous callers must not
 * spend the server's secrets, and an OAuth token comes only with a call of the engine.
 */
export function refusalFor(
  what: string,
  requires: Requirements,
  call: McpCall,
  surroundings: Spending,
): Refusal | undefined {
  const { caller } = call.from;
  const { isLocal } = surroundings;
  const missing = ownersTrial(call, surroundings)?.missingFor(requires);
  if (missing?.length === 0) return undefined;
  if (missing) {
    const set = missing.map((name) => `${name}=…`).join(' ');
    const why = `it is not given what it requires; start it with ${set} npm run dev`;
    return { message: `Cannot ${what} here: ${why}`, wayOut: `to start it with ${set}` };
  }
  const needsToken = requires.authorization !== undefined;
  if ((caller || isLocal) && !needsToken) return undefined;
  const [why, way] = needsToken
    ? ['it acts for a person who has to sign in to another service, which only the engine can arrange', 'the engine']
    : [
        'it spends secrets of this server, and callers of this endpoint are not identified',
        'an authenticated endpoint',
      ];
  return { message: `Cannot ${what} here: ${why}`, wayOut: `to ${what} through ${way}` };
}

/** The result of a call that a tool with needs must not get. Undefined when it may be run. */
export function refusalOf({ mcpName, definition }: Tool, call: McpCall, surroundings: Spending): McpResult | undefined {
  const refusal = refusalFor(`call "${mcpName}"`, definition.requires ?? {}, call, surroundings);
  if (refusal === undefined) return undefined;
  return {
    content: [
      { type: 'text', text: refusal.message },
      { type: 'text', text: JSON.stringify({ llm_hint: `Do not retry. Tell the user ${refusal.wayOut}.` }) },
    ],
    isError: true,
  };
}

/** What the caller may spend, when it is the person at this machine. */
export function ownersTrial({ from: { headers } }: McpCall, { trial }: Spending): Trial | undefined {
  return trial?.isOwner(headers) ? trial : undefined;
}
