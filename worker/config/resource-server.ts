import { z } from 'zod';
import { parsed } from '../json';
import { isLoopback } from './loopback';

const url = z
  .string()
  .refine((text) => URL.canParse(text), 'must be a URL')
  .refine((text) => !URL.canParse(text) || isSafe(new URL(text)), 'must use https, or http on a loopback host');

/** One authorization server, in the format of the Python server's variable (arcade-mcp-server 1.26.0). */
const authorizationServer = z
  .strictObject({
    authorization_server_url: url,
    issuer: z.string(),
    jwks_uri: url,
    algorithm: z
      .enum(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'])
      .default('RS256'),
    expected_audiences: z.array(z.string()).min(1).optional(),
    /** The checks cannot be switched off: without expiry and issuer checks there is no protection. */
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
    /** The address for clients. */
    url: server.authorization_server_url,
    /** The required `iss` of tokens. */
    issuer: server.issuer,
    jwksUri: server.jwks_uri,
    /** The only accepted signature algorithm. Never `none` or one with a shared secret. */
    algorithm: server.algorithm,
    /** The accepted `aud` of tokens. @default - the canonical URL */
    audiences: server.expected_audiences,
    /** The clock tolerance, in seconds. */
    leewaySeconds: server.validation_options?.leeway ?? 60,
  }));

const scopes = z.string().transform((text) => text.split(/\s+/).filter(Boolean));

/** The variables that make `/mcp` an OAuth resource server. */
export const resourceServerVariables = {
  MCP_RESOURCE_SERVER_CANONICAL_URL: url
    .refine(
      (text) => text === text.toLowerCase() && !text.endsWith('/') && !/[?#]/.test(text),
      'must be the URL as users type it: lower case, with its path, without a slash at the end',
    )
    .optional(),
  MCP_RESOURCE_SERVER_AUTHORIZATION_SERVERS: z
    .string()
    .transform((text, { addIssue }) => {
      const servers = z.array(authorizationServer).min(1).safeParse(parsed(text));
      if (servers.success) return servers.data;
      // Show only the paths: zod's messages may quote a value.
      const places = [...new Set(servers.error.issues.map(({ path }) => path.join('.') || 'the whole value'))];
      addIssue({
        code: 'custom',
        message: `must be a JSON array of authorization servers; fix ${places.join(', ')}`,
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

/** The required variables that are missing when any variable of the resource server is set. */
export function missingVariables(data: ResourceServerVariables): readonly string[] {
  const isNamed = Object.keys(resourceServerVariables).some((name) => name in data);
  const needed = ['MCP_RESOURCE_SERVER_CANONICAL_URL', 'MCP_RESOURCE_SERVER_AUTHORIZATION_SERVERS'] as const;
  return isNamed ? needed.filter((name) => !(name in data)) : [];
}

/** An authorization server whose tokens are accepted. */
export type AuthorizationServerSettings = Readonly<z.output<typeof authorizationServer>>;

/** The settings of an OAuth resource server (RFC 9728). */
export interface ResourceServerSettings {
  /** The endpoint exactly as users type it. */
  readonly canonicalUrl: string;
  readonly authorizationServers: readonly AuthorizationServerSettings[];
  /** The scopes listed in the metadata document. */
  readonly scopesSupported: readonly string[];
  /** The scopes that every call requires and clients should request. */
  readonly defaultChallengeScopes: readonly string[];
}

/** The settings of the resource server. Undefined when it is not configured. */
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
