import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { table } from '../../cli/table';
import { stopOnErrors } from '../../model/problem';
import { type Certificate, checkDates, day, readCertificate } from './certificate';
import { fetchCertificate } from './fetch-certificate';
import { type PinnedCertificate, pinnedCertificates } from './pinned';
import { replaceFile } from './replace-file';
import type { RequestOf } from './request';
import { answer, type SealWorld } from './seal-world';
import { writeFailure } from './system-error';

/**
 * Fetches the certificate that a controller serves into a file of its own. It is used only once a person has pinned it: this
 * shows both and writes nothing that seals.
 */
export async function runFetch({ url, isHttpAllowed }: RequestOf<'fetch'>, world: SealWorld): Promise<number> {
  const text = await fetchCertificate(url, { isHttpAllowed });
  const fetched = readCertificate(text, 'the answer');
  const warnings = checkDates(fetched, 'the answer', world.now);
  stopOnErrors(warnings);
  const { certificates } = pinnedCertificates(world.root, world.platform);
  const known = certificates.find(({ sha256 }) => sha256 === fetched.sha256);
  if (known !== undefined) {
    const word = known.isRetired ? 'one of the retired ones' : 'the pinned one';
    answer(
      world,
      { sha256: fetched.sha256, isPinned: !known.isRetired, file: known.file },
      `✓ The certificate is ${word}: ${known.file}`,
      warnings,
    );
    return 0;
  }
  const file = fileFor(fetched, world);
  try {
    replaceFile(join(world.root, file), Buffer.from(fetched.pem));
  } catch (error) {
    throw writeFailure(error, 'the certificate', file);
  }
  const pinned = certificates.find(({ isRetired }) => !isRetired);
  const told = { sha256: fetched.sha256, isPinned: false, file };
  answer(
    world,
    told,
    [
      comparison(pinned, world.platform.certificate.sha256, fetched),
      '',
      howToPin(file, fetched, pinned, world.platform.source),
    ].join('\n'),
    warnings,
  );
  return 0;
}

/** `<cluster>.pem`, or with the start of the fingerprint when that name is another certificate's: values may still be under it. */
function fileFor({ sha256, pem }: Certificate, { root, platform }: SealWorld): string {
  const file = `platforms/certificates/${platform.name}.pem`;
  const path = join(root, file);
  const isFree = !existsSync(path) || readFileSync(path, 'utf8') === pem;
  return isFree ? file : `platforms/certificates/${platform.name}-${sha256.slice(0, 12)}.pem`;
}

function comparison(pinned: PinnedCertificate | undefined, pin: string, fetched: Certificate): string {
  const rows = [
    ['sha256', pinned?.sha256 ?? pin, fetched.sha256],
    ['subject', pinned?.subject ?? 'its file cannot be read', fetched.subject],
    ['valid', pinned === undefined ? '' : dates(pinned), dates(fetched)],
  ];
  return table(['', 'pinned now', 'fetched'], rows);
}

function dates({ notBefore, notAfter }: Certificate): string {
  return `${day(notBefore)} to ${day(notAfter)}`;
}

function howToPin(
  file: string,
  { sha256 }: Certificate,
  pinned: PinnedCertificate | undefined,
  source: string,
): string {
  const retired =
    pinned === undefined || pinned.isSample
      ? []
      : [
          '  retiredCertificates, one line more while values are sealed under the old one:',
          `    { file: '${pinned.file}', sha256: '${pinned.sha256}', isSample: false },`,
        ];
  return [
    `It is in ${file} and not pinned: nothing is sealed under it yet. Whoever can exchange a certificate can read the`,
    `secrets sealed after that, so compare the fingerprint with one that came another way, then write in ${source}:`,
    `  certificate: { file: '${file}', sha256: '${sha256}', isSample: false },`,
    ...retired,
  ].join('\n');
}
