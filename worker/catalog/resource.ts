import type { ToolContext } from './context';
import { type DefinedResource, isDefinedResource, resourceFieldErrors } from './define-resource';
import type { Described } from './described';
import { transportError } from './http-failures';
import { contradiction, isMediaType, isTextType, mediaTypeOf, pageType } from './media-type';
import { isToolName, toolNameRule } from './names';
import { pageErrors, pageMeta } from './page';
import { timeErrors } from './time-limit';
import { isTemplate, templateError, templateReader } from './uri-template';

/** The largest contents of a resource, in bytes: enough for a page with embedded scripts and images. */
export const maxResourceBytes = 2 * 1024 * 1024;

const maxUriLength = 2048;

/** The files in `resources/`, by their path in that folder. */
export type ResourceFiles = ReadonlyMap<string, Uint8Array>;

/** The contents as sent. */
export type Contents = { readonly uri: string; readonly mimeType: string; readonly _meta?: object } & (
  | { readonly text: string }
  | { readonly blob: string }
);

/** One resource or resource template, with everything that a listing or a read needs prepared. */
export interface Resource {
  readonly name: string;
  /** The URI, or the template if it has variables. */
  readonly uri: string;
  readonly isTemplate: boolean;
  readonly definition: DefinedResource;
  /** True when a read requires secrets or an authorization. Anonymous callers and engines must not read it. */
  readonly needsCredentials: boolean;
  /** Its entry in the list of resources or templates. */
  readonly entry: Readonly<Record<string, unknown>>;
  readonly hints: { readonly ttlMs: number; readonly cacheScope: 'public' | 'private' };
  /** The contents of a static resource. @default - `read` creates them */
  readonly contents: Contents | undefined;
  /** The variables in a URI. Undefined if the URI does not match. */
  variablesIn(uri: string): Readonly<Record<string, string>> | undefined;
  /** Creates the contents. Undefined if the resource does not exist. @throws Error for invalid contents, or what `read` throws */
  read(uri: string, variables: unknown, context: ToolContext): Promise<Contents | undefined>;
}

/**
 * Prepares one resource.
 * @param name its name in the source
 * @throws Error that lists everything wrong with the definition
 */
export function prepareResource(
  name: string,
  definition: unknown,
  toolkit: Described['toolkit'],
  files: ResourceFiles,
): Resource {
  if (!isToolName(name)) throw new Error(`the file name is not a valid resource name; use ${toolNameRule}`);
  if (definition === undefined)
    throw new Error('there is no default export; write export default defineResource({ … })');
  if (!isDefinedResource(definition)) throw new Error('the default export is not the result of defineResource');
  const { file, title, description, ttlMs, cacheScope, requires = {} } = definition;
  const uri = definition.uri ?? `ui://${toolkit.name}/${toolkit.version}/${pathOf(file ?? `${name}.html`)}`;
  const mimeType = definition.mimeType ?? typeOf(uri, file);
  const bytes = fixedBytes(definition, files);
  const errors = [
    ...resourceFieldErrors(definition),
    ...sourceErrors(definition, files),
    ...uriErrors(uri),
    ...contentErrors(mimeType, bytes),
    ...pageErrors(definition.page, mimeType),
    ...timeErrors(definition),
    ...hintErrors(definition),
  ];
  if (errors.length > 0) throw new Error(errors.join('; '));
  const meta = pageMeta(definition.page);
  const contents = bytes && contentsOf(uri, mimeType, meta, bytes);
  const needs = requires.authorization !== undefined || (requires.secrets ?? []).length > 0;
  const isFixed = contents !== undefined;
  return Object.freeze({
    name,
    uri,
    isTemplate: isTemplate(uri),
    definition,
    needsCredentials: needs,
    entry: Object.freeze({
      [isTemplate(uri) ? 'uriTemplate' : 'uri']: uri,
      name,
      ...(title === undefined ? {} : { title }),
      ...(description === undefined ? {} : { description }),
      mimeType,
      ...(bytes === undefined ? {} : { size: bytes.length }),
      ...meta,
    }),
    hints: { ttlMs: ttlMs ?? (isFixed ? 300_000 : 0), cacheScope: cacheScope ?? (isFixed ? 'public' : 'private') },
    contents,
    variablesIn: isTemplate(uri) ? templateReader(uri) : (asked: string) => (asked === uri ? {} : undefined),
    async read(asked: string, variables: unknown, context: ToolContext) {
      const result = await convertingErrors(() => definition.read?.(variables, context));
      if (result === null || result === undefined) return undefined;
      if (typeof result !== 'string' && !(result instanceof Uint8Array))
        throw new Error(`the resource "${name}" returns neither text nor bytes`);
      const found = typeof result === 'string' ? Buffer.from(result) : result;
      const [wrong] = contentErrors(mimeType, found);
      if (wrong !== undefined) throw new Error(`the resource "${name}" cannot be sent: ${wrong}`);
      return contentsOf(asked, mimeType, meta, found);
    },
  });
}

