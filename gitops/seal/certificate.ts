import { type KeyObject, X509Certificate } from 'node:crypto';
import { Problem } from '../../model/problem';

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
  const [pem, ...others] = text.match(pemBlocks) ?? [];
  const x509 = pem === undefined ? undefined : parse(pem);
  if (x509 === undefined || pem === undefined) {
    const found = /<html|<!doctype/i.test(text)
      ? 'it is a web page'
      : /PUBLIC KEY/.test(text)
        ? 'it is a bare key'
        : 'none is in it';
    throw new Problem('CERT-NONE', `Cannot take a certificate from this text: ${found}`, { file, fix: howToFetch });
  }
  const { publicKey } = x509;
  if (publicKey.asymmetricKeyType !== 'rsa') {
    const message = `Cannot seal under this certificate: its key is ${publicKey.asymmetricKeyType ?? 'unknown'}, not rsa`;
    throw new Problem('CERT-NOT-RSA', message, { file, fix: howToFetch });
  }
  const modulus = Buffer.from(publicKey.export({ format: 'jwk' }).n ?? '', 'base64url');
  const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < minKeyBits) {
    const message = `Cannot seal under this certificate: its key has ${bits} bits and ${minKeyBits} is the least`;
    throw new Problem('CERT-WEAK', message, {
      file,
      fix: 'have the cluster make a longer key, then fetch its certificate',
    });
  }
  return {
    publicKey,
    modulus,
    sha256: x509.fingerprint256.replaceAll(':', '').toLowerCase(),
    // Undefined without one (Node 20 to 24), whatever its type says; a controller's own certificate has none (0.36.6).
    subject: x509.subject?.replaceAll('\n', ', ') || '(no subject)',
    notBefore: new Date(x509.validFrom),
    notAfter: new Date(x509.validTo),
    pem: x509.toString(),
    ignored: others.length,
  };
}

/**
 * What the dates of a certificate say at a given time. Expiry is an error, all else a warning: a controller keeps its old
 * keys, so an older certificate still works.
 * @param maxAgeDays after how many days to advise fetching the current one
 */
export function checkDates(certificate: Certificate, file: string, now: Date, maxAgeDays = 90): Problem[] {
  const { notBefore, notAfter } = certificate;
  const problems: Problem[] = [];
  const tell = (code: 'CERT-EXPIRED' | 'CERT-SOON' | 'CERT-FUTURE' | 'CERT-OLD', message: string, fix: string) =>
    problems.push(new Problem(code, message, { file, fix, level: code === 'CERT-EXPIRED' ? 'error' : 'warning' }));
  if (now > notAfter) {
    tell('CERT-EXPIRED', `Cannot seal under this certificate: it ended on ${day(notAfter)}`, howToFetch);
    return problems;
  }
  if (notAfter.getTime() - now.getTime() <= 30 * dayMs) {
    tell('CERT-SOON', `The certificate ends on ${day(notAfter)}`, howToFetch);
  }
  if (now < notBefore) {
    tell(
      'CERT-FUTURE',
      `The certificate begins on ${day(notBefore)}, later than this clock`,
      'check the clock of this machine',
    );
  } else if (now.getTime() - notBefore.getTime() > maxAgeDays * dayMs) {
    const message = `The certificate is from ${day(notBefore)}; a controller makes a new key about every 30 days`;
    tell('CERT-OLD', message, howToFetch);
  }
  return problems;
}

/** The day of a time, UTC, as YYYY-MM-DD. */
export function day(time: Date): string {
  return time.toISOString().slice(0, 10);
}

/** What to do for a certificate that is missing or out of date. */
export const howToFetch = 'fetch the current certificate: npm run seal -- fetch-cert <url of the controller>';

const dayMs = 24 * 60 * 60 * 1000;

const pemBlocks = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

function parse(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    // OpenSSL's reason is a library code; that it is no certificate is all there is to say.
    return undefined;
  }
}
