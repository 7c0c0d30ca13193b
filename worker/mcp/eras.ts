import { isUtf8 } from 'node:buffer';
import { constantJson, isObject } from '../json';
import {
  codes,
  type Era,
  errorText,
  type HeaderLookup,
  handshakeRevisions,
  type Members,
  metaKeys,
  modernRevision,
  type Rejection,
  type RequestMessage,
  type RpcOutcome,
} from './protocol';
import { cacheHints, type McpResult, type McpService, type ParsedRequest } from './service';

/** The revisions of each era. */
export const revisions: Readonly<Record<Era, ReadonlySet<string>>> = {
  handshake: new Set(handshakeRevisions),
  modern: new Set([modernRevision]),
};

const { protocolVersion: versionKey, clientCapabilities: capabilitiesKey } = metaKeys;

/**
 * Checks a request of the handshake era. Undefined when it is valid.
 * The server keeps no state from `initialize`, so a request may come without one.
 */
export function checkHandshake({ id, method }: RequestMessage, header: HeaderLookup): Rejection | undefined {
  const named = header('mcp-protocol-version');
  if (method === 'initialize' || named === undefined || revisions.handshake.has(named)) return undefined;
  const message = `Unsupported protocol version; this server speaks ${handshakeRevisions.join(', ')}`;
  return { status: 400, id, error: { code: codes.invalidRequest, message } };
}

/**
 * Checks a request of 2026-07-28; the first failed check is the response. Undefined when the request is valid.
 * @param header - undefined on a transport without headers; the header checks are then skipped
 */
export function checkModern(
  message: RequestMessage,
  header: HeaderLookup | undefined,
  service: McpService,
): Rejection | undefined {
  const { id, method } = message;
  const refuse = (code: number, text: string, data?: unknown): Rejection => ({
    status: code === codes.methodNotFound ? 404 : 400,
    id,
    error: data === undefined ? { code, message: text } : { code, message: text, data },
  });

  const params: Members = isObject(message.params) ? message.params : {};
  const meta: Members = isObject(params._meta) ? params._meta : {};
  const requested = meta[versionKey];
  if (typeof requested !== 'string') {
    return refuse(codes.invalidParams, `Invalid params: _meta lacks "${versionKey}"`);
  }
  if (!isObject(meta[capabilitiesKey])) {
    return refuse(codes.invalidParams, `Invalid params: _meta lacks "${capabilitiesKey}"`);
  }
  const named = header?.('mcp-protocol-version');
  if (named !== undefined && named !== requested) {
    return refuse(codes.headerMismatch, 'Header mismatch: MCP-Protocol-Version is not the version in the body');
  }
  if (!revisions.modern.has(requested)) {
    const data = { supported: [modernRevision], requested };
    return refuse(codes.unsupportedVersion, 'Unsupported protocol version', data);
  }
  if (header) {
    const mismatch = mirrorProblem(message, params, header);
    if (mismatch) return refuse(codes.headerMismatch, `Header mismatch: ${mismatch}`);
  }
  if (method !== discover && !service.modern.methods.has(method)) {
    return refuse(codes.methodNotFound, 'Method not found');
  }
  return undefined;
}

function mirrorProblem({ method }: RequestMessage, params: Members, header: HeaderLookup): string | undefined {
  if (header('mcp-protocol-version') === undefined) return 'MCP-Protocol-Version is missing';
  const mirroredMethod = header('mcp-method');
  if (mirroredMethod === undefined) return 'Mcp-Method is missing';
  if (mirroredMethod !== method) return 'Mcp-Method is not the method in the body';
  const key = mirroredNames.get(method);
  const name = key === undefined ? undefined : params[key];
  if (typeof name !== 'string') return undefined;
  const mirroredName = header('mcp-name');
  if (mirroredName === undefined) return 'Mcp-Name is missing';
  return decodeMirrored(mirroredName) === name ? undefined : `Mcp-Name is not the ${key} in the body`;
}

/**
 * Decodes a header that mirrors a value of the body. `=?base64?…?=` is Base64 of UTF-8; anything without exactly that
 * prefix and suffix is literal. Undefined when the encoding is invalid (a lenient decoder fails conformance 0.2).
 */
export function decodeMirrored(value: string): string | undefined {
  if (!value.startsWith(prefix) || !value.endsWith(suffix) || value.length < prefix.length + suffix.length)
    return value;
  const encoded = value.slice(prefix.length, -suffix.length);
  if (!isCanonicalBase64(encoded)) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}

const [prefix, suffix] = ['=?base64?', '?='] as const;

/** Whether the text is exactly what an encoder writes: the standard alphabet, padding, no stray bits. */
function isCanonicalBase64(text: string): boolean {
  return Buffer.from(text, 'base64').toString('base64') === text;
}

/** The member of `params` that `Mcp-Name` repeats, by method (2026-07-28, transports). */
const mirroredNames = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
]);

/** The method that replaces `initialize`. */
export const discover = 'server/discover';

/** A result whose method has already serialised the members, for speed. The 2026-07-28 fields are added on top. */
export class WrittenResult {
  [member: string]: unknown;

  constructor(
    readonly members: string,
    readonly isError: boolean,
  ) {}
}

/** A response as JSON: text, or text followed by bytes that are the same for every request. */
export type ResponseText = string | readonly [start: string, rest: Buffer];

/**
 * Returns a function that serialises responses. The parts that all results of a service share are serialised once.
 * The function throws TypeError for a result that JSON cannot represent.
 */
export function responsesOf({ info }: McpService): (request: ParsedRequest, outcome: RpcOutcome) => ResponseText {
  const server = { [metaKeys.serverInfo]: info };
  const ending = `,"_meta":${JSON.stringify(server)}}`;
  const textOf = (result: McpResult, { method, era }: ParsedRequest) =>
    JSON.stringify(era === 'modern' ? withModernFields(result, method, server) : result);
  return (request, { error, result }) => {
    const { id, era } = request;
    if (error) return errorText(error, id);
    const start = `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":`;
    if (result instanceof WrittenResult) {
      return era === 'modern'
        ? `${start}{"resultType":"complete",${result.members}${ending}}`
        : `${start}{${result.members}}}`;
    }
    const known = constants.get(result);
    if (known === undefined) return `${start}${textOf(result, request)}}`;
    // Concatenating a long text would copy it for each request.
    const rest = known[era] ?? constantJson(`${textOf(result, request)}}`);
    known[era] = rest;
    return typeof rest === 'string' ? start + rest : [start, rest];
  };
}

/** Marks a constant result, which is serialised once per era instead of once per request. */
export function constantResult(result: McpResult): McpResult {
  constants.set(result, {});
  return result;
}

const constants = new WeakMap<object, Partial<Record<Era, string | Buffer>>>();

/** Adds the fields that 2026-07-28 requires: the result type, the server info and, for lists, the cache hints. */
function withModernFields(result: McpResult, method: string, server: Members): object {
  const own: Members = { ...result };
  const meta = { ...(isObject(own._meta) ? own._meta : {}), ...server };
  const hints = cacheable.has(method) ? (result[cacheHints] ?? listHints) : {};
  return { resultType: 'complete', ...hints, ...own, _meta: meta };
}

const cacheable = new Set([
  discover,
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
]);

/** Five minutes: a list changes only with a deployment. */
const listHints = { ttlMs: 300_000, cacheScope: 'public' };

/** The HTTP status of the response to a request that was run: 200, except for a missing client capability. */
export function statusOf({ era }: ParsedRequest, { error }: RpcOutcome): number {
  return error !== undefined && era === 'modern' && error.code === codes.missingCapability ? 400 : 200;
}
