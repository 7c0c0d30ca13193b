import { isObject } from '../json';
import { checkHandshake, checkModern, revisions } from './eras';
import {
  codes,
  type Era,
  type HeaderLookup,
  type Members,
  metaKeys,
  modernRevision,
  type Rejection,
  type RequestMessage,
  type RpcOutcome,
} from './protocol';
import type { McpService, ParsedRequest } from './service';

/** How to handle a message. */
export type Decision =
  /** Run it, and send its response. */
  | { readonly kind: 'run'; readonly request: ParsedRequest }
  | { readonly kind: 'reject'; readonly rejection: Rejection; readonly request?: ParsedRequest }
  /** Abort the running request of this id. */
  | { readonly kind: 'cancel'; readonly id: unknown }
  /** An answer to one of the server's requests, which may no longer be open. */
  | { readonly kind: 'answer'; readonly id: unknown; readonly outcome: RpcOutcome }
  /** Any other notification: do nothing. */
  | { readonly kind: 'ignore' };

/**
 * Decides how to handle a body. A pure function of the message.
 * @param header - undefined on a transport without headers
 */
export function decide(body: unknown, header: HeaderLookup | undefined, service: McpService): Decision {
  const message = readEnvelope(body);
  if ('kind' in message) return message;
  const era = eraOf(message, header ?? noHeaders);
  const rejection =
    (era === 'modern' ? checkModern(message, header, service) : checkHandshake(message, header ?? noHeaders)) ??
    checkParams(message);
  const params: Members = isObject(message.params) ? message.params : {};
  const meta: Members = isObject(params._meta) ? params._meta : {};
  const { id, method } = message;
  const named = era === 'modern' ? meta[versionKey] : (header?.('mcp-protocol-version') ?? params.protocolVersion);
  const request: ParsedRequest = {
    id,
    method,
    params,
    era,
    revision: typeof named === 'string' ? named : assumedRevision,
    clientInfo: era === 'modern' ? meta[clientKey] : params.clientInfo,
  };
  return rejection ? { kind: 'reject', rejection, request } : { kind: 'run', request };
}

const noHeaders: HeaderLookup = () => undefined;

const { protocolVersion: versionKey, clientInfo: clientKey } = metaKeys;

/** The revision of a handshake request without `MCP-Protocol-Version` (2025-06-18, transports). */
const assumedRevision = '2025-03-26';

/**
 * The era of a message. The body decides and the header only confirms: a message with nothing but a modern header
 * is treated as modern and rejected for its missing `_meta` key.
 */
function eraOf(message: RequestMessage, header: HeaderLookup): Era {
  if (isObject(message.params) && isObject(message.params._meta) && versionKey in message.params._meta) {
    return 'modern';
  }
  const named = header('mcp-protocol-version');
  if (named === undefined || revisions.handshake.has(named)) return 'handshake';
  // ISO dates compare correctly as text.
  return isDate.test(named) && named >= modernRevision ? 'modern' : 'handshake';
}

const isDate = /^\d{4}-\d{2}-\d{2}$/;

/** Reads the envelope of a parsed body. Rejects batches (lists): revision 2025-06-18 removed them. */
function readEnvelope(body: unknown): RequestMessage | Exclude<Decision, { kind: 'run' }> {
  if (!isObject(body)) return refuse('Invalid request: the body must be one JSON object');
  const { jsonrpc, id, method, params } = body;
  const readableId = isId(id) ? id : undefined;
  if (jsonrpc !== '2.0') return refuse('Invalid request: "jsonrpc" must be "2.0"', readableId);
  if (typeof method !== 'string') {
    const isResponse = method === undefined && ('result' in body || 'error' in body);
    if (isResponse) return { kind: 'answer', id, outcome: outcomeIn(body) };
    return refuse('Invalid request: "method" must be text', readableId);
  }
  if (!('id' in body)) {
    const isCancellation = method === 'notifications/cancelled' && isObject(params);
    return isCancellation ? { kind: 'cancel', id: params.requestId } : { kind: 'ignore' };
  }
  if (readableId === undefined) return refuse('Invalid request: "id" must be text or an integer');
  return { id: readableId, method, params };
}

/** A client's answer. Of an error only the code is used; its message is untrusted text. */
function outcomeIn({ result, error }: Members): RpcOutcome {
  if (isObject(result) && error === undefined) return { result };
  const code = isObject(error) && typeof error.code === 'number' ? error.code : codes.invalidRequest;
  return { error: { code, message: '' } };
}

function isId(id: unknown): id is string | number {
  return typeof id === 'string' || Number.isSafeInteger(id);
}

function refuse(message: string, id?: string | number): Decision & { kind: 'reject' } {
  return { kind: 'reject', rejection: { status: 400, id, error: { code: codes.invalidRequest, message } } };
}

/** Checks the form of `params`. Optional members may be null, as clients in Go, Java and C# send them. */
function checkParams({ id, method, params }: RequestMessage): Rejection | undefined {
  const reason = isAbsentOr(isObject, params) ? memberProblem(method, params ?? {}) : '"params" must be an object';
  return reason === undefined
    ? undefined
    : { status: 200, id, error: { code: codes.invalidParams, message: `Invalid params: ${reason}` } };
}

function memberProblem(method: string, params: Members): string | undefined {
  if (!isAbsentOr(isObject, params._meta)) return '"_meta" must be an object';
  if (method === 'tools/call') return callProblem(params);
  return method === 'initialize' ? initializeProblem(params) : undefined;
}

function callProblem({ name, arguments: given }: Members): string | undefined {
  if (typeof name !== 'string') return '"name" must be the name of a tool';
  return isAbsentOr(isObject, given) ? undefined : '"arguments" must be an object';
}

function initializeProblem({ protocolVersion, capabilities, clientInfo }: Members): string | undefined {
  if (typeof protocolVersion !== 'string') return '"protocolVersion" must be text';
  if (!isObject(capabilities)) return '"capabilities" must be an object';
  const isNamed = isObject(clientInfo) && typeof clientInfo.name === 'string' && typeof clientInfo.version === 'string';
  return isNamed ? undefined : '"clientInfo" must have a name and a version';
}

function isAbsentOr<T>(is: (value: unknown) => value is T, value: unknown): value is T | null | undefined {
  return value === undefined || value === null || is(value);
}
