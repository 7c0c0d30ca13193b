import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkDates, readCertificate, sampleSha256 } from './certificate';
import certificates from './vectors/certificates.json';
import keys from './vectors/keys.throwaway.json';
import more from './vectors/more-certificates.json';

test.each(certificates.cases)('the certificate $cert$chain at $now is $expect', (testCase) => {
  const text = testCase.pem ?? (testCase.chain ?? [testCase.cert ?? '']).map(pem).join('');
  expect(verdict(text, new Date(testCase.now))).toBe(testCase.expect);
  if (testCase.uses !== undefined) {
    expect(readCertificate(text, 'x')).toMatchObject({ sha256: fingerprint(testCase.uses), ignored: 1 });
  }
});

test('computes the same fingerprints and moduli as another program', () => {
  expect(keys.keys.length).toBeGreaterThan(2);
  for (const { certPem, certSha256Hex, modulusBytes } of keys.keys) {
    const certificate = readCertificate(certPem, 'x');
    expect(certificate.sha256).toBe(certSha256Hex);
    expect(certificate.modulus).toHaveLength(modulusBytes);
  }
});

test('rejects a 1024-bit key', () => {
  expect(() => readCertificate(pem('weak'), 'x')).toThrow(expect.objectContaining({ code: 'CERT-WEAK' }));
});

test("reads a controller's own certificate, which has no subject", () => {
  expect(readCertificate(pem('controller'), 'x')).toMatchObject({ subject: '(no subject)', ignored: 0 });
});

test('reports a web page as one without quoting it', () => {
  expect(() => readCertificate('<html>token=abc</html>', 'x')).toThrow(/it is a web page$/);
  expect(() => readCertificate('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', 'x')).toThrow(
    expect.objectContaining({ code: 'CERT-NONE' }),
  );
});

test('rejects a certificate saved as UTF-16 and reads one with a byte order mark', () => {
  const text = Buffer.from(`\ufeff${pem('current')}`, 'utf16le').toString();
  const problem = expect.objectContaining({ code: 'CERT-NONE', fix: expect.stringContaining('save it as UTF-8') });
  expect(() => readCertificate(text, 'x')).toThrow(problem);
  expect(() => readCertificate(text, 'x')).toThrow(/it is UTF-16$/);
  expect(readCertificate(`\ufeff${pem('current')}`, 'x').sha256).toBe(fingerprint('current'));
});

test('warns about a certificate older than ninety days', () => {
  const current = readCertificate(pem('current'), 'x');
  const codes = (now: string) => checkDates(current, 'x', new Date(now)).map(({ code, level }) => [code, level]);
  expect(codes('2024-03-31T00:00:00Z')).toEqual([]);
  expect(codes('2024-04-01T00:00:00Z')).toEqual([['CERT-OLD', 'warning']]);
});

test('the sample certificate is labelled as a sample and does not expire for decades', () => {
  const text = readFileSync(join(__dirname, '../new/templates/sample.pem'), 'utf8');
  const sample = readCertificate(text, 'x');
  expect(sample.sha256).toBe(sampleSha256);
  expect(sample.subject).toContain('SAMPLE: nothing sealed under it may be delivered');
  expect(sample.modulus).toHaveLength(512);
  expect(sample.notAfter.getUTCFullYear()).toBeGreaterThan(2100);
});

/** The verdict in the words of the vectors. Ignores age: their clock is years after most certificates were issued. */
function verdict(text: string, now: Date): string {
  try {
    const [problem] = checkDates(readCertificate(text, 'x'), 'x', now).filter(({ code }) => code !== 'CERT-OLD');
    return problem === undefined ? 'ok' : (words[problem.code] ?? problem.code);
  } catch (error) {
    return error instanceof Error && 'code' in error
      ? (words[String(error.code)] ?? String(error.code))
      : String(error);
  }
}

const words: Record<string, string> = {
  'CERT-EXPIRED': 'expired',
  'CERT-SOON': 'warn-expires-soon',
  'CERT-FUTURE': 'warn-not-yet-valid',
  'CERT-NOT-RSA': 'not-rsa',
  'CERT-NONE': 'no-certificate',
};

function pem(id: string): string {
  return [...keys.keys, ...keys.certs, ...more.certs].find((entry) => entry.id === id)?.certPem ?? '';
}

function fingerprint(id: string): string {
  return keys.keys.find((key) => key.id === id)?.certSha256Hex ?? '';
}
