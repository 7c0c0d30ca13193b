import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import unconfirmed from '../testing/fixtures/platforms/test-cluster';
import { problemsOf } from '../testing/problems';
import { platformFrom } from './platform';
import { readPlatform } from './platforms';

test('a platform is known by the name of its file', () => {
  expect(platformFrom('my-cluster', unconfirmed)).toMatchObject({
    name: 'my-cluster',
    source: 'platforms/my-cluster.ts',
    retiredCertificates: [],
  });
});

test.each([
  ['a registry with a scheme', { registry: 'https://registry.example.com' }, 'registry'],
  ['a zone in capitals', { dns: { ...unconfirmed.dns, zone: 'Example.com' } }, 'dns.zone'],
  ['a folder that leaves the repository', { gitops: { repository: 'fleet', appsPath: '../apps' } }, 'gitops.appsPath'],
  ['a certificate elsewhere', { certificate: { ...unconfirmed.certificate, file: 'x.pem' } }, 'certificate.file'],
  ['a fingerprint with colons', { certificate: { ...unconfirmed.certificate, sha256: 'AA:BB' } }, 'certificate.sha256'],
  ['a field that is not there', { clusterName: 'x' }, 'clusterName'],
])('%s is refused with its place', (_, fields, path) => {
  expect(platformFrom('test-cluster', { ...unconfirmed, ...fields })).toMatchObject([
    { code: 'PLATFORM-FIELD', file: 'platforms/test-cluster.ts', path },
  ]);
});

test('every mistake of a platform is reported at once', () => {
  expect(platformFrom('My Cluster', {})).toHaveLength(Object.keys(unconfirmed).length - 1 + 1);
});

test('no platform, and more than one, are refused with what to do', () => {
  const root = mkdtempSync(join(tmpdir(), 'platforms-'));
  const problem = () => problemsOf(() => readPlatform(root))[0];
  expect(problem()).toMatchObject({ code: 'PLATFORM-UNKNOWN', fix: 'npm run new -- platform <cluster>' });
  mkdirSync(join(root, 'platforms'));
  for (const name of ['a', 'b']) writeFileSync(join(root, 'platforms', `${name}.ts`), '');
  expect(problem()).toMatchObject({ code: 'PLATFORM-UNKNOWN', message: expect.stringContaining('a, b') });
});
