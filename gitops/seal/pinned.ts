import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Platform, SealingCertificate } from '../../model/platform';
import { Problem } from '../../model/problem';
import { type Certificate, day, readCertificate } from './certificate';
import { systemReason } from './system-error';

/** A certificate that the platform names, found to be the one it names. */
export interface PinnedCertificate extends Certificate {
  readonly file: string;
  readonly isSample: boolean;
  /** Whether values are no longer sealed under it. */
  readonly isRetired: boolean;
}

/** The part of the platform that says which certificates count. */
export type Pins = Pick<Platform, 'certificate' | 'retiredCertificates' | 'source'>;

/**
 * The certificate to seal under, and those that were.
 * @param root the repository's folder
 */
export function pinnedCertificates(
  root: string,
  { certificate, retiredCertificates, source }: Pins,
): { certificates: readonly PinnedCertificate[]; problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const certificates = [certificate, ...retiredCertificates].flatMap((pin, index) => {
    try {
      return [pinnedCertificate(readText(root, pin.file, source), pin, source, index > 0)];
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      problems.push(error);
      return [];
    }
  });
  return { certificates, problems };
}

/**
 * The text of a certificate file → the certificate, when it is the one that is pinned: whoever can exchange the certificate
 * can read the secrets sealed after that.
 * @param source the file that pins it, to tell where
 * @throws Problem CERT-PIN with both fingerprints when it is another one, or CERT-NONE, CERT-NOT-RSA, CERT-WEAK
 */
export function pinnedCertificate(
  text: string,
  pin: SealingCertificate,
  source: string,
  isRetired = false,
): PinnedCertificate {
  const certificate = readCertificate(text, pin.file);
  if (certificate.sha256 === pin.sha256.replaceAll(':', '').toLowerCase()) {
    return { ...certificate, file: pin.file, isSample: pin.isSample, isRetired };
  }
  const { sha256, subject, notBefore, notAfter } = certificate;
  const found = `${sha256} (${subject}, ${day(notBefore)} to ${day(notAfter)})`;
  const message = `Cannot seal under a certificate that is not pinned: pinned is ${pin.sha256 || 'none'}, found is ${found}`;
  throw new Problem('CERT-PIN', message, {
    file: pin.file,
    fix: `restore the file with git; or, when the exchange is meant, write the new sha256 in ${source}`,
  });
}

/** Warns when a file holds several certificates: the first is used, and people expect the last. */
export function checkAlone({ ignored, file, sha256 }: PinnedCertificate): Problem[] {
  if (ignored === 0) return [];
  const message = `The file holds ${ignored + 1} certificates and the first is used (${sha256.slice(0, 16)}…)`;
  return [new Problem('CERT-EXTRA', message, { file, fix: 'leave one certificate in the file', level: 'warning' })];
}

function readText(root: string, file: string, source: string): string {
  const path = join(root, file);
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Problem('CERT-NONE', `Cannot read the certificate ${path}: ${systemReason(error)}`, {
      file,
      fix: `restore it with git, or correct ${source}`,
      cause: error,
    });
  }
}
