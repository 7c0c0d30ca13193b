import { type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { foreignEncoding, saveAsUtf8 } from '../../model/encoding';
import { Problem } from '../../model/problem';
import { systemReason } from '../../model/system-error';

/** A certificate whose key can seal. `checkDates` checks its validity period. */
export interface Certificate {
  readonly publicKey: KeyObject;
  /** The RSA modulus, big-endian, without leading zeros; the same length as a wrapped key. */
  readonly modulus: Buffer;
  /** SHA-256 of the DER, lower-case hex: the value that a platform pins. */
  readonly sha256: string;
  readonly subject: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** The certificate re-encoded as PEM, ending in a newline, without any other text from its source. */
  readonly pem: string;
  /** The number of further certificates in the text, which are ignored. */
  readonly ignored: number;
}

/** The SHA-256 of the sample certificate that new platforms start with. */
export const sampleSha256 = '10be5874d50f8191e1e569270cda2c77890cae9602712c8d970d34e69d8eb16f';

/** The maximum size of a certificate's text, in bytes, with whatever surrounds it. */
export const maxCertificateBytes = 64 * 1024;

/** The minimum length of an RSA key, in bits. */
const minKeyBits = 2048;

/**
 * Reads the first certificate in a PEM text and skips all other blocks, as kubeseal does (0.36.6).
 * @param file the source of the text, for problems
 * @param flag the flag that selects its platform, for problems. @default - there is only one platform
 * @throws Problem CERT-NONE, CERT-NOT-RSA or CERT-WEAK
 */
export function readCertificate(text: string, file: string, flag = ''): Certificate {
  const [pem = '', ...others] = text.match(pemBlocks) ?? [];
  const x509 = parse(pem);
  if (x509 === undefined) {
    const encoding = foreignEncoding(Buffer.from(text));
    const found = encoding === undefined ? describe(text) : `it is ${encoding}`;
    const message = `Cannot read a certificate from this text: ${found}`;
    throw new Problem('CERT-NONE', message, {
      file,
      fix: encoding === undefined ? `${howToFetch}${flag}` : saveAsUtf8,
    });
  }
  const { publicKey } = x509;
  const { asymmetricKeyType: type = 'unknown', asymmetricKeyDetails: { modulusLength: bits = 0 } = {} } = publicKey;
  if (type !== 'rsa') {
    const message = `Cannot seal under this certificate: its key is ${type}, not rsa`;
    throw new Problem('CERT-NOT-RSA', message, { file, fix: `${howToFetch}${flag}` });
  }
  if (bits < minKeyBits) {
    const message = `Cannot seal under this certificate: its key has ${bits} bits; the minimum is ${minKeyBits}`;
    const fix = 'let the controller generate a longer key, then fetch its certificate';
    throw new Problem('CERT-WEAK', message, { file, fix });
  }
  return {
    publicKey,
    modulus: Buffer.from(publicKey.export({ format: 'jwk' }).n ?? '', 'base64url'),
    sha256: x509.fingerprint256.replaceAll(':', '').toLowerCase(),
    // Undefined at run time when there is none (Node 20 to 24); a controller's own certificate has none (0.36.6).
    subject: x509.subject?.replaceAll('\n', ', ') || '(no subject)',
    notBefore: new Date(x509.validFrom),
    notAfter: new Date(x509.validTo),
    pem: x509.toString(),
    ignored: others.length,
  };
}

/**
 * Reads the file of a certificate, without parsing it. Follows symbolic links. Reads nothing that may have no end, such as a
 * device or a named pipe.
 * @throws Problem CERT-NONE with the given fix when it cannot be read, is no regular file, or is longer than the maximum
 */
export function readPem(path: string, file: string, fix: string): string {
  const refused = (reason: string, cause?: unknown) =>
    new Problem('CERT-NONE', `Cannot read the certificate ${path}: ${reason}`, { file, fix, cause });
  try {
    const found = statSync(path);
    if (!found.isFile()) throw refused('it is not a regular file');
    if (found.size > maxCertificateBytes) throw refused(`it is longer than ${maxCertificateBytes} bytes`);
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw cause instanceof Problem ? cause : refused(systemReason(cause), cause);
  }
}

/**
 * Checks the validity period and age of a certificate. Expiry is an error, everything else a warning: a controller keeps its
 * old keys, so an older certificate still works.
 * @param flag the flag that selects its platform, for problems. @default - there is only one platform
 */
export function checkDates({ notBefore, notAfter }: Certificate, file: string, now: Date, flag = ''): Problem[] {
  const fetch = `${howToFetch}${flag}`;
  if (now > notAfter) {
    const message = `Cannot seal under this certificate: it expired on ${day(notAfter)}`;
    return [new Problem('CERT-EXPIRED', message, { file, fix: fetch })];
  }
  const warning = (code: 'CERT-SOON' | 'CERT-FUTURE' | 'CERT-OLD', found: string, fix = fetch) =>
    new Problem(code, `The certificate ${found}`, { file, fix, level: 'warning' });
  const warnings = daysBetween(now, notAfter) <= 30 ? [warning('CERT-SOON', `expires on ${day(notAfter)}`)] : [];
  if (now < notBefore) {
    const found = `is not valid before ${day(notBefore)}, which is still in the future`;
    warnings.push(warning('CERT-FUTURE', found, "check this machine's clock"));
  } else if (daysBetween(notBefore, now) > 90) {
    const found = `was issued on ${day(notBefore)}; a controller generates a new key about every 30 days`;
    warnings.push(warning('CERT-OLD', found));
  }
  return warnings;
}

/** The UTC date, as YYYY-MM-DD. */
export function day(time: Date): string {
  return time.toISOString().slice(0, 10);
}

/** The days between two times, as a fraction. */
export function daysBetween(from: Date, to: Date): number {
  return (to.getTime() - from.getTime()) / 86_400_000;
}

/** The fix for a missing or outdated certificate. */
export const howToFetch = 'fetch the current certificate: npm run seal -- fetch-cert <url or file>';

const pemBlocks = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

function parse(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    // OpenSSL's reason is only a library code, so it is not reported.
    return undefined;
  }
}

function describe(text: string): string {
  if (/<html|<!doctype/i.test(text)) return 'it is a web page';
  return /PUBLIC KEY/.test(text) ? 'it is a bare public key' : 'it contains none';
}
