export { toolkitNameOf, toolNameOf } from '../contract';

/** Three numbers without leading zeros, then the optional pre-release and build of semver.org 2.0.0. */
const semanticVersion =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*))*)?(\+[\da-zA-Z-]+(\.[\da-zA-Z-]+)*)?$/;

/** A version as the catalogue shows it: `v1.2` becomes `1.2.0`. Undefined when it is not a version. */
export function normalVersion(text: string): string | undefined {
  const bare = text.startsWith('v') ? text.slice(1) : text;
  const missing = /^\d+$/.test(bare) ? '.0.0' : /^\d+\.\d+$/.test(bare) ? '.0' : '';
  return semanticVersion.test(bare + missing) ? bare + missing : undefined;
}

/** Whether a toolkit may be called so in its source: ASCII words joined by single underscores. */
export function isServerName(text: string): boolean {
  return /^[A-Za-z0-9]+(_[A-Za-z0-9]+)*$/.test(text);
}

export const toolNameRule = 'lower case letters and digits in words joined by single underscores, such as multiply_it';

/** Whether a tool may be called so in its source. Capitals would not survive: `getURLFast` becomes `Geturlfast`. */
export function isToolName(text: string): boolean {
  return /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(text);
}

/**
 * What APIs of models take as names (Claude's and OpenAI's, 2026-11). They refuse the whole request for one name, and with
 * it the tools of every other server.
 */
export const modelNames = {
  length: 64,
  rule: 'APIs of models take at most 64; shorten the name of the tool or of the server',
  key: /^[a-zA-Z0-9_.-]{1,64}$/,
  keyRule: 'APIs of models take 1 to 64 of a-z, A-Z, 0-9, "_", "." and "-"; use another name',
} as const;

/** The name of a tool as clients such as Claude Code give it to a model, if they know the server by its own name. */
export function nameInClient(serverName: string, mcpName: string): string {
  return `mcp__${serverName}__${mcpName}`;
}
