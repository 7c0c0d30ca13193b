import type { ResourceServerSettings } from '../config/resource-server';
import { type Caller, type TokenCheck, tokenCheck } from './access-token';
import { tokenRefusalReasons } from './token-refusal';

/** Why a request was refused, and the response that tells the client how to authenticate. */
export interface Challenge {
  readonly status: 401 | 403;
  /** For the operator. More precise than what the caller may learn. */
  readonly reason: RefusalReason;
  /** The part of the token to compare with the configuration. Controlled by the caller. @default - nothing to compare */
  readonly found?: string | undefined;
  readonly wwwAuthenticate: string;
  readonly body: { readonly error: string; readonly error_description: string };
}

/** Why a request is refused: no token, a missing scope, or an invalid token. */
export const refusalReasons = ['missing', 'scope', ...tokenRefusalReasons] as const;

export type RefusalReason = (typeof refusalReasons)[number];

/** The decision about a request. */
export type AccessDecision =
  | { readonly kind: 'admitted'; readonly caller: Caller }
  | { readonly kind: 'challenged'; readonly challenge: Challenge }
  /** The keys to verify the token could not be fetched. */
  | { readonly kind: 'undecided'; readonly cause: unknown };

/**
 * `/mcp` as an OAuth 2.1 resource server; Arcade's documentation calls this a front door. The token is never passed on.
 */
export class ResourceServer {
  readonly #settings: ResourceServerSettings;
  readonly #check: TokenCheck;

  constructor(settings: ResourceServerSettings, check: TokenCheck = tokenCheck(settings)) {
    this.#settings = settings;
    this.#check = check;
  }

  /** Decides about a request by its `Authorization` header. */
  async authorize(authorization: string | undefined): Promise<AccessDecision> {
    const token = bearer.exec(authorization ?? '')?.[1];
    if (token === undefined) return this.#challenge('missing');
    const verdict = await this.#check(token);
    switch (verdict.kind) {
      case 'refused':
        return this.#challenge(verdict.refusal.reason, verdict.refusal.found);
      case 'unknown':
        return { kind: 'undecided', cause: verdict.cause };
      case 'accepted':
        return this.#lacksScope(verdict.caller)
          ? this.#challenge('scope', verdict.caller.scopes.join(' '))
          : { kind: 'admitted', caller: verdict.caller };
    }
  }

  /** The paths of the metadata document: with the endpoint's path (RFC 9728), and at the root. */
  get metadataPaths(): readonly string[] {
    return [...new Set([`${wellKnown}${new URL(this.#settings.canonicalUrl).pathname}`, wellKnown])];
  }

  /** The metadata document (RFC 9728). */
  metadata(resourceName: string): object {
    const { canonicalUrl, authorizationServers, scopesSupported } = this.#settings;
    // Clients would request a listed offline_access, and authorization servers would refuse it.
    const scopes = scopesSupported.filter((scope) => scope !== 'offline_access');
    return {
      resource: canonicalUrl,
      authorization_servers: [...new Set(authorizationServers.map(({ url }) => url))],
      ...(scopes.length === 0 ? {} : { scopes_supported: scopes }),
      bearer_methods_supported: ['header'],
      resource_name: resourceName,
    };
  }

  /** With Entra, clients request a scope with the resource's name as a prefix, and the token has it without the prefix. */
  #lacksScope({ scopes, prefixes }: Caller): boolean {
    const has = (scope: string) =>
      scopes.includes(scope) ||
      prefixes.some((prefix) => scope.startsWith(prefix) && scopes.includes(scope.slice(prefix.length)));
    return !this.#settings.defaultChallengeScopes.every(has);
  }

  #challenge(reason: RefusalReason, found?: string): AccessDecision {
    const { canonicalUrl, defaultChallengeScopes } = this.#settings;
    const { status, error, text } = challengeFor(reason);
    const { origin, pathname } = new URL(canonicalUrl);
    const parameters = [
      // The form with the path: hosted clients fail silently with the root form (several reports, 2026).
      `resource_metadata="${origin}${wellKnown}${pathname}"`,
      ...(defaultChallengeScopes.length === 0 ? [] : [`scope="${defaultChallengeScopes.join(' ')}"`]),
      ...(error === undefined ? [] : [`error="${error}"`, `error_description="${text}"`]),
    ];
    return {
      kind: 'challenged',
      challenge: {
        status,
        reason,
        found,
        wwwAuthenticate: `Bearer ${parameters.join(', ')}`,
        body: { error: error ?? 'unauthorized', error_description: text },
      },
    };
  }
}

const wellKnown = '/.well-known/oauth-protected-resource';

const bearer = /^bearer +([\w.~+/-]+=*) *$/i;

/** Fixed texts: they never quote the token and need no escaping. */
const challenges = {
  missing: { status: 401, error: undefined, text: 'Sign in to call this server' },
  expired: { status: 401, error: 'invalid_token', text: 'The token has expired' },
  invalid: { status: 401, error: 'invalid_token', text: 'The token is not valid here' },
  scope: { status: 403, error: 'insufficient_scope', text: 'The token lacks a scope' },
} as const;

/** The text for the caller, without details that would help to forge a token. */
function challengeFor(reason: RefusalReason) {
  return reason === 'missing' || reason === 'expired' || reason === 'scope' ? challenges[reason] : challenges.invalid;
}
