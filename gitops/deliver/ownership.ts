import { createHash } from 'node:crypto';
import { markerOf } from '../../model/marker';

/**
 * What a file in another repository says it was made from: the source in its marker, or nothing when it has none and is
 * therefore not ours. YAML carries the marker in its first line, Terraform JSON in its top-level `//`.
 * @param path tells the two apart
 */
export function sourceOf(text: string, path: string, tool: string): string | undefined {
  const [before = '', after = ''] = markerOf('\0', tool).split('\0');
  const marker = path.endsWith('.json') ? jsonComment(text) : text.replace(/^\uFEFF?# ?/, '').split(/\r?\n/, 1)[0];
  if (!marker?.startsWith(before) || !marker.endsWith(after)) return undefined;
  return marker.slice(before.length, marker.length - after.length);
}

/** The server whose folder a source lies in, such as `servers/<name>/server.ts`; none for what belongs to all of them. */
export function serverOf(source: string): string | undefined {
  return /^servers\/([^/]+)\//.exec(source)?.[1];
}

/** The text as git keeps it when it converts line ends on checkout (core.autocrlf). */
export function withUnixLines(text: string): string {
  return text.replaceAll('\r\n', '\n');
}

/** The name git gives these bytes, in a repository of either object format. */
export function blobId(text: string, format: 'sha1' | 'sha256'): string {
  const bytes = Buffer.from(text);
  return createHash(format).update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

function jsonComment(text: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    const comment: unknown = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, '//') : undefined;
    return typeof comment === 'string' ? comment : undefined;
  } catch {
    // Not JSON: whoever left it there, it cannot be told to be ours.
    return undefined;
  }
}
