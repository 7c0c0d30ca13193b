import { ToolError } from './tool-errors';

/** Values by key, as the caller sent them. Keys are compared without regard to case. */
export interface Lookup {
  /** @throws ToolError that names the key, when the caller did not send it */
  get(key: string): string;
  /** What was sent, in its order and spelling. */
  readonly entries: readonly { readonly key: string; readonly value: string }[];
}

/** What a tool may know of its call: the only source of anything but its input. */
export interface ToolContext {
  /** Who calls. From the engine: as sent. From MCP: the subject of a verified access token, or what the server is set to. */
  readonly userId: string | null;
  /** The OAuth token the tool requires. Empty text when the caller sent none. */
  readonly token: string;
  readonly secrets: Lookup;
  readonly metadata: Lookup;
  /** Reports progress; `total` may be unknown. Goes nowhere when the engine calls. */
  progress(done: number, total?: number, message?: string): void;
  /**
   * Aborted when the tool's time is up, and when the caller is known to wait no longer for the result. An engine never tells.
   * MCP clients do by `notifications/cancelled` over stdio, and over HTTP with the token or the session identifier of the
   * call; by hanging up only in 2026-07-28, for before a broken connection is no cancellation. Hand it to `fetch`.
   */
  readonly signal: AbortSignal;
}

/** What a route knows of a call. What is left out is empty, and progress goes nowhere. */
export interface CallDetails {
  /** A function is called when a tool asks, each time it asks. */
  readonly userId?: string | null | undefined | (() => string);
  readonly token?: string | null | undefined;
  readonly secrets?: Lookup['entries'] | null | undefined;
  readonly metadata?: Lookup['entries'] | null | undefined;
  readonly progress?: ToolContext['progress'];
  /** A function is called when somebody asks for the signal: making one costs as much as reading the inputs. */
  readonly signal?: AbortSignal | (() => AbortSignal);
}

/** Makes the context of one call. Cheap: nothing is copied, and the signal is made when a tool asks for it. */
export class CallContext implements ToolContext {
  readonly #details: CallDetails;
  #controller: AbortController | undefined;

  constructor(details: CallDetails) {
    this.#details = details;
  }

  get userId(): string | null {
    const { userId } = this.#details;
    return (typeof userId === 'function' ? userId() : userId) ?? null;
  }

  get token(): string {
    return this.#details.token ?? '';
  }

  get secrets(): Lookup {
    return lookup('secret', this.#details.secrets ?? []);
  }

  get metadata(): Lookup {
    return lookup('metadata', this.#details.metadata ?? []);
  }

  get signal(): AbortSignal {
    return this.#abortable().signal;
  }

  get progress(): ToolContext['progress'] {
    return this.#details.progress ?? toNobody;
  }

  /** Aborts the signal, whatever the caller does. */
  abort(reason: Error): void {
    this.#abortable().abort(reason);
  }

  #abortable(): AbortController {
    if (this.#controller !== undefined) return this.#controller;
    const controller = new AbortController();
    const { signal } = this.#details;
    const callers = typeof signal === 'function' ? signal() : signal;
    if (callers?.aborted) controller.abort(callers.reason);
    else callers?.addEventListener('abort', () => controller.abort(callers.reason), { once: true });
    this.#controller = controller;
    return controller;
  }
}

function toNobody(): void {}

function lookup(what: keyof typeof waysIn, entries: Lookup['entries']): Lookup {
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
