import type { Described } from './described';
import * as words from './engine-words';
import { isServerName, modelNames, nameInClient, normalVersion, toolkitNameOf } from './names';
import { noResources, prepareResources, type Resources, resourcePrefix } from './resources';
import { prepare, type Tool } from './tool';

/** What all tools of the server share. */
export interface Toolkit {
  /** In source form, such as `weather_alerts`. */
  readonly name: string;
  readonly version: string;
  readonly description: string;
}

/** Every tool of this server, prepared once and frozen. */
export interface Catalog {
  /** As published: `name` is `WeatherAlerts`. */
  readonly toolkit: Described['toolkit'];
  /** The toolkit's name in the source, which MCP clients see as the server's. */
  readonly serverName: string;
  /** In the order of the engine's catalogue. */
  readonly tools: readonly Tool[];
  readonly resources: Resources;
  /** Names to disable that no tool has. */
  readonly notThere: readonly string[];
  /** A sentence for each provider and service domain that is not in the table of an engine's words. */
  readonly unknownWords: readonly string[];
  /** Names that are too long for models once a client has put the server's name in front. */
  readonly longNames: readonly string[];
  /** The engine's catalogue as JSON text. */
  readonly engineJson: string;
  /** Sorted by MCP name. */
  readonly mcpTools: readonly Tool[];
  /** As the engine names it: any case; no version or an empty one is any version. */
  find(name: string, toolkit: string, version?: string | null): Tool | undefined;
  /** As MCP clients name it: `WeatherAlerts_List` or `WeatherAlerts.List`, with case. */
  findMcp(name: string): Tool | undefined;
}

export interface CatalogOptions {
  /** `Toolkit.Tool` in published form, compared without regard to case. @default - none */
  readonly disabledTools?: readonly string[];
  /** Toolkits in source form. @default - none */
  readonly disabledToolkits?: readonly string[];
  /** Between toolkit and tool in the fully qualified name. @default - `.` */
  readonly separator?: string;
}

/**
 * Prepares a catalogue out of definitions.
 * @param definitions by source name; what begins with `resources/` is a resource, or the bytes of a file beside one
 * @throws Error that lists everything wrong with every tool and every resource
 */
export function loadCatalog(
  toolkit: Toolkit,
  definitions: ReadonlyMap<string, unknown>,
  options: CatalogOptions = {},
): Catalog {
  const published = publish(toolkit);
  const { resources, pageUri, errors: ofResources } = prepareResources(definitions, published);
  const errors: string[] = [];
  const prepared = [...definitions].flatMap(([name, definition]) => {
    if (name.startsWith(resourcePrefix)) return [];
    try {
      return [prepare(name, definition, published, options.separator ?? '.', pageUri)];
    } catch (error) {
      errors.push(`  ${name}: ${error instanceof Error ? error.message : String(error)}`);
      return [];
    }
  });
  errors.push(...sharedNames(prepared).map((name) => `  ${name}: another tool has the same published name`));
  errors.push(...ofResources);
  if (errors.length > 0) throw new Error(`Cannot load the tools:\n${errors.join('\n')}`);
  const tools = inOrder(prepared.filter(isEnabled(toolkit, options)));
  const names = new Set(prepared.map(disabledName));
  const notThere = (options.disabledTools ?? []).filter((name) => !names.has(name.toLowerCase()));
  const shown = isSwitchedOff(toolkit, options) ? noResources : resources;
  return catalogOf(toolkit.name, published, tools, shown, notThere);
}

/** How to load each file of a tool or a resource, by its name in the source. The build writes it. */
export type ToolFiles = Readonly<Record<string, () => { readonly default?: unknown }>>;

/**
 * Loads every tool file. One without a default export is undefined here.
 * @throws Error that names each tool whose file throws, with what it threw
 */
export function readToolFiles(files: ToolFiles): ReadonlyMap<string, unknown> {
  const errors: string[] = [];
  const causes: unknown[] = [];
  const tools = Object.entries(files).map(([name, load]): [string, unknown] => {
    try {
      return [name, load().default];
    } catch (cause) {
      errors.push(`  ${name}: its file cannot be run: ${cause instanceof Error ? cause.message : String(cause)}`);
      causes.push(cause);
      return [name, undefined];
    }
  });
  if (errors.length === 0) return new Map(tools);
  throw new Error(`Cannot load the tools:\n${errors.join('\n')}`, { cause: causes[0] });
}

