import { isObject } from '../json';
import {
  codes,
  type Era,
  type ErrorMember,
  handshakeRevisions,
  type Members,
  metaKeys,
  modernRevision,
  type Rejection,
  type RequestMessage,
} from './protocol';

/** A request that has been read, and how it is spoken. */
export interface ParsedRequest {
  readonly id: string | number;
  readonly method: string;
  readonly params: Members;
  readonly era: Era;
  /** The revision of the protocol that the request names, or the one that is assumed. */
  readonly revision: string;
  /** What the client says of itself. @default - nothing */
  readonly clientInfo: unknown;
}

/** What a posted body turned out to be. */
export type Reading =
  | { readonly kind: 'request'; readonly message: RequestMessage }
  /** A notification or a response: accepted, and nothing is run. */
  | { readonly kind: 'ignored'; readonly method: string | undefined }
  | { readonly kind: 'rejected'; readonly rejection: Rejection };

/** Checks the envelope of a parsed body. Lists were batches until 2025-03-26; they left the protocol in 2025-06-18. */
export function readMessage(body: unknown): Reading {
  if (!isObject(body)) return refuse('Invalid request: the body must be one JSON object');
  const { jsonrpc, id, method, params } = body;
  const readableId = isId(id) ? id : undefined;
  if (jsonrpc !== '2.0') return refuse('Invalid request: "jsonrpc" must be "2.0"', readableId);
  if (typeof method !== 'string') {
    const isResponse = method === undefined && ('result' in body || 'error' in body);
    return isResponse
      ? { kind: 'ignored', method: undefined }
      : refuse('Invalid request: "method" must be text', readableId);
  }
  if (!('id' in body)) return { kind: 'ignored', method };
  if (readableId === undefined) return refuse('Invalid request: "id" must be text or an integer');
  return { kind: 'request', message: { id: readableId, method, params } };
}

function isId(id: unknown): id is string | number {
  return typeof id === 'string' || Number.isSafeInteger(id);
}

function refuse(message: string, id?: string | number): Reading {
  return { kind: 'rejected', rejection: { status: 400, id, error: { code: codes.invalidRequest, message } } };
}

/** Looks a header up by its lower-case name; the value without white space around it. Undefined when it is missing. */
export type HeaderLookup = (name: string) => string | undefined;

/**
 * The era a message speaks. The body decides, the header only confirms: with a modern header alone the message counts as
 * modern and is refused for the key it lacks.
 */
export function eraOf(message: RequestMessage, header: HeaderLookup): Era {
  if (isObject(message.params) && isObject(message.params._meta) && metaKeys.protocolVersion in message.params._meta) {
    return 'modern';
  }
  const named = header('mcp-protocol-version');
  // Dates in this form compare as text.
  return named !== undefined && isDate.test(named) && named >= modernRevision ? 'modern' : 'handshake';
}

const isDate = /^\d{4}-\d{2}-\d{2}$/;

/**
 * The checks of the handshake era. Returns the refusal, or undefined when the message may be run.
 * Nothing is remembered from `initialize`, so no request needs one before it.
 */
export function checkHandshake(message: RequestMessage, header: HeaderLookup): Rejection | undefined {
  const { id, method } = message;
  const named = header('mcp-protocol-version');
  if (method !== 'initialize' && named !== undefined && !isHandshakeRevision(named)) {
    const text = `Unsupported protocol version; this server speaks ${handshakeRevisions.join(', ')}`;
    return { status: 400, id, error: { code: codes.invalidRequest, message: text } };
  }
  const error = checkParams(message);
  return error && { status: 200, id, error };
}

/** True for a revision that an `initialize` of this server can settle on. */
export function isHandshakeRevision(revision: string): boolean {
  return handshakeRevisions.includes(revision);
}

/** Checks the form of `params` before anything is run. Returns the error, or undefined when they are sound. */
export function checkParams({ method, params }: RequestMessage): ErrorMember | undefined {
  if (params !== undefined && !isObject(params)) return invalid('"params" must be an object');
  const members: Members = params ?? {};
  if (members._meta !== undefined && !isObject(members._meta)) return invalid('"_meta" must be an object');
  if (method === 'tools/call') return checkCall(members);
  if (method === 'initialize') return checkInitialize(members);
  return undefined;
}

function checkCall({ name, arguments: given }: Members): ErrorMember | undefined {
  if (typeof name !== 'string') return invalid('"name" must be the name of a tool');
  if (given !== undefined && !isObject(given)) return invalid('"arguments" must be an object');
  return undefined;
}

function checkInitialize({ protocolVersion, capabilities, clientInfo }: Members): ErrorMember | undefined {
  if (typeof protocolVersion !== 'string') return invalid('"protocolVersion" must be text');
  if (!isObject(capabilities)) return invalid('"capabilities" must be an object');
  if (!isObject(clientInfo) || typeof clientInfo.name !== 'string' || typeof clientInfo.version !== 'string') {
    return invalid('"clientInfo" must have a name and a version');
  }
  return undefined;
}

function invalid(reason: string): ErrorMember {
  return { code: codes.invalidParams, message: `Invalid params: ${reason}` };
}
