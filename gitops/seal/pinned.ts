import { join } from 'node:path';
import type { Platform, SealingCertificate } from '../../model/platform';
import { Problem } from '../../model/problem';
import { type Certificate, checkDates, day, readCertificate, readPem } from './certificate';

/** A certificate of a platform whose fingerprint matches its pin. */
export interface PinnedCertificate extends Certificate {
  readonly file: string;
  /** Whether it is the sample that ships for the first run. No cluster has its private key. */
  readonly isSample: boolean;
  /** Whether no new values are sealed under it. */
  readonly isRetired: boolean;
  /** The flag that selects its platform, with a leading space; empty if there is only one. */
  readonly flag: string;
}

/** A certificate that sealed values may use: pinned or retired. */
export interface KnownCertificate extends Pick<PinnedCertificate, 'sha256' | 'isSample'> {
  /** @default - its file is unusable: that is reported once, and the values sealed under it are not checked */
  readonly modulus?: Buffer | undefined;
}

/** The part of a platform that pins its certificates. */
export type Pins = Pick<Platform, 'certificate' | 'retiredCertificates' | 'secrets' | 'source' | 'flag'>;

/**
 * Reads the pinned and retired certificates and compares each with its fingerprint: anyone who can replace one can read every
 * secret sealed afterwards. Problems are CERT-PIN with both fingerprints, CERT-NONE, CERT-NOT-RSA or CERT-WEAK.
 * @param root the repository's folder
 * @returns the usable `certificates`; `pinned`, the one to seal under, if usable; and `known`, which includes unusable ones.
 *   All are empty for a platform that seals nothing
 */
export function pinnedCertificates(root: string, pins: Pins) {
  const problems: Problem[] = [];
  const { certificate, retiredCertificates, secrets } = pins;
  const all = certificate === undefined || secrets.kind !== 'sealed' ? [] : [certificate, ...retiredCertificates];
  const certificates = all.flatMap((pin, index): PinnedCertificate[] => {
    try {
      return [{ ...pinnedCertificate(root, pin, pins), isRetired: index > 0 }];
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

/** The certificates of each platform, and those of the other platforms, which identify a foreign value. */
export function pinnedByPlatform<P extends Pins & Pick<Platform, 'name'>>(root: string, platforms: readonly P[]) {
  const each = platforms.map((platform) => ({ platform, ...pinnedCertificates(root, platform) }));
  const named = each.flatMap(({ platform, certificates }) =>
    certificates.map((known) => ({ ...known, platform: platform.name })),
  );
  return each.map((own) => ({ ...own, others: named.filter(({ platform }) => platform !== own.platform.name) }));
}

/**
 * Checks the certificate to seal under, or to pin; the age of the sample does not matter. Several certificates in a file get a warning,
 * because the first is used and people expect the last.
 */
export function certificateProblems(pinned: Omit<PinnedCertificate, 'isRetired'>, now: Date): readonly Problem[] {
  const { file, ignored, isSample, sha256 } = pinned;
  const problems = checkDates(pinned, file, now, pinned.flag).filter(({ code }) => !(isSample && code === 'CERT-OLD'));
  if (ignored === 0) return problems;
  const message = `There are ${ignored + 1} certificates; only the first is used (${sha256.slice(0, 16)}…)`;
  const fix = 'leave only one there, or compare the fingerprint of the first';
  return [...problems, new Problem('CERT-EXTRA', message, { file, fix, level: 'warning' })];
}

/** Warns of an expired or soon expiring certificate when nothing is sealed now: existing values still open. */
export function expiryWarnings(pinned: PinnedCertificate, now: Date): readonly Problem[] {
  const expiring = checkDates(pinned, pinned.file, now, pinned.flag).filter(({ code }) =>
    /^CERT-(EXPIRED|SOON)$/.test(code),
  );
  return expiring.map((problem) => problem.as('warning'));
}

function pinnedCertificate(root: string, { file, sha256: pin, isSample }: SealingCertificate, { source, flag }: Pins) {
  const certificate = readCertificate(
    readPem(join(root, file), file, `restore it with git, or correct ${source}`),
    file,
    flag,
  );
  const { sha256, subject, notBefore, notAfter } = certificate;
  if (sha256 === digestOf(pin)) return { ...certificate, file, isSample, flag };
  const found = `${sha256} (${subject}, ${day(notBefore)} to ${day(notAfter)})`;
  const message = `Cannot seal under a certificate that is not pinned: the pin is ${pin || 'empty'}, the file holds ${found}`;
  const fix = `restore the file with git; or, if the change is intended, write the new sha256 in ${source}`;
  throw new Problem('CERT-PIN', message, { file, fix });
}

function digestOf(pin: string): string {
  return pin.replaceAll(':', '').toLowerCase();
}
