import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { table } from '../../../cli/table';
import { writeNewFile } from '../../../model/new-file';
import { Problem, stopOnErrors } from '../../../model/problem';
import { systemReason } from '../../../model/system-error';
import { type Certificate, day, readCertificate, readPem } from '../certificate';
import { fetchCertificate } from '../fetch-certificate';
import { certificateProblems, type PinnedCertificate, pinnedCertificates } from '../pinned';
import { answer, platformOf, type SealPlatform } from '../seal-world';
import { misused, subcommand } from '../subcommand';

/**
 * Copies a controller's certificate, from its address or a PEM file, into its own file and shows it next to the pinned one.
 * Nothing is sealed under it until somebody pins it.
 */
export const fetchCert = subcommand({
  usage: {
    forms: {
      'npm run seal -- fetch-cert <url or file>':
        "fetches the cluster's certificate and shows it beside the pinned one",
    },
    flags: { '--allow-http': 'accepts plain http, for kubectl proxy on this machine' },
    notes: [
      'The address is the https address of the sealed-secrets controller and ends in /v1/cert.pem. A file is a PEM file, such as kubeseal --fetch-cert writes.',
      'The certificate goes to a new file in platforms/certificates/; nothing is sealed under it until you pin it.',
    ],
    examples: [
      'npm run seal -- fetch-cert https://sealing.example.com/v1/cert.pem',
      'npm run seal -- fetch-cert ../cert.pem',
    ],
  },
  options: { 'allow-http': { type: 'boolean' } },
  async run(flags, [from, ...more], world) {
    if (from === undefined || more.length > 0) throw misused('fetch-cert takes exactly one address or file');
    const platform = platformOf(world);
    const { flag } = platform;
    // Whatever has a scheme is an address: a path is quoted in problems, and an address may hold credentials.
    const isAddress = URL.canParse(from);
    const source = isAddress ? 'the response' : from;
    const text = isAddress
      ? await fetchCertificate(from, { isHttpAllowed: flags['allow-http'] ?? false })
      : readPem(from, from, 'correct the path, or give the https address of the controller, ending in /v1/cert.pem');
    const fetched = readCertificate(text, source, flag);
    const { sha256 } = fetched;
    const warnings = certificateProblems({ ...fetched, file: source, isSample: false, flag }, world.now);
    stopOnErrors(warnings);
    const { pinned, certificates } = pinnedCertificates(world.root, platform);
    const known = certificates.find((certificate) => certificate.sha256 === sha256);
    if (known !== undefined) {
      const { file, isRetired } = known;
      const done = `✓ The certificate is ${isRetired ? 'one of the retired ones' : 'the pinned one'}: ${file}`;
      return answer(world, { sha256, isPinned: !isRetired, file }, done, warnings);
    }
    const file = writeCertificate(fetched, world.root, platform);
    const lines = [comparison(pinned, pinOf(platform), fetched), '', howToPin(file, sha256, pinned, platform)];
    return answer(world, { sha256, isPinned: false, file }, lines.join('\n'), warnings);
  },
});

/** Writes `<platform>.pem`, or adds the fingerprint to the name when another certificate, which may be in use, has that file. */
function writeCertificate({ sha256, pem }: Certificate, root: string, platform: SealPlatform): string {
  const usual = `platforms/certificates/${platform.name}.pem`;
  const isTaken = existsSync(join(root, usual)) && readFileSync(join(root, usual), 'utf8') !== pem;
  const file = isTaken ? `platforms/certificates/${platform.name}-${sha256.slice(0, 12)}.pem` : usual;
  try {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    if (!existsSync(join(root, file))) writeNewFile(join(root, file), pem);
    return file;
  } catch (cause) {
    const fix = 'fix that and run it again';
    throw new Problem('SEAL-WRITE', `Cannot write the certificate: ${systemReason(cause)}`, { file, fix, cause });
  }
}

function pinOf({ certificate, secrets }: SealPlatform): string | undefined {
  return secrets.kind === 'sealed' ? certificate?.sha256 : undefined;
}

/** The pinned certificate next to the fetched one. */
function comparison(pinned: PinnedCertificate | undefined, pin: string | undefined, fetched: Certificate): string {
  const dates = ({ notBefore, notAfter }: Certificate) => `${day(notBefore)} to ${day(notAfter)}`;
  return table(
    ['', 'pinned now', 'fetched'],
    [
      ['sha256', pin ?? 'none', fetched.sha256],
      ['subject', pinned?.subject ?? (pin === undefined ? '' : 'its file cannot be read'), fetched.subject],
      ['valid', pinned === undefined ? '' : dates(pinned), dates(fetched)],
    ],
  );
}

/** A pin as source text, one field a line: Biome keeps such an object, and would break a longer line. */
function pinLines(field: string, { file, sha256 }: Pick<PinnedCertificate, 'file' | 'sha256'>): readonly string[] {
  return [`${field}{`, `  file: '${file}',`, `  sha256: '${sha256}',`, '  isSample: false,', '},'];
}

function howToPin(
  file: string,
  sha256: string,
  pinned: PinnedCertificate | undefined,
  { source, secrets }: SealPlatform,
): string {
  const retired = [
    '  and, while values are sealed under the old one, add to retiredCertificates:',
    ...(pinned === undefined ? [] : pinLines('', pinned).map((line) => `    ${line}`)),
  ];
  return [
    `It is saved in ${file} but not pinned: nothing is sealed under it yet. Anyone who can swap this certificate can read`,
    'every secret sealed with it. Compare the fingerprint through a second channel',
    `(openssl x509 -noout -fingerprint -sha256 -in ${file}), then replace certificate in ${source}:`,
    ...pinLines('certificate: ', { file, sha256 }).map((line) => `  ${line}`),
    ...(secrets.kind === 'sealed'
      ? []
      : [`  and remove the field secrets: they are ${secrets.kind}, so nothing is sealed`]),
    ...(pinned === undefined || pinned.isSample ? [] : retired),
    '  next  npm run synth, which lists the values to seal again',
  ].join('\n');
}