/** Converts a failed connection to a ToolError, as for tools: it is not a defect of the server. */
async function convertingErrors(read: () => unknown): Promise<unknown> {
  try {
    return await read();
  } catch (error) {
    throw transportError(error) ?? error;
  }
}

/** Encodes each path segment, as engines do (arcade-mcp-server 1.32.1). */
function pathOf(file: string): string {
  return file
    .split('/')
    .map((part) =>
      encodeURIComponent(part).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`),
    )
    .join('/');
}

function typeOf(uri: string, file: string | undefined): string {
  const type = mediaTypeOf(file ?? uri) ?? 'text/plain';
  return type === 'text/html' && uri.startsWith('ui:') ? pageType : type;
}

function fixedBytes({ file, text }: DefinedResource, files: ResourceFiles): Uint8Array | undefined {
  if (file !== undefined) return files.get(file);
  return typeof text === 'string' ? Buffer.from(text) : undefined;
}

function contentsOf(uri: string, mimeType: string, meta: object, bytes: Uint8Array): Contents {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const head = { uri, mimeType };
  return isTextType(mimeType)
    ? { ...head, text: buffer.toString('utf8'), ...meta }
    : { ...head, blob: buffer.toString('base64'), ...meta };
}

/** Errors in the source of the contents: there must be exactly one, and it must exist. */
function sourceErrors({ uri = '', file, text, read }: DefinedResource, files: ResourceFiles): readonly string[] {
  const given = Object.entries({ file, text, read }).filter(([, value]) => value !== undefined);
  if (given.length !== 1) {
    const found = given.length === 0 ? 'nothing' : given.map(([field]) => field).join(' and ');
    return [`its contents come from ${found}; set exactly one of file, text and read`];
  }
  if (isTemplate(uri) && read === undefined) return ['its URI has variables, which require a function `read`'];
  if (read !== undefined && typeof read !== 'function') return ['`read` must be a function'];
  if (text !== undefined && typeof text !== 'string') return ['`text` must be a string'];
  if (file === undefined || files.has(file)) return [];
  const existing = files.size === 0 ? 'the folder has no files' : `found ${[...files.keys()].join(', ')}`;
  return [`the file "${file}" is not in resources/; ${existing}`];
}

function uriErrors(uri: string): readonly string[] {
  const wrong = isTemplate(uri) ? templateError(uri) : undefined;
  if (wrong !== undefined) return [`the URI "${uri}" is not a valid template: ${wrong}`];
  // Plain text in place of the variables.
  const plain = uri.replace(/\{\w+\}/g, 'x');
  if (/^[a-z][a-z0-9+.-]*:[!-~]+$/i.test(plain) && URL.canParse(plain) && uri.length <= maxUriLength) return [];
  return [`the URI "${uri}" is invalid; use one such as docs://guides/start, of at most ${maxUriLength} characters`];
}

function contentErrors(mimeType: string, bytes: Uint8Array | undefined): readonly string[] {
  if (!isMediaType(mimeType)) return [`the media type "${mimeType}" is invalid; use one such as text/plain`];
  if (bytes === undefined) return [];
  if (bytes.length > maxResourceBytes) return [`it has ${bytes.length} bytes, the limit is ${maxResourceBytes}`];
  const wrong = contradiction(mimeType, bytes);
  return wrong === undefined ? [] : [`its contents are not ${mimeType}: ${wrong}`];
}

function hintErrors({ ttlMs, cacheScope }: DefinedResource): readonly string[] {
  const isTime = ttlMs === undefined || (Number.isSafeInteger(ttlMs) && ttlMs >= 0);
  const isScope = cacheScope === undefined || /^(public|private)$/.test(cacheScope);
  return [
    ...(isTime ? [] : ['ttlMs must be a whole number of milliseconds']),
    ...(isScope ? [] : ['cacheScope must be public or private']),
  ];
}
