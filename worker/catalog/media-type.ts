import { isUtf8 } from 'node:buffer';
import { parsed } from '../json';

/**
 * What a host takes for the page of a tool (MCP Apps 2026-01-26; `@modelcontextprotocol/ext-apps` 2.0.4, 2026-10-27). It is
 * compared letter by letter.
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

/** The media type that the end of a name stands for. Undefined for an ending that is not known. */
export function mediaTypeOf(name: string): string | undefined {
  const [, extension = ''] = /\.(\w+)$/.exec(name) ?? [];
  return Object.hasOwn(byExtension, extension.toLowerCase()) ? byExtension[extension.toLowerCase()] : undefined;
}

/** Whether a media type is sent as text. Everything else is sent as Base64. */
export function isTextType(type: string): boolean {
  return /^text\/|^[^;]*[/+](json|xml|yaml|javascript)(;|$)/i.test(type);
}

/** Whether a text can be a media type: a type, a subtype, and perhaps parameters. */
export function isMediaType(type: string): boolean {
  return /^[\w.+-]+\/[\w.+-]+(\s*;\s*[\w-]+=("[^"]*"|[\w.+-]+))*$/.test(type);
}

/** How a file of a type begins, in Latin-1. */
const beginnings: Readonly<Record<string, RegExp>> = {
  'image/png': /^\x89PNG\r\n/,
  'image/jpeg': /^\xff\xd8\xff/,
  'image/gif': /^GIF8[79]a/,
  'image/webp': /^RIFF[\s\S]{4}WEBP/,
  'audio/wav': /^RIFF[\s\S]{4}WAVE/,
  'application/pdf': /^%PDF-/,
};

/** Why bytes are not of a media type, as far as they can be seen not to be. Undefined: nothing speaks against it. */
export function contradiction(type: string, bytes: Uint8Array): string | undefined {
  const [plain = ''] = type.toLowerCase().split(';', 1);
  if (isTextType(type) && !isUtf8(bytes)) return 'it is not UTF-8';
  if (/[/+]json$/.test(plain) && parsed(Buffer.from(bytes).toString('utf8')) === undefined) return 'it is not JSON';
  if (plain === 'text/html' && !/^\ufeff?\s*</.test(Buffer.from(bytes.subarray(0, 4096)).toString('utf8')))
    return 'it does not begin with a tag';
  const beginning = Object.hasOwn(beginnings, plain) ? beginnings[plain] : undefined;
  const start = Buffer.from(bytes.subarray(0, 16)).toString('latin1');
  return beginning === undefined || beginning.test(start) ? undefined : 'its first bytes are of something else';
}
