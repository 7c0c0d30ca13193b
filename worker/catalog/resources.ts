import type { Described } from './described';
import { pageType } from './media-type';
import { prepareResource, type Resource, type ResourceFiles } from './resource';

/** The prefix of resources and their files among a server's sources. */
export const resourcePrefix = 'resources/';

/** The resources of a server. */
export interface Resources {
  /** Resources without variables, sorted by URI. */
  readonly fixed: readonly Resource[];
  /** Resources with variables, sorted by URI. */
  readonly templates: readonly Resource[];
  /** Finds the resource for a URI, with the values of its variables. Undefined if none matches. */
  find(uri: string): { readonly resource: Resource; readonly variables: Readonly<Record<string, string>> } | undefined;
}

/** The valid resources, and the errors in the others. */
export interface PreparedResources {
  readonly resources: Resources;
  /** One line for each invalid resource. */
  readonly errors: readonly string[];
  /** Resolves the page that a tool names to its URI. @throws Error that says why the page cannot be shown */
  pageUri(name: string): string;
}

/**
 * Prepares the resources among the sources of a server.
 * @param sources by name: `resources/guide` is a definition, `resources/guide.md` a file
 */
export function prepareResources(
  sources: ReadonlyMap<string, unknown>,
  toolkit: Described['toolkit'],
): PreparedResources {
  const own = [...sources].filter(([name]) => name.startsWith(resourcePrefix));
  const named = own.map(([name, value]) => [name.slice(resourcePrefix.length), value] as const);
  const files: ResourceFiles = new Map(
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
      if (page !== undefined) return pageUriOf(page);
      // An invalid resource has been reported already.
      if (names.has(name)) return '';
      const known = names.size === 0 ? 'the folder has no resources' : `found ${[...names].join(', ')}`;
      throw new Error(`\`ui\` names the resource "${name}", which is not in resources/; ${known}`);
    },
  };
}

/** An empty set, for a server without resources or a disabled toolkit. */
export const noResources: Resources = resourcesOf([]);

function pageUriOf({ name, uri, isTemplate, entry: { mimeType } }: Resource): string {
  if (mimeType === pageType && uri.startsWith('ui://') && !isTemplate) return uri;
  throw new Error(
    `\`ui\` names the resource "${name}", which is not a page: it is ${mimeType} at ${uri}; ` +
      `a page must be ${pageType} at ui://…, without variables`,
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
