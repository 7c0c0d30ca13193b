import type { Described } from './described';
import { pageType } from './media-type';
import { type FilesBeside, prepareResource, type Resource } from './resource';

/** What stands before the name of a resource, or of a file beside one, among the sources of a server. */
export const resourcePrefix = 'resources/';

/** The resources of a server. */
export interface Resources {
  /** Sorted by URI, those without variables. */
  readonly fixed: readonly Resource[];
  /** Sorted by URI, those with variables. */
  readonly templates: readonly Resource[];
  /** The one that has a URI, and what its variables are there. Undefined when none has it. */
  find(uri: string): { readonly resource: Resource; readonly variables: Readonly<Record<string, string>> } | undefined;
}

/** What preparing gives: the resources that are right, and what is wrong with the others. */
export interface PreparedResources {
  readonly resources: Resources;
  /** One line for each that is wrong. */
  readonly errors: readonly string[];
  /** The address of the page that a tool names. @throws Error that says why it cannot be shown */
  pageUri(name: string): string;
}

/**
 * Prepares the resources among the sources of a server.
 * @param sources by name: `resources/guide` is a definition, `resources/guide.md` a file beside it
 */
export function prepareResources(
  sources: ReadonlyMap<string, unknown>,
  toolkit: Described['toolkit'],
): PreparedResources {
  const own = [...sources].filter(([name]) => name.startsWith(resourcePrefix));
  const named = own.map(([name, value]) => [name.slice(resourcePrefix.length), value] as const);
  const files: FilesBeside = new Map(
    named.flatMap(([name, value]) => (value instanceof Uint8Array ? [[name, value] as const] : [])),
  );
  const definitions = named.filter(([name]) => !files.has(name));
  const errors: string[] = [];
  const prepared = definitions.flatMap(([name, definition]) => {
    try {
      return [prepareResource(name, definition, toolkit, files)];
    } catch (error) {
      errors.push(`  ${resourcePrefix}${name}: ${error instanceof Error ? error.message : String(error)}`);
      return [];
    }
  });
  const uris = prepared.map(({ uri }) => uri);
  const repeated = prepared.filter(({ uri }, index) => uris.indexOf(uri) !== index);
  errors.push(...repeated.map(({ name, uri }) => `  ${resourcePrefix}${name}: another resource has the URI ${uri}`));
  const names = new Set(definitions.map(([name]) => name));
  return {
    resources: resourcesOf(prepared),
    errors,
    pageUri(name) {
      const page = prepared.find((resource) => resource.name === name);
      if (page !== undefined) return addressOf(page);
      // What is wrong with it has been said.
      if (names.has(name)) return '';
      const known = names.size === 0 ? 'there are none' : `there are ${[...names].join(', ')}`;
      throw new Error(`\`ui\` names the resource "${name}", which is not in resources/; ${known}`);
    },
  };
}

/** No resources, as of a server that has none or whose tools are switched off. */
export const noResources: Resources = resourcesOf([]);

function addressOf({ name, uri, isTemplate, entry: { mimeType } }: Resource): string {
  if (mimeType === pageType && uri.startsWith('ui://') && !isTemplate) return uri;
  throw new Error(
    `\`ui\` names the resource "${name}", which no host shows: it is ${mimeType} at ${uri}; ` +
      `a page is ${pageType} at ui://…, without variables`,
  );
}

function resourcesOf(prepared: readonly Resource[]): Resources {
  const sorted = [...prepared].sort((a, b) => (a.uri < b.uri ? -1 : 1));
  const fixed = sorted.filter(({ isTemplate }) => !isTemplate);
  const templates = sorted.filter(({ isTemplate }) => isTemplate);
  const byUri = new Map(fixed.map((resource) => [resource.uri, { resource, variables: {} }]));
  return Object.freeze({
    fixed: Object.freeze(fixed),
    templates: Object.freeze(templates),
    find(uri: string) {
      const known = byUri.get(uri);
      if (known !== undefined) return known;
      for (const resource of templates) {
        const variables = resource.variablesIn(uri);
        if (variables !== undefined) return { resource, variables };
      }
      return undefined;
    },
  });
}
