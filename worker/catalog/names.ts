export { toolkitNameOf, toolNameOf } from '../contract';

/** Three numbers without leading zeros, then the optional pre-release and build of semver.org 2.0.0. */
const semanticVersion =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*))*)?(\+[\da-zA-Z-]+(\.[\da-zA-Z-]+)*)?$/;

/** A version as the catalogue shows it: `v1.2` becomes `1.2.0`. Undefined for anything that is not a version. */
export function normalVersion(text: string): string | undefined {
  const bare = text.startsWith('v') ? text.slice(1) : text;
  const missing = /^\d+$/.test(bare) ? '.0.0' : /^\d+\.\d+$/.test(bare) ? '.0' : '';
  return semanticVersion.test(bare + missing) ? bare + missing : undefined;
}

/** Whether a text is a valid toolkit name in source form: ASCII words joined by single underscores. */
export function isServerName(text: string): boolean {
  return /^[A-Za-z0-9]+(_[A-Za-z0-9]+)*$/.test(text);
}

export const toolNameRule = 'lowercase letters and digits in words joined by single underscores, such as multiply_it';

/** Whether a text is a valid tool name in source form. No capitals, because publishing loses them: `getURL` becomes `Geturl`. */
export function isToolName(text: string): boolean {
  return /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(text);
}

/**
 * The names that model APIs accept (Claude and OpenAI, 2026-11). One bad name fails the whole request, including the tools
 * of every other server.
 */
export const modelNames = {
  length: 64,
  rule: 'model APIs accept at most 64; shorten the name of the tool or the server',
  key: /^[a-zA-Z0-9_.-]{1,64}$/,
  keyRule: 'they accept 1 to 64 of a-z, A-Z, 0-9, "_", "." and "-"; use another name',
} as const;

/** The tool name that clients such as Claude Code give to a model when the server is configured under its own name. */
export function nameInClient(serverName: string, mcpName: string): string {
  return `mcp__${serverName}__${mcpName}`;
}
