import { z } from 'zod';
import { isLoopback } from './loopback';

const url = z
  .string('is missing; the front door needs it')
  .refine((text) => URL.canParse(text), 'wants a URL')
  .refine((text) => !URL.canParse(text) || isSafe(new URL(text)), 'wants https, or http on this machine');

/** One authorization server, as the reference's variable writes it (arcade-mcp-server 1.26.0). */
const authorizationServer = z
  .strictObject({
    authorization_server_url: url,
    issuer: z.string(),
    jwks_uri: url,
    algorithm: z
      .enum(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'])
      .default('RS256'),
    expected_audiences: z.array(z.string()).min(1).optional(),
    /** Every check stays on: a door that does not look at times or issuers is none. */
    validation_options: z
      .strictObject({
        verify_exp: z.literal(true).optional(),
        verify_iat: z.literal(true).optional(),
        verify_nbf: z.literal(true).optional(),
        verify_iss: z.literal(true).optional(),
        leeway: z.int().min(0).max(300).optional(),
      })
      .optional(),
  })
  .transform((server) => ({
    url: server.authorization_server_url,
    issuer: server.issuer,
    jwksUri: server.jwks_uri,
    algorithm: server.algorithm,
    /** Undefined: the canonical URL. */
    audiences: server.expected_audiences,
    /** Tolerance for clocks, in seconds. */
    leewaySeconds: server.validation_options?.leeway ?? 60,
  }));

const scopes = z.string().transform((text) => text.split(/\s+/).filter(Boolean));

/** The settings of the front door out of its four variables. Half of them is not enough. */
export const door = z
  .object({
    MCP_RESOURCE_SERVER_CANONICAL_URL: url.refine(
      (text) => text === text.toLowerCase() && !text.endsWith('/') && !/[?#]/.test(text),
      'wants the URL as users type it: lower case, with its path, no slash at the end',
    ),
    MCP_RESOURCE_SERVER_AUTHORIZATION_SERVERS: z
      .string('is missing; the front door needs it')
      .transform((text, { addIssue }) => {
        const servers = z.array(authorizationServer).min(1).safeParse(parsed(text));
        if (servers.success) return servers.data;
        // The paths help and hold no values; what zod says of a value might quote it.
        const places = [...new Set(servers.error.issues.map(({ path }) => path.join('.') || 'the whole'))];
        addIssue({
          code: 'custom',
          message: `wants a JSON array of authorization servers; look at ${places.join(', ')}`,
        });
        return z.NEVER;
      }),
    MCP_RESOURCE_SERVER_SCOPES_SUPPORTED: scopes.default([]),
    MCP_RESOURCE_SERVER_DEFAULT_CHALLENGE_SCOPES: scopes.default([]),
  })
  .transform((data) => ({
    canonicalUrl: data.MCP_RESOURCE_SERVER_CANONICAL_URL,
    authorizationServers: data.MCP_RESOURCE_SERVER_AUTHORIZATION_SERVERS,
    scopesSupported: data.MCP_RESOURCE_SERVER_SCOPES_SUPPORTED,
    defaultChallengeScopes: data.MCP_RESOURCE_SERVER_DEFAULT_CHALLENGE_SCOPES,
  }));

function isSafe({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Undefined is no array either, and the message is the same.
    return undefined;
  }
}
