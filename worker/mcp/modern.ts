import { isUtf8 } from 'node:buffer';
import { isObject } from '../json';
import {
  codes,
  type ErrorMember,
  type Members,
  metaKeys,
  modernRevision,
  type Rejection,
  type RequestMessage,
  type RpcOutcome,
} from './protocol';
import { checkParams, type HeaderLookup } from './request';
import type { McpResult, McpService } from './service';

/**
 * The checks of 2026-07-28, in the order in which they reply. Undefined: the message may be run.
 * @param header - undefined on a transport that has no headers; what they would confirm is then not required
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
  const requested = meta[metaKeys.protocolVersion];
  if (typeof requested !== 'string') {
    return refuse(codes.invalidParams, `Invalid params: _meta lacks "${metaKeys.protocolVersion}"`);
  }
  if (!isObject(meta[metaKeys.clientCapabilities])) {
    return refuse(codes.invalidParams, `Invalid params: _meta lacks "${metaKeys.clientCapabilities}"`);
  }
  const named = header?.('mcp-protocol-version');
  if (named !== undefined && named !== requested) {
    return refuse(codes.headerMismatch, 'Header mismatch: MCP-Protocol-Version is not the version in the body');
  }
  if (requested !== modernRevision) {
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
  const error = checkParams(message);
  return error && { status: 200, id, error };
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
 * Reads a header that mirrors a value of the body. `=?base64?…?=` is Base64 of UTF-8; anything without exactly that
 * prefix and suffix is literal. Undefined: the encoding is broken (a lenient decoder fails conformance 0.2).
 */
export function decodeMirrored(value: string): string | undefined {
  if (!value.startsWith(prefix) || !value.endsWith(suffix) || value.length < prefix.length + suffix.length)
    return value;
  const encoded = value.slice(prefix.length, -suffix.length);
  if (!isCanonicalBase64(encoded)) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}

const prefix = '=?base64?';
const suffix = '?=';

/** The standard alphabet with its padding, and no stray bits: exactly what an encoder writes. */
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

/** The result of `server/discover`, before the fields that every modern result has. */
export function discovery({ modern, instructions }: McpService): McpResult {
  return { supportedVersions: [modernRevision], capabilities: modern.capabilities, instructions };
}

/** Adds what 2026-07-28 requires of each result: its type, the server, and for lists how long they may be cached. */
export function withModernFields(result: McpResult, method: string, service: McpService): object {
  const own: Members = { ...result };
  const meta = { ...(isObject(own._meta) ? own._meta : {}), [metaKeys.serverInfo]: service.info };
  const hints = cacheable.has(method) ? { ttlMs: listTtlMs, cacheScope: 'public' } : {};
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

/** Five minutes: the list changes with a deployment. */
const listTtlMs = 300_000;

/** The status of the response to a request that was run. Only a missing client capability is an HTTP error too. */
export function statusOf({ error }: RpcOutcome): number {
  return isMissingCapability(error) ? 400 : 200;
}

function isMissingCapability(error: ErrorMember | undefined): boolean {
  return error?.code === codes.missingCapability;
}
