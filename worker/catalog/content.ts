import { WithContent } from './call';
import { contradiction, isMediaType, isTextType } from './media-type';

/** For whom a block is, how much it matters (0 to 1), and when it was last changed, in ISO 8601. */
export interface Annotations {
  readonly audience?: readonly ('user' | 'assistant')[];
  readonly priority?: number;
  readonly lastModified?: string;
}

/** What a result may show beside its value. Made by `image`, `audio`, `resourceLink` and `embedded`. */
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

/** The most that the blocks of one result may have, in bytes. */
export const maxContentBytes = 2 * 1024 * 1024;

/** A picture, such as `image(png, 'image/png')`. */
export function image(bytes: Uint8Array, mimeType: string, annotations?: Annotations): ContentBlock {
  return { type: 'image', bytes, mimeType, ...(annotations && { annotations }) };
}

/** A recording, such as `audio(wav, 'audio/wav')`. Clients of 2024-11-05 are told of it in words. */
export function audio(bytes: Uint8Array, mimeType: string, annotations?: Annotations): ContentBlock {
  return { type: 'audio', bytes, mimeType, ...(annotations && { annotations }) };
}

/** A resource that the client may read later. Clients from before 2025-06-18 get its address as text. */
export function resourceLink(link: Omit<ContentBlock & { type: 'resource_link' }, 'type'>): ContentBlock {
  return { ...link, type: 'resource_link' };
}

/** A resource with its contents, as text or bytes by its media type. */
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
 * The result of a tool with more to show than its value. An engine gets the value alone, and so does whoever reads it as data.
 * @param value what the tool declares; undefined when it declares none
 */
export function withContent<Value>(value: Value, ...blocks: readonly ContentBlock[]): Value {
  // `run` promises what the tool declares. The catalogue takes the blocks off before it looks at the value.
  return new WithContent(value, blocks) as Value;
}

/** Why blocks cannot be sent. Undefined when they can. */
export function contentError(blocks: readonly ContentBlock[]): string | undefined {
  const sizes = blocks.map((block) => ('bytes' in block ? block.bytes.length : 0));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total > maxContentBytes) return `The content has ${total} bytes, more than ${maxContentBytes}; show less at once`;
  return blocks.map(errorIn).find((error) => error !== undefined);
}

function errorIn(block: ContentBlock): string | undefined {
  const { type, annotations = {} } = block;
  const { priority = 0 } = annotations;
  if (!(priority >= 0 && priority <= 1)) return `The priority ${priority} of the ${type} is not from 0 to 1`;
  if ('uri' in block && !URL.canParse(block.uri)) return `The ${type} has no URI that can be read: "${block.uri}"`;
  if (!('bytes' in block)) return undefined;
  const { mimeType, bytes } = block;
  const isKind = type === 'resource' ? isMediaType(mimeType) : mimeType.startsWith(`${type}/`);
  if (!isKind) return `The ${type} cannot be of the media type "${mimeType}"`;
  const wrong = contradiction(mimeType, bytes);
  return wrong === undefined ? undefined : `The ${type} is not ${mimeType}: ${wrong}`;
}

/**
 * Blocks as JSON, each with a comma in front.
 * @param revision what the client speaks; a block that it has no kind for becomes text
 */
export function contentJson(blocks: readonly ContentBlock[], revision: string): string {
  return blocks.map((block) => `,${JSON.stringify(wireOf(block, revision))}`).join('');
}

function wireOf(block: ContentBlock, revision: string): object {
  const { type, annotations } = block;
  const notes = annotations && { annotations };
  // Revisions are dates, which compare as text.
  if (block.type === 'resource_link') {
    if (revision >= '2025-06-18') return block;
    return { type: 'text', text: [block.title ?? block.name, block.uri].join(': '), ...notes };
  }
  const { mimeType, bytes } = block;
  if (type === 'audio' && revision < '2025-03-26')
    return {
      type: 'text',
      text: `A recording of ${bytes.length} bytes (${mimeType}), which this client cannot be sent`,
    };
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (block.type !== 'resource') return { type, data: buffer.toString('base64'), mimeType, ...notes };
  const contents = isTextType(mimeType) ? { text: buffer.toString('utf8') } : { blob: buffer.toString('base64') };
  return { type, resource: { uri: block.uri, mimeType, ...contents }, ...notes };
}
