import { X509Certificate } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { privateAuthority } from '../../testing/authority';
import { readAuthority } from './authority';

const { pem, issue } = privateAuthority();
const { key } = issue({ names: ['a.example.com'] });
const folder = mkdtempSync(join(tmpdir(), "an authority's "));

function fileOf(content: string | Buffer): string {
  const file = join(folder, 'ca.cer');
  writeFileSync(file, content);
  return file;
}

test('reads several certificates among other text, with a byte order mark and Windows line endings', () => {
  const read = readAuthority(fileOf(`\uFEFF# Ours\n${pem}# Theirs\n${pem}`.replaceAll('\n', '\r\n')));
  expect(read.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
  expect(new X509Certificate(read).fingerprint256).toBe(new X509Certificate(pem).fingerprint256);
});

test.each<[string, string | Buffer, RegExp, RegExp]>([
  ['DER', new X509Certificate(pem).raw, /a certificate in DER form/, /openssl x509 -inform DER -in '.*'\\''.*'/],
  ['UTF-16', Buffer.from(`\uFEFF${pem}`, 'utf16le'), /text in UTF-16/, /iconv -f utf-16/],
  ['a key', key, /a rsa private key/, /the certificate of the authority/],
  ['nothing', ' \n', /holds nothing/, /the certificate of the authority/],
  ['a page', '<!doctype html><html></html>', /a web page/, /the certificate of the authority/],
  ['a store', Buffer.from([0x30, 0x82, 0x0a, 0x01, 0x02]), /binary data/, /the certificate of the authority/],
  ['plain text', 'hello', /other text/, /the certificate of the authority/],
  ['half of a certificate', pem.slice(0, 400), /cut short or damaged/, /fetch or export it again/],
  ['a damaged certificate', pem.replace(/M/g, 'N'), /cut short or damaged/, /fetch or export it again/],
])('reports %s instead of PEM certificates', (_what, content, message, fix) => {
  expect(() => readAuthority(fileOf(content))).toThrow(
    expect.objectContaining({
      code: 'USAGE',
      message: expect.stringMatching(message),
      fix: expect.stringMatching(fix),
    }),
  );
});
