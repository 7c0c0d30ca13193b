import { type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { foreignEncoding, saveAsUtf8 } from '../../model/encoding';
import { Problem } from '../../model/problem';
import { systemReason } from '../../model/system-error';

/** A certificate whose key can seal. Whether its dates are right is another question: `checkDates`. */
export interface Certificate {
  readonly publicKey: KeyObject;
  /** The RSA modulus, big-endian, without leading zeros; as long as a wrapped key. */
  readonly modulus: Buffer;
  /** SHA-256 over the DER, lower-case hex; what the platform pins. */
  readonly sha256: string;
  readonly subject: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** The same certificate as PEM, written anew and ending in a newline: nothing that came with it is in it. */
  readonly pem: string;
  /** How many certificates followed it in the text. They are not used. */
  readonly ignored: number;
}

/** The shortest RSA key that may seal, in bits. */
const minKeyBits = 2048;

/**
 * Reads the first certificate of a PEM text; other blocks are passed over, as kubeseal does (0.36.6).
 * @param file where the text comes from, to tell where
 * @throws Problem CERT-NONE, CERT-NOT-RSA or CERT-WEAK
 */
export function readCertificate(text: string, file: string): Certificate {
  const [pem = '', ...others] = text.match(pemBlocks) ?? [];
  const x509 = parse(pem);
  if (x509 === undefined) {
    const encoding = foreignEncoding(Buffer.from(text));
    const found = encoding === undefined ? otherThing(text) : `it is ${encoding}`;
    const message = `Cannot take a certificate from this text: ${found}`;
    throw new Problem('CERT-NONE', message, { file, fix: encoding === undefined ? howToFetch : saveAsUtf8 });
  }
  const { publicKey } = x509;
  const { asymmetricKeyType: type = 'unknown', asymmetricKeyDetails: { modulusLength: bits = 0 } = {} } = publicKey;
  if (type !== 'rsa') {
    const message = `Cannot seal under this certificate: its key is ${type}, not rsa`;
    throw new Problem('CERT-NOT-RSA', message, { file, fix: howToFetch });
  }
  if (bits < minKeyBits) {
    const message = `Cannot seal under this certificate: its key has ${bits} bits and ${minKeyBits} is the least`;
    const fix = 'have the cluster make a longer key, then fetch its certificate';
    throw new Problem('CERT-WEAK', message, { file, fix });
  }
  return {
    publicKey,
    modulus: Buffer.from(publicKey.export({ format: 'jwk' }).n ?? '', 'base64url'),
    sha256: x509.fingerprint256.replaceAll(':', '').toLowerCase(),
    // Undefined without one (Node 20 to 24), whatever its type says; a controller's own certificate has none (0.36.6).
    subject: x509.subject?.replaceAll('\n', ', ') || '(no subject)',
    notBefore: new Date(x509.validFrom),
    notAfter: new Date(x509.validTo),
    pem: x509.toString(),
    ignored: others.length,
  };
}

/** The text of a certificate's file. @throws Problem CERT-NONE with this fix when it cannot be read */
export function readPem(path: string, file: string, fix: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Problem('CERT-NONE', `Cannot read the certificate ${path}: ${systemReason(cause)}`, { file, fix, cause });
  }
}

/**
 * What the dates of a certificate say at a given time. Expiry is an error, all else a warning: a controller keeps its old
 * keys, so an older certificate still works.
 */
export function checkDates({ notBefore, notAfter }: Certificate, file: string, now: Date): Problem[] {
  if (now > notAfter) {
    const message = `Cannot seal under this certificate: it ended on ${day(notAfter)}`;
    return [new Problem('CERT-EXPIRED', message, { file, fix: howToFetch })];
  }
  const warning = (code: 'CERT-SOON' | 'CERT-FUTURE' | 'CERT-OLD', found: string, fix = howToFetch) =>
    new Problem(code, `The certificate ${found}`, { file, fix, level: 'warning' });
  const warnings = daysBetween(now, notAfter) <= 30 ? [warning('CERT-SOON', `ends on ${day(notAfter)}`)] : [];
  if (now < notBefore) {
    const found = `begins on ${day(notBefore)}, later than this clock`;
    warnings.push(warning('CERT-FUTURE', found, 'check the clock of this machine'));
  } else if (daysBetween(notBefore, now) > 90) {
    const found = `is from ${day(notBefore)}; a controller makes a new key about every 30 days`;
    warnings.push(warning('CERT-OLD', found));
  }
  return warnings;
}

/** The day of a time, UTC, as YYYY-MM-DD. */
export function day(time: Date): string {
  return time.toISOString().slice(0, 10);
}

/** Days from one time to another, with a fraction. */
export function daysBetween(from: Date, to: Date): number {
  return (to.getTime() - from.getTime()) / 86_400_000;
}

/** What to do for a certificate that is missing or out of date. */
export const howToFetch = 'fetch the current certificate: npm run seal -- fetch-cert <url of the controller>';

const pemBlocks = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

function parse(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    // OpenSSL's reason is a library code; that it is no certificate is all there is to say.
    return undefined;
  }
}

function otherThing(text: string): string {
  if (/<html|<!doctype/i.test(text)) return 'it is a web page';
  return /PUBLIC KEY/.test(text) ? 'it is a bare key' : 'none is in it';
}
