import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { shellWord } from '../../cli/shell-word';
import { Problem } from '../../model/problem';
import { systemReason } from '../../model/system-error';

/**
 * Reads certificates to trust from a file, as PEM.
 * @throws Problem USAGE with what the file holds instead and how to convert it: Node silently ignores anything but PEM
 */
export function readAuthority(path: string): string {
  const bytes = readBytes(path);
  const blocks = bytes.toString('latin1').match(pemBlock) ?? [];
  if (blocks.length > 0 && blocks.every(isCertificate)) return blocks.join('\n');
  const [what, fix] = blocks.length > 0 ? damaged : diagnose(bytes, shellWord(path));
  throw new Problem('USAGE', `Cannot trust the file "${path}": it holds ${what}, not certificates as PEM`, { fix });
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    const message = `Cannot read the certificate authority "${path}": ${systemReason(cause)}`;
    throw new Problem('USAGE', message, { fix: 'name a PEM file', cause });
  }
}

function isCertificate(content: string | Buffer): boolean {
  try {
    return new X509Certificate(content).serialNumber !== '';
  } catch {
    // Not a certificate in any form that Node reads.
    return false;
  }
}

type Diagnosis = readonly [what: string, fix: string];

function diagnose(bytes: Buffer, file: string): Diagnosis {
  const text = bytes.toString('latin1');
  const toPem = `openssl x509 -inform DER -in ${file} -out authority.pem, and use that file`;
  const toUtf8 = `iconv -f utf-16 -t utf-8 ${file} > authority.pem, and use that file`;
  if (text.trim() === '') return ['nothing', usualFix];
  if (/^(\xff\xfe|\xfe\xff)/.test(text)) return ['text in UTF-16, as PowerShell saves it', toUtf8];
  if (isCertificate(bytes)) return ['a certificate in DER form, as Windows exports it', toPem];
  const [, label] = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(text) ?? [];
  if (label === 'CERTIFICATE') return damaged;
  if (label !== undefined) return [`a ${label.toLowerCase()}`, usualFix];
  if (/^\s*</.test(text)) return ['a web page', usualFix];
  return [/[^\t\n\r -~]/.test(text) ? 'binary data, such as a PKCS#12 store' : 'other text', usualFix];
}

const usualFix = 'use the certificate of the authority, a file with -----BEGIN CERTIFICATE----- in it';
const damaged: Diagnosis = ['a certificate that is cut short or damaged', 'fetch or export it again'];
const pemBlock = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;
