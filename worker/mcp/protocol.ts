/**
 * The words of the Model Context Protocol that this server uses: revisions, reserved keys, error codes, messages.
 * Sources: revisions 2025-11-25 and 2026-07-28 of modelcontextprotocol/modelcontextprotocol.
 */

/** How a message is spoken: after an `initialize` handshake, or every request on its own. */
export type Era = 'handshake' | 'modern';

/** The revisions of the handshake era, newest first: what `@modelcontextprotocol/sdk` 1.32.2 negotiates. */
export const handshakeRevisions: readonly string[] = [
  '2025-11-25',
  '2025-06-18',
  '2025-03-26',
  '2024-11-05',
  '2024-10-07',
];

/** The only revision of the modern era so far. */
export const modernRevision = '2026-07-28';

/** Keys of `_meta` that the protocol has reserved for itself in 2026-07-28. */
export const metaKeys = {
  protocolVersion: 'io.modelcontextprotocol/protocolVersion',
  clientCapabilities: 'io.modelcontextprotocol/clientCapabilities',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  serverInfo: 'io.modelcontextprotocol/serverInfo',
  logLevel: 'io.modelcontextprotocol/logLevel',
} as const;

/** Codes of JSON-RPC 2.0, those that 2026-07-28 adds in the range kept for the protocol, and one from outside. */
export const codes = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  headerMismatch: -32020,
  missingCapability: -32021,
  unsupportedVersion: -32022,
  /** Of the handshake era alone; 2026-07-28 has invalidParams instead (SEP-2164). */
  resourceNotFound: -32002,
  /** The Language Server Protocol's RequestCancelled (3.17); MCP has none, since over stdio nothing is sent then. */
  cancelled: -32800,
} as const;

/** Looks a header up by its lower-case name; the value without white space around it. Undefined when it is missing. */
export type HeaderLookup = (name: string) => string | undefined;

/** The members of a JSON object, unchecked. */
export type Members = Readonly<Record<string, unknown>>;

/** A request whose envelope is sound: `id` is text or an integer, `method` is text; `params` is still anything. */
export interface RequestMessage {
  readonly id: string | number;
  readonly method: string;
  readonly params?: unknown;
}

/** The error member of a response. */
export interface ErrorMember {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** A response that refuses: the HTTP status, the error, and the caller's `id` where it could be read. */
export interface Rejection {
  readonly status: number;
  readonly id?: string | number | undefined;
  readonly error: ErrorMember;
}

/** How a request ended: with a result or with an error. */
export type RpcOutcome =
  | { readonly result: Record<string, unknown>; readonly error?: undefined }
  | { readonly error: ErrorMember; readonly result?: undefined };

/** An error for the caller. Its code and text are sent as they are (the SDK's own class puts its code into the text). */
export class RpcError extends Error {
  override readonly name = 'RpcError';

  constructor(
    readonly code: number,
    message: string,
    readonly data?: unknown,
  ) {
    super(message);
  }

  /** Its form in a response. */
  get member(): ErrorMember {
    const { code, message, data } = this;
    return data === undefined ? { code, message } : { code, message, data };
  }
}

/** The text of a response that is an error. Without an `id` the member is left out. */
export function errorText(error: ErrorMember, id?: string | number): string {
  return JSON.stringify(id === undefined ? { jsonrpc: '2.0', error } : { jsonrpc: '2.0', id, error });
}

/** A tool call that failed. A model corrects itself only by what it can read, so failures are results, not errors. */
export function failedResult(text: string): Record<string, unknown> {
  return { content: [{ type: 'text', text }], isError: true };
}

/** The outcome of a request whose time is up. */
export function timedOut(method: string, timeMs: number): RpcOutcome {
  const text = `timed out after ${timeMs / 1000} s`;
  return method === 'tools/call'
    ? { result: failedResult(text) }
    : { error: { code: codes.internal, message: `Internal error: ${text}` } };
}
