/**
 * The headers of a 204 response to OPTIONS. A browser's preflight from an allowed origin is granted. Without `Origin` or
 * `Access-Control-Request-Method` it is not a preflight, and gets the headers of arcade-mcp-server 1.26.0. Foreign origins
 * have already been rejected.
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

/** The headers that let pages of an allowed origin read a response. Never with credentials. */
export function corsHeaders(origin: string): Readonly<Record<string, string>> {
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': 'WWW-Authenticate, MCP-Protocol-Version, Mcp-Session-Id',
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
