/** The headers of every response. */
export const baseHeaders = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

/** The forms of a response that a caller takes. */
export interface Acceptance {
  readonly json: boolean;
  readonly stream: boolean;
}

/**
 * Reads an `Accept` header. Most servers insist on both types, which is the most frequent complaint of people who connect
 * clients, so either will do. Undefined when there is neither, or no header.
 */
export function acceptanceOf(accept: string | undefined): Acceptance | undefined {
  if (accept === undefined) return undefined;
  if (accept === last.accept) return last.acceptance;
  const ranges = accept.split(',').filter(isWanted).map(mediaType);
  const isAny = ranges.includes('*/*');
  const json = isAny || ranges.includes('application/json') || ranges.includes('application/*');
  const stream = isAny || ranges.includes('text/event-stream');
  const acceptance = json || stream ? { json, stream } : undefined;
  last = { accept, acceptance };
  return acceptance;
}

// Nearly all requests of a client carry the same header.
let last: { readonly accept: string; readonly acceptance: Acceptance | undefined } = {
  accept: '',
  acceptance: undefined,
};

/** The type in a header value, without its parameters, in lower case. */
export function mediaType(value: string): string {
  const end = value.indexOf(';');
  return (end < 0 ? value : value.slice(0, end)).trim().toLowerCase();
}

/** A weight of zero refuses the type. */
function isWanted(range: string): boolean {
  return !/;\s*q\s*=\s*0(\.0{0,3})?\s*(;|$)/i.test(range);
}

/**
 * The headers of a 204 to OPTIONS. A browser's preflight from a listed origin gets what it asks for. Without `Origin` or
 * `Access-Control-Request-Method` it is not a preflight, and gets what arcade-mcp-server 1.26.0 sends. Foreign origins
 * have been refused before.
 */
export function preflightHeaders(origin: string | undefined, requestedMethod: string | undefined) {
  if (origin === undefined || requestedMethod === undefined) return recorded;
  return {
    ...corsHeaders(origin),
    'access-control-allow-methods': 'POST, OPTIONS',
    'access-control-allow-headers': requestHeaders,
    'access-control-max-age': '86400',
  };
}

/** The headers of every response to a listed origin, so that its page may read it. Never with credentials. */
export function corsHeaders(origin: string): Readonly<Record<string, string>> {
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': 'WWW-Authenticate, MCP-Protocol-Version',
    vary: 'Origin',
  };
}

const requestHeaders = [
  'Content-Type',
  'Accept',
  'Authorization',
  'MCP-Protocol-Version',
  'Mcp-Method',
  'Mcp-Name',
  'Mcp-Session-Id',
  'Last-Event-ID',
  'traceparent',
  'tracestate',
  'baggage',
].join(', ');

const recorded = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, POST, DELETE, OPTIONS',
  'access-control-allow-headers': 'Content-Type, Authorization, Accept, Mcp-Session-Id, MCP-Protocol-Version',
  'access-control-expose-headers': 'Mcp-Session-Id, MCP-Protocol-Version',
  'access-control-max-age': '86400',
} as const;
