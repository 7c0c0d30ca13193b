import { isObject } from '../json';
import type { HeaderLookup } from './era';
import { decodeMirrored } from './mirrored-header';
import { checkParams } from './params';
import {
  codes,
  type ErrorMember,
  type Members,
  metaKeys,
  modernRevision,
  type Outcome,
  type Rejection,
  type RequestMessage,
} from './protocol';
import type { McpResult, McpService } from './service';

/**
 * The checks of 2026-07-28, in the order in which they answer. Nothing: the message may be run.
 * @param header - undefined on a transport that has no headers; what they would confirm is then not asked for
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

/** The member of `params` that `Mcp-Name` repeats, by method (2026-07-28, transports). */
const mirroredNames = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
]);

/** The method that replaces `initialize`. */
export const discover = 'server/discover';

/** What `server/discover` answers, before it is dressed. */
export function discovery({ modern, instructions }: McpService): McpResult {
  return { supportedVersions: [modernRevision], capabilities: modern.capabilities, instructions };
}

/** Lays over a result what 2026-07-28 wants on each: its type, who answered, and for lists how long they keep. */
export function dress(result: McpResult, method: string, service: McpService): object {
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

/** The status of an answer to a call that was run. Only a missing client capability is an HTTP error too. */
export function statusOf({ error }: Outcome): number {
  return isMissingCapability(error) ? 400 : 200;
}

function isMissingCapability(error: ErrorMember | undefined): boolean {
  return error?.code === codes.missingCapability;
}
