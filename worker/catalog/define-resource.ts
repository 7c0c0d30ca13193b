import type { ToolContext } from './context';
import type { Requirements } from './define-tool';
import type { Variables } from './uri-template';

/** The settings that a tool's page requests from its host (MCP Apps 2026-01-26). A host may refuse any of them. */
export interface PageSettings {
  /** Origins that the page may use, such as `https://api.example.com`. @default - none */
  readonly csp?: {
    /** For requests. */
    readonly connectDomains?: readonly string[];
    /** For scripts, styles, fonts and images. */
    readonly resourceDomains?: readonly string[];
    /** For nested frames. */
    readonly frameDomains?: readonly string[];
    /** For the base URI. */
    readonly baseUriDomains?: readonly string[];
  };
  /** @default - none */
  readonly permissions?: readonly ('camera' | 'microphone' | 'geolocation' | 'clipboardWrite')[];
  /** Whether the host should draw a border around the page. @default - the host decides */
  readonly prefersBorder?: boolean;
}

/** The result of a resource's `read`: text, bytes, or null or undefined if the resource does not exist. */
export type ResourceContent = string | Uint8Array | null | undefined;

/**
 * What the author of a resource writes, in `resources/<name>.ts`. The file name is the resource name. The contents come from
 * exactly one of `file`, `text` and `read`, at most 2 MiB.
 */
export interface ResourceDefinition<Uri extends string> {
  /**
   * The URI, such as `docs://guides/start`. With variables, as in `weather://{city}/now`, one function serves many URIs: level 1
   * of RFC 6570; a variable does not span path segments.
   * @default - `ui://<Toolkit>/<version>/<file>`, or `<name>.html` without a file: the form that engines expect of pages
   */
  readonly uri?: Uri;
  /** The name shown to people. @default - the resource name */
  readonly title?: string;
  /** Helps models choose a resource. @default - none */
  readonly description?: string;
  /**
   * The media type.
   * @default - by the extension of the file or the URI; `text/html;profile=mcp-app` for HTML under `ui://`; else `text/plain`
   */
  readonly mimeType?: string;
  /** A file in `resources/`, read once at startup; the build puts it into the image. */
  readonly file?: string;
  readonly text?: string;
  /**
   * Creates the contents on each read. The caller gets the message of a ToolError; null or undefined means that the resource
   * does not exist. Any thenable is awaited.
   */
  read?(variables: Variables<Uri>, context: ToolContext): ResourceContent | PromiseLike<ResourceContent>;
  /** For MCP clients. Hides the resource from engines, which send no secrets or tokens with a read. @default - nothing */
  readonly requires?: Pick<Requirements, 'secrets' | 'authorization'>;
  /** The time limit of one read, in whole seconds, at most 300. @default - 30 */
  readonly timeoutSeconds?: number;
  /** How long clients may cache the contents, in milliseconds (2026-07-28). @default - 300000; with `read` 0 */
  readonly ttlMs?: number;
  /** Whether a cache may share the contents between callers (2026-07-28). @default - public; with `read` private */
  readonly cacheScope?: 'public' | 'private';
  /** Settings of a tool's page. @default - none */
  readonly page?: PageSettings;
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

/** Errors for unknown fields, one sentence each. */
export function resourceFieldErrors(definition: object): readonly string[] {
  const unknown = Object.keys(definition).filter((field) => !Object.hasOwn(fields, field));
  return unknown.map((field) => `there is no field "${field}"; the fields are ${Object.keys(fields).join(', ')}`);
}

/** A definition without its type parameter, as the catalogue handles it. */
export interface DefinedResource extends Omit<ResourceDefinition<string>, 'read'> {
  readonly read?: (variables: unknown, context: ToolContext) => unknown;
}

const defined = new WeakSet<object>();

/** Whether a value, such as a file's default export, is the result of `defineResource`. */
export function isDefinedResource(value: unknown): value is DefinedResource {
  return typeof value === 'object' && value !== null && defined.has(value);
}

/** Declares a resource. The variables of `read` are inferred from the URI. */
export function defineResource<const Uri extends string = string>(
  definition: ResourceDefinition<Uri>,
): DefinedResource {
  const { read, ...rest } = definition;
  const resource: DefinedResource = Object.freeze({
    ...rest,
    // The catalogue calls `read` only with variables of the same URI, which the compiler cannot see.
    ...(read === undefined ? {} : { read: read as NonNullable<DefinedResource['read']> }),
  });
  defined.add(resource);
  return resource;
}
