import { join } from 'node:path';
import type { Platform, SealingCertificate } from '../../model/platform';
import { Problem } from '../../model/problem';
import { type Certificate, checkDates, day, readCertificate, readPem } from './certificate';

/** A certificate that the platform names, found to be the one it names. */
export interface PinnedCertificate extends Certificate {
  readonly file: string;
  /** Whether it is the one that ships for the first run, whose private key nobody has. */
  readonly isSample: boolean;
  /** Whether values are no longer sealed under it. */
  readonly isRetired: boolean;
}

/** A certificate that sealed values may be under: the pinned one or one that was. */
export interface KnownCertificate extends Pick<PinnedCertificate, 'sha256' | 'isSample'> {
  /** @default - its file cannot be used, which is told once: what is sealed under it is not held against it */
  readonly modulus?: Buffer | undefined;
}

/** The part of the platform that says which certificates count. */
export type Pins = Pick<Platform, 'certificate' | 'retiredCertificates' | 'secrets' | 'source'>;

/**
 * The certificate to seal under, and those that were: whoever can exchange one can read the secrets sealed after that.
 * A problem is CERT-PIN with both fingerprints for another certificate than the pinned one, CERT-NONE, CERT-NOT-RSA or
 * CERT-WEAK.
 * @param root the repository's folder
 * @returns the usable ones; `pinned` is the one to seal under, unless it is not usable; `known` has the others too. None for
 *   a platform that seals nothing
 */
export function pinnedCertificates(root: string, pins: Pins) {
  const problems: Problem[] = [];
  const { certificate, retiredCertificates, secrets } = pins;
  const all = certificate === undefined || secrets.kind !== 'sealed' ? [] : [certificate, ...retiredCertificates];
  const certificates = all.flatMap((pin, index): PinnedCertificate[] => {
    try {
      return [{ ...pinnedCertificate(root, pin, pins.source), isRetired: index > 0 }];
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      problems.push(error);
      return [];
    }
  });
  const known = all.map(({ sha256: pin, isSample }): KnownCertificate => {
    const sha256 = digestOf(pin);
    return certificates.find((usable) => usable.sha256 === sha256) ?? { sha256, isSample };
  });
  return { pinned: certificates.find(({ isRetired }) => !isRetired), certificates, known, problems };
}

/** The certificates of each platform, with those of the others, which tell whose a foreign value is. */
export function pinnedByPlatform<P extends Pins & Pick<Platform, 'name'>>(root: string, platforms: readonly P[]) {
  const each = platforms.map((platform) => ({ platform, ...pinnedCertificates(root, platform) }));
  const named = each.flatMap(({ platform, certificates }) =>
    certificates.map((known) => ({ ...known, platform: platform.name })),
  );
  return each.map((own) => ({ ...own, others: named.filter(({ platform }) => platform !== own.platform.name) }));
}

/**
 * What is wrong, or will be, with the certificate that is sealed under. The sample one may grow old. Of several in a file
 * the first is used, and people expect the last.
 */
export function certificateProblems(pinned: PinnedCertificate, now: Date): readonly Problem[] {
  const { file, ignored, isSample, sha256 } = pinned;
  const problems = checkDates(pinned, file, now).filter(({ code }) => !(isSample && code === 'CERT-OLD'));
  if (ignored === 0) return problems;
  const message = `The file holds ${ignored + 1} certificates and the first is used (${sha256.slice(0, 16)}…)`;
  const fix = 'leave one certificate in the file';
  return [...problems, new Problem('CERT-EXTRA', message, { file, fix, level: 'warning' })];
}

/** That the certificate is over, or soon will be, for those who seal nothing now: what is sealed still opens, so it warns. */
export function endingSoon(pinned: PinnedCertificate, now: Date): readonly Problem[] {
  const ending = checkDates(pinned, pinned.file, now).filter(({ code }) => /^CERT-(EXPIRED|SOON)$/.test(code));
  return ending.map((problem) => problem.as('warning'));
}

function pinnedCertificate(root: string, { file, sha256: pin, isSample }: SealingCertificate, source: string) {
  const certificate = readCertificate(
    readPem(join(root, file), file, `restore it with git, or correct ${source}`),
    file,
  );
  const { sha256, subject, notBefore, notAfter } = certificate;
  if (sha256 === digestOf(pin)) return { ...certificate, file, isSample };
  const found = `${sha256} (${subject}, ${day(notBefore)} to ${day(notAfter)})`;
  const message = `Cannot seal under a certificate that is not pinned: pinned is ${pin || 'none'}, found is ${found}`;
  const fix = `restore the file with git; or, when the exchange is meant, write the new sha256 in ${source}`;
  throw new Problem('CERT-PIN', message, { file, fix });
}

function digestOf(pin: string): string {
  return pin.replaceAll(':', '').toLowerCase();
}
