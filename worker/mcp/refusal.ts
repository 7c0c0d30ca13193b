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

/**
 * The result of a call that a tool with needs must not get. Undefined when it may be run. Anonymous callers must not spend the
 * server's secrets, and an OAuth token comes only with a call of the engine.
 */
export function refusalOf({ mcpName, definition }: Tool, call: McpCall, surroundings: Spending): McpResult | undefined {
  const { caller } = call.from;
  const { isLocal } = surroundings;
  const missing = ownersTrial(call, surroundings)?.missingFor(definition.requires ?? {});
  if (missing?.length === 0) return undefined;
  if (missing) {
    const set = missing.map((name) => `${name}=…`).join(' ');
    return refused(
      mcpName,
      `it is not given what it requires; start it with ${set} npm run dev`,
      `to start it with ${set}`,
    );
  }
  const needsToken = definition.requires?.authorization !== undefined;
  if ((caller || isLocal) && !needsToken) return undefined;
  const [why, hint] = needsToken
    ? ['it acts for a person who has to sign in to another service, which only the engine can arrange', 'the engine']
    : [
        'it spends secrets of this server, and callers of this endpoint are not identified',
        'an authenticated endpoint',
      ];
  return refused(mcpName, why, `to call "${mcpName}" through ${hint}`);
}

function refused(mcpName: string, why: string, whatToDo: string): McpResult {
  return {
    content: [
      { type: 'text', text: `Cannot call "${mcpName}" here: ${why}` },
      { type: 'text', text: JSON.stringify({ llm_hint: `Do not retry. Tell the user ${whatToDo}.` }) },
    ],
    isError: true,
  };
}

/** What the caller may spend, when it is the person at this machine. */
export function ownersTrial({ from: { headers } }: McpCall, { trial }: Spending): Trial | undefined {
  return trial?.isOwner(headers) ? trial : undefined;
}
