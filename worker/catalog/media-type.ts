import { isUtf8 } from 'node:buffer';
import { parsed } from '../json';

/**
 * The media type of a tool's page (MCP Apps 2026-01-26; `@modelcontextprotocol/ext-apps` 2.0.4, 2026-10-27). Hosts compare
 * it exactly.
 */
export const pageType = 'text/html;profile=mcp-app';

const byExtension: Readonly<Record<string, string>> = {
  css: 'text/css',
  csv: 'text/csv',
  gif: 'image/gif',
  html: 'text/html',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  js: 'text/javascript',
  json: 'application/json',
  md: 'text/markdown',
  mp3: 'audio/mpeg',
  pdf: 'application/pdf',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain',
  wav: 'audio/wav',
  webp: 'image/webp',
  xml: 'application/xml',
  yaml: 'application/yaml',
};

/** The media type for a file name or URI, by its extension. Undefined for an unknown extension. */
export function mediaTypeOf(name: string): string | undefined {
  const [, extension = ''] = /\.(\w+)$/.exec(name) ?? [];
  return Object.hasOwn(byExtension, extension.toLowerCase()) ? byExtension[extension.toLowerCase()] : undefined;
}

/** Whether contents of a media type are sent as text. All others are sent as Base64. */
export function isTextType(type: string): boolean {
  return /^text\/|^[^;]*[/+](json|xml|yaml|javascript)(;|$)/i.test(type);
}

/** Whether a text is a valid media type: a type, a subtype and optional parameters. */
export function isMediaType(type: string): boolean {
  return /^[\w.+-]+\/[\w.+-]+(\s*;\s*[\w-]+=("[^"]*"|[\w.+-]+))*$/.test(type);
}

/** The magic bytes of file types, in Latin-1. */
const signatures: Readonly<Record<string, RegExp>> = {
  'image/png': /^\x89PNG\r\n/,
  'image/jpeg': /^\xff\xd8\xff/,
  'image/gif': /^GIF8[79]a/,
  'image/webp': /^RIFF[\s\S]{4}WEBP/,
  'audio/wav': /^RIFF[\s\S]{4}WAVE/,
  'application/pdf': /^%PDF-/,
};

/** Why bytes cannot be of a media type. Undefined if no contradiction is found. */
export function contradiction(type: string, bytes: Uint8Array): string | undefined {
  const [plain = ''] = type.toLowerCase().split(';', 1);
  if (isTextType(type) && !isUtf8(bytes)) return 'it is not UTF-8';
  if (/[/+]json$/.test(plain) && parsed(Buffer.from(bytes).toString('utf8')) === undefined) return 'it is not JSON';
  if (plain === 'text/html' && !/^\ufeff?\s*</.test(Buffer.from(bytes.subarray(0, 4096)).toString('utf8')))
    return 'it does not begin with a tag';
  const signature = Object.hasOwn(signatures, plain) ? signatures[plain] : undefined;
  const start = Buffer.from(bytes.subarray(0, 16)).toString('latin1');
  return signature === undefined || signature.test(start) ? undefined : 'its first bytes belong to another file type';
}
