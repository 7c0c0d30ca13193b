import type { DefinedTool } from './define-tool';
import type { Field, Member } from './shape';

/** A tool with all its names. */
export interface Described {
  readonly name: string;
  readonly wireName: string;
  readonly qualifiedName: string;
  readonly mcpName: string;
  readonly toolkit: { readonly name: string; readonly description: string; readonly version: string };
  readonly definition: DefinedTool;
  readonly input: readonly Member[];
  readonly output: Field | undefined;
  /** The URI of the page that `ui` names. @default - none */
  readonly pageUri: string | undefined;
}

/** The requirements, as both the engine entry and the MCP entry show them. */
export function requirementsOf({ requires = {} }: DefinedTool) {
  const { authorization, secrets, metadata } = requires;
  return {
    authorization:
      authorization === undefined
        ? null
        : {
            provider_id: 'provider' in authorization ? authorization.provider : null,
            provider_type: 'oauth2',
            id: 'id' in authorization ? authorization.id : null,
            oauth2: { scopes: authorization.scopes ?? null },
          },
    secrets: secrets === undefined ? null : distinct(secrets).map((key) => ({ key })),
    metadata: metadata === undefined ? null : distinct(metadata).map((key) => ({ key: key.toLowerCase() })),
  };
}

/** Removes duplicates, ignoring case; keeps the first spelling. */
function distinct(keys: readonly string[]): readonly string[] {
  return keys.filter((key, index) => keys.findIndex((other) => other.toLowerCase() === key.toLowerCase()) === index);
}

/** The behavior, service domains and extras, as both entries show them. Null if the definition has none. */
export function metadataOf({ behavior, serviceDomains, extras }: DefinedTool) {
  if (behavior === undefined && serviceDomains === undefined && extras === undefined) return null;
  return {
    classification: serviceDomains === undefined ? null : { service_domains: serviceDomains },
    behavior:
      behavior === undefined
        ? null
        : {
            operations: behavior.operations ?? null,
            read_only: behavior.readOnly ?? null,
            destructive: behavior.destructive ?? null,
            idempotent: behavior.idempotent ?? null,
            open_world: behavior.openWorld ?? null,
          },
    extras: extras ?? null,
  };
}

export function namesOfRequired(members: readonly Member[]): string[] {
  return members.filter(({ required }) => required).map(({ name }) => name);
}
