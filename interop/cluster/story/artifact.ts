import { gunzipSync } from 'node:zlib';

/** The file names in a gzipped tar archive (POSIX.1-1988: blocks of 512 bytes, a header before each file). */
export function filesInArchive(archive: Buffer): readonly string[] {
  const tar = gunzipSync(archive);
  const names: string[] = [];
  const field = (at: number, length: number) =>
    tar
      .subarray(at, at + length)
      .toString()
      .replace(/\0.*/s, '');
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const size = Number.parseInt(field(at + 124, 12), 8);
    const isFile = ['0', ''].includes(field(at + 156, 1));
    if (isFile) names.push([field(at + 345, 155), field(at, 100)].filter((part) => part !== '').join('/'));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return names;
}
