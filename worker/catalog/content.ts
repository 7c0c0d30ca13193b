import { WithContent } from './call';
import { contradiction, isMediaType, isTextType } from './media-type';

/** The audience of a block, its priority (0 to 1) and its last modification in ISO 8601. */
export interface Annotations {
  readonly audience?: readonly ('user' | 'assistant')[];
  readonly priority?: number;
  readonly lastModified?: string;
}

/** Additional content of a result, created with `image`, `audio`, `resourceLink` and `embedded`. */
export type ContentBlock = { readonly annotations?: Annotations } & (
  | { readonly type: 'image' | 'audio'; readonly bytes: Uint8Array; readonly mimeType: string }
  | {
      readonly type: 'resource_link';
      readonly uri: string;
      readonly name: string;
      readonly title?: string;
      readonly description?: string;
      readonly mimeType?: string;
    }
  | { readonly type: 'resource'; readonly uri: string; readonly mimeType: string; readonly bytes: Uint8Array }
);

/** The size limit of all blocks of one result together, in bytes. */
export const maxContentBytes = 2 * 1024 * 1024;

/** An image, such as `image(png, 'image/png')`. */
export function image(bytes: Uint8Array, mimeType: string, annotations?: Annotations): ContentBlock {
  return { type: 'image', bytes, mimeType, ...(annotations && { annotations }) };
}

/** A recording, such as `audio(wav, 'audio/wav')`. Clients of 2024-11-05 get a text instead. */
export function audio(bytes: Uint8Array, mimeType: string, annotations?: Annotations): ContentBlock {
  return { type: 'audio', bytes, mimeType, ...(annotations && { annotations }) };
}

/** A link to a resource that the client can read later. Clients before 2025-06-18 get the URI as text. */
export function resourceLink(link: Omit<ContentBlock & { type: 'resource_link' }, 'type'>): ContentBlock {
  return { ...link, type: 'resource_link' };
}

/** A resource with its contents. The media type decides whether they are sent as text or bytes. */
export function embedded(
  uri: string,
  mimeType: string,
  contents: string | Uint8Array,
  annotations?: Annotations,
): ContentBlock {
  const bytes = typeof contents === 'string' ? Buffer.from(contents) : contents;
  return { type: 'resource', uri, mimeType, bytes, ...(annotations && { annotations }) };
}

/**
 * A tool's result with additional content for MCP clients. The engine and the structured result get only the value.
 * @param value the declared output; undefined if the tool declares none
 */
export function withContent<Value>(value: Value, ...blocks: readonly ContentBlock[]): Value {
  // Typed as the declared output. The catalogue unwraps it before it checks the value.
  return new WithContent(value, blocks) as Value;
}

/** The first error in the blocks of a result. Undefined if all are valid. */
export function contentError(blocks: readonly ContentBlock[]): string | undefined {
  const sizes = blocks.map((block) => ('bytes' in block ? block.bytes.length : 0));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total > maxContentBytes)
    return `The content has ${total} bytes, the limit is ${maxContentBytes}; send less per call`;
  return blocks.map(errorIn).find((error) => error !== undefined);
}

function errorIn(block: ContentBlock): string | undefined {
  const { type, annotations = {} } = block;
  const { priority = 0 } = annotations;
  if (!(priority >= 0 && priority <= 1)) return `The priority ${priority} of the ${type} must be from 0 to 1`;
  if ('uri' in block && !URL.canParse(block.uri)) return `The ${type} has an invalid URI: "${block.uri}"`;
  if (!('bytes' in block)) return undefined;
  const { mimeType, bytes } = block;
  const isKind = type === 'resource' ? isMediaType(mimeType) : mimeType.startsWith(`${type}/`);
  if (!isKind) return `The ${type} cannot have the media type "${mimeType}"`;
  const wrong = contradiction(mimeType, bytes);
  return wrong === undefined ? undefined : `The ${type} is not ${mimeType}: ${wrong}`;
}

/**
 * Serialises blocks to JSON, each with a leading comma.
 * @param revision the client's protocol revision; a block of a type that it does not have becomes text
 */
export function contentJson(blocks: readonly ContentBlock[], revision: string): string {
  return blocks.map((block) => `,${JSON.stringify(wireOf(block, revision))}`).join('');
}

function wireOf(block: ContentBlock, revision: string): object {
  const { type, annotations } = block;
  const notes = annotations && { annotations };
  // Revisions are dates, which compare as strings.
  if (block.type === 'resource_link') {
    if (revision >= '2025-06-18') return block;
    return { type: 'text', text: [block.title ?? block.name, block.uri].join(': '), ...notes };
  }
  const { mimeType, bytes } = block;
  if (type === 'audio' && revision < '2025-03-26')
    return {
      type: 'text',
      text: `A recording of ${bytes.length} bytes (${mimeType}), which this client does not support`,
    };
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (block.type !== 'resource') return { type, data: buffer.toString('base64'), mimeType, ...notes };
  const contents = isTextType(mimeType) ? { text: buffer.toString('utf8') } : { blob: buffer.toString('base64') };
  return { type, resource: { uri: block.uri, mimeType, ...contents }, ...notes };
}
