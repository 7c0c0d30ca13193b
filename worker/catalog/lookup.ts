import { ToolError } from './tool-errors';

/** Values by case-insensitive key, as the caller sent them. */
export interface Lookup {
  /** @throws ToolError that names the key if the caller did not send it */
  get(key: string): string;
  /** The entries in the order and spelling of the caller. */
  readonly entries: readonly { readonly key: string; readonly value: string }[];
}

/** A lookup over a call's values. @param what the kind of value, for the error about a missing one */
export function lookup(what: keyof typeof fixes, entries: Lookup['entries']): Lookup {
  return {
    entries,
    get(key) {
      const found = entries.find((entry) => entry.key.toLowerCase() === key.toLowerCase());
      if (found === undefined) throw new MissingValue(what, key);
      return found.value;
    },
  };
}

/** How to provide a missing value: one text for the caller, one for the tool's author. */
const fixes = {
  secret: (key: string) => [
    `set it in the engine under that name; for MCP clients set the worker's variable ${key}`,
    `the tool must declare requires: { secrets: ['${key}'] }; to try it, use npm run call with --secret ${key}`,
  ],
  metadata: (key: string) => ['the engine sends it', `the tool must declare requires: { metadata: ['${key}'] }`],
} as const;

/**
 * A missing value is the most common first mistake, so it gets its own message. The Python server reports it as an unexpected
 * error (arcade-mcp-server 1.26.0); kind and status are the same.
 */
class MissingValue extends ToolError {
  override readonly name = 'FatalToolError';
  constructor(what: keyof typeof fixes, key: string) {
    const [forCaller, forAuthor] = fixes[what](key);
    const message = `The call does not carry the ${what} "${key}"; ${forCaller}`;
    super('TOOL_RUNTIME_FATAL', false, 500, message, { developerMessage: `${message}; ${forAuthor}` });
  }
}
