import type { ToolContext } from './context';
import { type DefinedResource, isDefinedResource, resourceFieldErrors } from './define-resource';
import type { Described } from './described';
import { transportError } from './http-failures';
import { contradiction, isMediaType, isTextType, mediaTypeOf, pageType } from './media-type';
import { isToolName, toolNameRule } from './names';
import { pageErrors, pageMeta } from './page';
import { timeErrors } from './time-limit';
import { isTemplate, templateError, templateReader } from './uri-template';

/** The largest contents of a resource, in bytes: a page with its scripts and pictures in it. */
export const maxResourceBytes = 2 * 1024 * 1024;

const maxUriLength = 2048;

/** The files beside the definitions, by their path within `resources/`. */
export type FilesBeside = ReadonlyMap<string, Uint8Array>;

/** One item of the contents, as it is sent. */
export type Contents = { readonly uri: string; readonly mimeType: string; readonly _meta?: object } & (
  | { readonly text: string }
  | { readonly blob: string }
);

/** One resource, or one template of resources, with everything prepared that a list or a reading needs. */
export interface Resource {
  readonly name: string;
  /** The URI, or the template when it has variables. */
  readonly uri: string;
  readonly isTemplate: boolean;
  readonly definition: DefinedResource;
  /** True when reading it spends a secret or a token: not for strangers, and not for an engine. */
  readonly hasNeeds: boolean;
  /** Its entry in the list of resources, or of templates. */
  readonly entry: Readonly<Record<string, unknown>>;
  readonly hints: { readonly ttlMs: number; readonly cacheScope: 'public' | 'private' };
  /** What is sent of one that does not change. @default - a function makes it */
  readonly contents: Contents | undefined;
  /** The variables in a URI; undefined when the URI is another's. */
  variablesIn(uri: string): Readonly<Record<string, string>> | undefined;
  /** Makes the contents. Undefined: there is no such resource. @throws Error for what cannot be sent, or what the function throws */
  read(uri: string, variables: unknown, context: ToolContext): Promise<Contents | undefined>;
}

/**
 * Prepares one resource.
 * @param name its name in the source
 * @throws Error that says everything that is wrong with it
 */
export function prepareResource(
  name: string,
  definition: unknown,
  toolkit: Described['toolkit'],
  files: FilesBeside,
): Resource {
  if (!isToolName(name)) throw new Error(`the file name is not the name of a resource; use ${toolNameRule}`);
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
    hasNeeds: needs,
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
      const made = await madeBy(() => definition.read?.(variables, context));
      if (made === null || made === undefined) return undefined;
      if (typeof made !== 'string' && !(made instanceof Uint8Array))
        throw new Error(`the resource "${name}" gives neither text nor bytes`);
      const found = typeof made === 'string' ? Buffer.from(made) : made;
      const [wrong] = contentErrors(mimeType, found);
      if (wrong !== undefined) throw new Error(`the resource "${name}" cannot be sent: ${wrong}`);
      return contentsOf(asked, mimeType, meta, found);
    },
  });
}

/** What a function makes. A service that it cannot reach is no defect of ours, and told as it is of tools. */
async function madeBy(read: () => unknown): Promise<unknown> {
  try {
    return await read();
  } catch (error) {
    throw transportError(error) ?? error;
  }
}

/** As an engine writes it (arcade-mcp-server 1.32.1): each part of the path is encoded, as a part of a URI is. */
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

function fixedBytes({ file, text }: DefinedResource, files: FilesBeside): Uint8Array | undefined {
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

/** Whether there is one source of contents, and it is there. */
function sourceErrors({ uri = '', file, text, read }: DefinedResource, files: FilesBeside): readonly string[] {
  const given = Object.entries({ file, text, read }).filter(([, value]) => value !== undefined);
  if (given.length !== 1) {
    const found = given.length === 0 ? 'nothing' : given.map(([field]) => field).join(' and ');
    return [`its contents come from ${found}; give one of file, text and read`];
  }
  if (isTemplate(uri) && read === undefined) return ['its URI has variables, which need a function `read`'];
  if (read !== undefined && typeof read !== 'function') return ['`read` is not a function'];
  if (text !== undefined && typeof text !== 'string') return ['`text` is not text'];
  if (file === undefined || files.has(file)) return [];
  const there = files.size === 0 ? 'none lies there' : `there are ${[...files.keys()].join(', ')}`;
  return [`the file "${file}" is not in resources/; ${there}`];
}

function uriErrors(uri: string): readonly string[] {
  const wrong = isTemplate(uri) ? templateError(uri) : undefined;
  if (wrong !== undefined) return [`the URI "${uri}" cannot be used: ${wrong}`];
  // Variables stand for plain text here.
  const plain = uri.replace(/\{\w+\}/g, 'x');
  if (/^[a-z][a-z0-9+.-]*:[!-~]+$/i.test(plain) && URL.canParse(plain) && uri.length <= maxUriLength) return [];
  return [`the URI "${uri}" is not one such as docs://guides/start, of at most ${maxUriLength} letters`];
}

function contentErrors(mimeType: string, bytes: Uint8Array | undefined): readonly string[] {
  if (!isMediaType(mimeType)) return [`the media type "${mimeType}" is not one such as text/plain`];
  if (bytes === undefined) return [];
  if (bytes.length > maxResourceBytes) return [`it has ${bytes.length} bytes, more than ${maxResourceBytes}`];
  const wrong = contradiction(mimeType, bytes);
  return wrong === undefined ? [] : [`its contents are not ${mimeType}: ${wrong}`];
}

function hintErrors({ ttlMs, cacheScope }: DefinedResource): readonly string[] {
  const isTime = ttlMs === undefined || (Number.isSafeInteger(ttlMs) && ttlMs >= 0);
  const isScope = cacheScope === undefined || /^(public|private)$/.test(cacheScope);
  return [
    ...(isTime ? [] : ['ttlMs is not a whole number of milliseconds']),
    ...(isScope ? [] : ['cacheScope is neither public nor private']),
  ];
}
