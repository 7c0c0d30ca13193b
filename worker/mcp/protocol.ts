/**
 * The vocabulary of the Model Context Protocol that this server uses: revisions, reserved keys, error codes, messages.
 * Sources: revisions 2025-11-25 and 2026-07-28 of modelcontextprotocol/modelcontextprotocol.
 */

/** The protocol generation of a message: after an `initialize` handshake, or with self-contained requests. */
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

/** Keys of `_meta` that 2026-07-28 reserves for the protocol. */
export const metaKeys = {
  protocolVersion: 'io.modelcontextprotocol/protocolVersion',
  clientCapabilities: 'io.modelcontextprotocol/clientCapabilities',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  serverInfo: 'io.modelcontextprotocol/serverInfo',
  logLevel: 'io.modelcontextprotocol/logLevel',
} as const;

/** Error codes: those of JSON-RPC 2.0, those that 2026-07-28 adds in its reserved range, and one from elsewhere. */
export const codes = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  headerMismatch: -32020,
  missingCapability: -32021,
  unsupportedVersion: -32022,
  /** Handshake era only; 2026-07-28 uses invalidParams instead (SEP-2164). */
  resourceNotFound: -32002,
  /** RequestCancelled of the Language Server Protocol (3.17). MCP has no such code: over stdio nothing is sent then. */
  cancelled: -32800,
} as const;

/** Looks up a header by its lower-case name and trims its value. Undefined when it is missing. */
export type HeaderLookup = (name: string) => string | undefined;

/** The members of a JSON object, unchecked. */
export type Members = Readonly<Record<string, unknown>>;

/** A request with a valid envelope: `id` is text or an integer, `method` is text; `params` is unchecked. */
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

/** A rejected request: the HTTP status, the error, and the caller's `id` if it was readable. */
export interface Rejection {
  readonly status: number;
  readonly id?: string | number | undefined;
  readonly error: ErrorMember;
}

/** How a request ended: with a result or with an error. */
export type RpcOutcome =
  | { readonly result: Record<string, unknown>; readonly error?: undefined }
  | { readonly error: ErrorMember; readonly result?: undefined };

/** An error for the caller. Its code and text are sent unchanged, whereas the SDK's class adds the code to the text. */
export class RpcError extends Error {
  override readonly name = 'RpcError';

  constructor(
    readonly code: number,
    message: string,
    readonly data?: unknown,
  ) {
    super(message);
  }

  /** The error member of the response. */
  get member(): ErrorMember {
    const { code, message, data } = this;
    return data === undefined ? { code, message } : { code, message, data };
  }
}

/** An error response as JSON. Without an `id` that member is omitted. */
export function errorText(error: ErrorMember, id?: string | number): string {
  return JSON.stringify(id === undefined ? { jsonrpc: '2.0', error } : { jsonrpc: '2.0', id, error });
}

/** The result of a failed tool call. It is a result, not an error, because a model can only correct what it can read. */
export function failedResult(text: string): Record<string, unknown> {
  return { content: [{ type: 'text', text }], isError: true };
}

/** The outcome of a request that timed out. */
export function timedOut(method: string, timeMs: number): RpcOutcome {
  const text = `timed out after ${timeMs / 1000} s`;
  return method === 'tools/call'
    ? { result: failedResult(text) }
    : { error: { code: codes.internal, message: `Internal error: ${text}` } };
}
