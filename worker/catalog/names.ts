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
