import { ToolError } from './tool-errors';

/** Values by key, as the caller sent them. Keys are compared without regard to case. */
export interface Lookup {
  /** @throws ToolError that names the key, when the caller did not send it */
  get(key: string): string;
  /** What was sent, in its order and spelling. */
  readonly entries: readonly { readonly key: string; readonly value: string }[];
}

/** Values of a call under the name of what they are, which the error for a missing one says. */
export function lookup(what: keyof typeof waysIn, entries: Lookup['entries']): Lookup {
  return {
    entries,
    get(key) {
      const found = entries.find((entry) => entry.key.toLowerCase() === key.toLowerCase());
      if (found === undefined) throw new MissingValue(what, key);
      return found.value;
    },
  };
}

/** How a tool gets what it asked for: for whoever calls, and for its author. */
const waysIn = {
  secret: (key: string) => [
    `give it to the engine under that name, or for MCP clients to the worker as its variable ${key}`,
    `the tool has to say requires: { secrets: ['${key}'] }; to try it, npm run call takes --secret ${key}`,
  ],
  metadata: (key: string) => ['the engine sends it', `the tool has to say requires: { metadata: ['${key}'] }`],
} as const;

/**
 * The most common first mistake, told as what it is. The reference has it among the errors that nobody foresaw
 * (arcade-mcp-server 1.26.0); kind and status are the same.
 */
class MissingValue extends ToolError {
  override readonly name = 'FatalToolError';
  constructor(what: keyof typeof waysIn, key: string) {
    const [forCaller, forAuthor] = waysIn[what](key);
    const message = `The call does not carry the ${what} "${key}"; ${forCaller}`;
    super('TOOL_RUNTIME_FATAL', false, 500, message, { developerMessage: `${message}; ${forAuthor}` });
  }
}
