import { z } from 'zod';
import { parsed } from '../json';
import { isLoopback } from './loopback';

const url = z
  .string()
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
    /** Every check stays on: without times and issuers there would be no protection. */
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
    /** Its address for clients. */
    url: server.authorization_server_url,
    /** What its tokens have as `iss`. */
    issuer: server.issuer,
    jwksUri: server.jwks_uri,
    /** The one signature algorithm that counts. Never `none`, never one with a shared secret. */
    algorithm: server.algorithm,
    /** What its tokens may have as `aud`. Undefined: the canonical URL. */
    audiences: server.expected_audiences,
    /** Tolerance for clocks, in seconds. */
    leewaySeconds: server.validation_options?.leeway ?? 60,
  }));

const scopes = z.string().transform((text) => text.split(/\s+/).filter(Boolean));

/** The variables that make `/mcp` an OAuth resource server. */
export const resourceServerVariables = {
  MCP_RESOURCE_SERVER_CANONICAL_URL: url
    .refine(
      (text) => text === text.toLowerCase() && !text.endsWith('/') && !/[?#]/.test(text),
      'wants the URL as users type it: lower case, with its path, no slash at the end',
    )
    .optional(),
  MCP_RESOURCE_SERVER_AUTHORIZATION_SERVERS: z
    .string()
    .transform((text, { addIssue }) => {
      const servers = z.array(authorizationServer).min(1).safeParse(parsed(text));
      if (servers.success) return servers.data;
      // The paths help and hold no values; zod's own messages may quote one.
      const places = [...new Set(servers.error.issues.map(({ path }) => path.join('.') || 'the whole'))];
      addIssue({
        code: 'custom',
        message: `wants a JSON array of authorization servers; look at ${places.join(', ')}`,
      });
      return z.NEVER;
    })
    .optional(),
  MCP_RESOURCE_SERVER_SCOPES_SUPPORTED: scopes.optional(),
  MCP_RESOURCE_SERVER_DEFAULT_CHALLENGE_SCOPES: scopes.optional(),
};

type ResourceServerVariables = {
  readonly [Name in keyof typeof resourceServerVariables]?: z.output<(typeof resourceServerVariables)[Name]>;
};

/** The variables that are missing from an incomplete configuration of a resource server. */
export function missingVariables(data: ResourceServerVariables): readonly string[] {
  const isNamed = Object.keys(resourceServerVariables).some((name) => name in data);
  const needed = ['MCP_RESOURCE_SERVER_CANONICAL_URL', 'MCP_RESOURCE_SERVER_AUTHORIZATION_SERVERS'] as const;
  return isNamed ? needed.filter((name) => !(name in data)) : [];
}

/** An authorization server whose tokens are accepted. */
export type AuthorizationServerSettings = Readonly<z.output<typeof authorizationServer>>;

/** What makes a server an OAuth resource server (RFC 9728). */
export interface ResourceServerSettings {
  /** The endpoint as users type it, byte for byte. */
  readonly canonicalUrl: string;
  readonly authorizationServers: readonly AuthorizationServerSettings[];
  /** For the metadata document. */
  readonly scopesSupported: readonly string[];
  /** What a client should ask for, and what every call needs. */
  readonly defaultChallengeScopes: readonly string[];
}

/** The settings of the resource server. Undefined when it is off. */
export function resourceServerSettings(data: ResourceServerVariables): ResourceServerSettings | undefined {
  const { MCP_RESOURCE_SERVER_CANONICAL_URL: canonicalUrl, MCP_RESOURCE_SERVER_AUTHORIZATION_SERVERS: servers } = data;
  if (canonicalUrl === undefined || servers === undefined) return undefined;
  return {
    canonicalUrl,
    authorizationServers: servers,
    scopesSupported: data.MCP_RESOURCE_SERVER_SCOPES_SUPPORTED ?? [],
    defaultChallengeScopes: data.MCP_RESOURCE_SERVER_DEFAULT_CHALLENGE_SCOPES ?? [],
  };
}

function isSafe({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}
