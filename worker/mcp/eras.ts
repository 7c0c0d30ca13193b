import { isUtf8 } from 'node:buffer';
import { isObject } from '../json';
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
import type { McpMethod, McpResult, McpService, ParsedRequest } from './service';

/**
 * The check of the handshake era. Undefined: nothing is wrong.
 * Nothing is remembered from `initialize`, so no request needs one before it.
 */
export function checkHandshake({ id, method }: RequestMessage, header: HeaderLookup): Rejection | undefined {
  const named = header('mcp-protocol-version');
  if (method === 'initialize' || named === undefined || handshakeRevisions.includes(named)) return undefined;
  const message = `Unsupported protocol version; this server speaks ${handshakeRevisions.join(', ')}`;
  return { status: 400, id, error: { code: codes.invalidRequest, message } };
}

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
const discover = 'server/discover';

/** The methods of each era: those of the service, and the protocol's own. */
export function methodsOf(service: McpService): Readonly<Record<Era, ReadonlyMap<string, McpMethod>>> {
  const { modern, instructions } = service;
  const discovery = constantResult({
    supportedVersions: [modernRevision],
    capabilities: modern.capabilities,
    instructions,
  });
  const handshake: readonly [string, McpMethod][] = [
    ['initialize', ({ params }) => greeting(service, params)],
    ['ping', () => ({})],
  ];
  return {
    handshake: new Map([...service.methods, ...handshake]),
    modern: new Map([...service.methods, [discover, () => discovery]]),
  };
}

/** Settles on the revision that was asked for, or else on the newest. Nothing of it is remembered. */
function greeting({ capabilities, info, instructions }: McpService, { protocolVersion }: Members): McpResult {
  const settled = handshakeRevisions.find((revision) => revision === protocolVersion) ?? handshakeRevisions[0];
  return {
    protocolVersion: settled,
    capabilities,
    serverInfo: info,
    ...(instructions === '' ? {} : { instructions }),
  };
}

/**
 * The JSON text of a response.
 * @throws TypeError for a result that JSON cannot hold
 */
export function responseText({ id, method, era }: ParsedRequest, outcome: RpcOutcome, service: McpService): string {
  if (outcome.error) return errorText(outcome.error, id);
  const { result } = outcome;
  const texts = constants.get(result);
  let text = texts?.get(era);
  if (text === undefined) {
    text = JSON.stringify(era === 'modern' ? withModernFields(result, method, service) : result);
    texts?.set(era, text);
  }
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${text}}`;
}

/** Marks a result that is the same each time: its text is made once per era, not once per request. */
export function constantResult(result: McpResult): McpResult {
  constants.set(result, new Map());
  return result;
}

const constants = new WeakMap<object, Map<Era, string>>();

/** Adds what 2026-07-28 requires of each result: its type, the server, and for lists how long they may be cached. */
function withModernFields(result: McpResult, method: string, service: McpService): object {
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

/** The HTTP status of a response to a request that was run. Only a missing client capability is an HTTP error too. */
export function statusOf({ era }: ParsedRequest, { error }: RpcOutcome): number {
  return era === 'modern' && error?.code === codes.missingCapability ? 400 : 200;
}