/** An engine that is newer than the table may know them, so they stop nothing. */
function unknownWordsIn({ name, definition: { requires, serviceDomains = [] } }: Tool): readonly string[] {
  const { authorization } = requires ?? {};
  const named = authorization !== undefined && 'provider' in authorization ? [authorization.provider] : [];
  const isUnknown = (known: readonly string[]) => (word: string) => !known.includes(word);
  const sentence = (what: string) => (word: string) =>
    `${name}: the ${what} "${word}" is not known to ${words.wordsOf}`;
  return [
    ...named.filter(isUnknown(words.providers)).map(sentence('provider')),
    ...serviceDomains.filter(isUnknown(words.serviceDomains)).map(sentence('service domain')),
  ];
}

function publish({ name, version, description }: Toolkit): Described['toolkit'] {
  const normal = normalVersion(version);
  if (!isServerName(name))
    throw new Error(`Cannot use the server name "${name}": use letters, digits and single underscores`);
  if (normal === undefined) throw new Error(`Cannot use the version "${version}": it is not a semantic version`);
  return Object.freeze({ name: toolkitNameOf(name), description, version: normal });
}

function sharedNames(tools: readonly Tool[]): readonly string[] {
  const keys = tools.map(({ wireName }) => wireName.toLowerCase());
  return tools.filter((_, index) => keys.indexOf(keys[index] ?? '') !== index).map(({ name }) => name);
}

function inOrder(tools: readonly Tool[]): readonly Tool[] {
  const place = ({ definition }: Tool) => definition.order ?? Number.POSITIVE_INFINITY;
  return [...tools].sort((a, b) => (place(a) === place(b) ? 0 : place(a) - place(b)));
}

function isSwitchedOff(toolkit: Toolkit, { disabledToolkits = [] }: CatalogOptions): boolean {
  return disabledToolkits.some((name) => toolkitNameOf(name) === toolkitNameOf(toolkit.name));
}

function isEnabled(toolkit: Toolkit, options: CatalogOptions) {
  const tools = new Set(options.disabledTools?.map((name) => name.toLowerCase()));
  const isOff = isSwitchedOff(toolkit, options);
  return (tool: Tool) => !isOff && !tools.has(disabledName(tool));
}

/** What disables a tool, in lower case. */
function disabledName({ toolkit, wireName }: Tool): string {
  return `${toolkit.name}.${wireName}`.toLowerCase();
}

function catalogOf(
  serverName: string,
  toolkit: Described['toolkit'],
  tools: readonly Tool[],
  resources: Resources,
  notThere: readonly string[],
): Catalog {
  const byName = new Map(tools.map((tool) => [tool.wireName.toLowerCase(), tool]));
  const byMcpName = new Map(
    tools.flatMap((tool) => [[tool.mcpName, tool] as const, [`${toolkit.name}.${tool.wireName}`, tool] as const]),
  );
  const ourName = toolkit.name.toLowerCase();
  const ourVersion = toolkit.version.toLowerCase();
  return Object.freeze({
    toolkit,
    serverName,
    tools: Object.freeze(tools),
    resources,
    notThere,
    unknownWords: tools.flatMap(unknownWordsIn),
    longNames: tools
      .map(({ mcpName }) => nameInClient(serverName, mcpName))
      .filter(({ length }) => length > modelNames.length),
    engineJson: JSON.stringify(tools.map(({ engine }) => engine)),
    mcpTools: Object.freeze([...tools].sort((a, b) => (a.mcpName < b.mcpName ? -1 : 1))),
    find(name: string, toolkitName: string, version?: string | null) {
      if (toolkitName.toLowerCase() !== ourName) return undefined;
      if (version && version.toLowerCase() !== ourVersion) return undefined;
      return byName.get(name.toLowerCase());
    },
    findMcp: byMcpName.get.bind(byMcpName),
  });
}
