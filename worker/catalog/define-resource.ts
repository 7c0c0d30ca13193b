import type { ToolContext } from './context';
import type { Requirements } from './define-tool';
import type { Variables } from './uri-template';

/** What a page of a tool asks of the host that shows it (MCP Apps 2026-01-26). A host may refuse each. */
export interface PageNeeds {
  /** Origins that the page may reach, such as `https://api.example.com`. @default - none */
  readonly csp?: {
    /** For requests. */
    readonly connectDomains?: readonly string[];
    /** For scripts, styles, fonts, pictures. */
    readonly resourceDomains?: readonly string[];
    /** For frames within. */
    readonly frameDomains?: readonly string[];
    /** For the base of its addresses. */
    readonly baseUriDomains?: readonly string[];
  };
  /** @default - none */
  readonly permissions?: readonly ('camera' | 'microphone' | 'geolocation' | 'clipboardWrite')[];
  /** Whether the host draws a border around the page. @default - the host decides */
  readonly prefersBorder?: boolean;
}

/** What a function of a resource gives: text, bytes, or nothing when there is no such resource. */
export type ResourceContent = string | Uint8Array | null | undefined;

/**
 * What the author of a resource writes, in `resources/<name>.ts`. The file's name is the resource's name. Its contents are a
 * `file` beside it, a `text`, or what `read` returns: one of them, at most 2 MiB.
 */
export interface ResourceDefinition<Uri extends string> {
  /**
   * The address, such as `docs://guides/start`. With variables, as in `weather://{city}/now`, one function serves many: level 1
   * of RFC 6570, a variable ends where a segment does.
   * @default - `ui://<Toolkit>/<version>/<file>`, or `<name>.html` without a file, as an engine knows pages of tools
   */
  readonly uri?: Uri;
  /** For people. @default - the name */
  readonly title?: string;
  /** For a model that has to choose. @default - not said */
  readonly description?: string;
  /**
   * The media type.
   * @default - by the ending of the file or the URI; `text/html;profile=mcp-app` for HTML under `ui://`; else `text/plain`
   */
  readonly mimeType?: string;
  /** A file in `resources/`, read once, when the server starts; the build puts it into the image. */
  readonly file?: string;
  readonly text?: string;
  /**
   * Makes the contents at each reading. A ToolError that it throws is told to the caller; null or undefined is no such
   * resource. Whatever has a `then` is awaited.
   */
  read?(variables: Variables<Uri>, context: ToolContext): ResourceContent | PromiseLike<ResourceContent>;
  /** Of MCP clients. An engine sends neither secrets nor tokens with a reading, so it is not shown what has needs. @default - nothing */
  readonly requires?: Pick<Requirements, 'secrets' | 'authorization'>;
  /** How long one reading may take, in whole seconds, at most 300. @default - 30 */
  readonly timeoutSeconds?: number;
  /** How long clients may keep what they have read, in milliseconds (2026-07-28). @default - 300000; 0 of a function */
  readonly ttlMs?: number;
  /** Whether what one caller has read may be shown to another (2026-07-28). @default - public; private of a function */
  readonly cacheScope?: 'public' | 'private';
  /** For the page of a tool. @default - it asks for nothing */
  readonly page?: PageNeeds;
}

const fields: Readonly<Record<keyof ResourceDefinition<string>, true>> = {
  uri: true,
  title: true,
  description: true,
  mimeType: true,
  file: true,
  text: true,
  read: true,
  requires: true,
  timeoutSeconds: true,
  ttlMs: true,
  cacheScope: true,
  page: true,
};

/** The fields that a definition has and no resource knows, one sentence each. */
export function resourceFieldErrors(definition: object): readonly string[] {
  const unknown = Object.keys(definition).filter((field) => !Object.hasOwn(fields, field));
  return unknown.map((field) => `there is no field "${field}"; the fields are ${Object.keys(fields).join(', ')}`);
}

/** A definition without its type parameter: what the catalogue handles. */
export interface DefinedResource extends Omit<ResourceDefinition<string>, 'read'> {
  readonly read?: (variables: unknown, context: ToolContext) => unknown;
}

const defined = new WeakSet<object>();

/** Whether a value, such as a file's default export, came out of `defineResource`. */
export function isDefinedResource(value: unknown): value is DefinedResource {
  return typeof value === 'object' && value !== null && defined.has(value);
}

/** Declares a resource. The variables of `read` follow from the URI. */
export function defineResource<const Uri extends string = string>(
  definition: ResourceDefinition<Uri>,
): DefinedResource {
  const { read, ...rest } = definition;
  const resource: DefinedResource = Object.freeze({
    ...rest,
    // The catalogue calls `read` only with the variables of the same URI, which the compiler cannot follow.
    ...(read === undefined ? {} : { read: read as NonNullable<DefinedResource['read']> }),
  });
  defined.add(resource);
  return resource;
}
