import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { namedPlatform, stagingPlatform, testPlatform, wildcardPlatform } from '../testing/fixtures';
import unconfirmed from '../testing/fixtures/platforms/test-cluster';
import { problemsOf } from '../testing/problems';
import { platformFrom } from './platform';
import { platformClashes, pickPlatform, readPlatforms } from './platforms';

const externalDns = { zone: 'example.com', none: 'external-dns' };

test('a platform is known by the name of its file', () => {
  expect(platformFrom('my-cluster', unconfirmed)).toMatchObject({
    name: 'my-cluster',
    source: 'platforms/my-cluster.ts',
    retiredCertificates: [],
  });
});

test('a field that lies in another is told with its place, before one that is spelt alike', () => {
  const fixes = (fields: object) => {
    const problems = platformFrom('test-cluster', { ...unconfirmed, ...fields });
    return 'name' in problems ? [] : problems.map(({ fix }) => fix);
  };
  expect(fixes({ ingress: {} })).toEqual(['write "ways.ingress"']);
  expect(fixes({ parentRefs: [] })).toEqual([expect.stringMatching(/^take it out; the fields are /)]);
  expect(fixes({ monitoring: { namespace: 'a', addres: 'b' } })).toEqual(['write "address"']);
});

test.each([
  ['a registry with a scheme', { registry: 'https://registry.example.com' }, 'registry'],
  ['a zone in capitals', { dns: { ...unconfirmed.dns, zone: 'Example.com' } }, 'dns.zone'],
  ['a folder that leaves the repository', { gitops: { repository: 'fleet', appsPath: '../apps' } }, 'gitops.appsPath'],
  ['a repository with a path', { gitops: { repository: '../fleet', appsPath: 'apps' } }, 'gitops.repository'],
  ['a repository as its address ends', { dns: { ...unconfirmed.dns, repository: 'fleet.git' } }, 'dns.repository'],
  ['a repository like a folder of dist/', { dns: { ...unconfirmed.dns, repository: 'tools' } }, 'dns.repository'],
  ['a repository like a file of dist/', { gitops: { repository: 'index.json', appsPath: 'a' } }, 'gitops.repository'],
  [
    'an ingress class that is no name',
    { ways: { ingress: { ...unconfirmed.ways.ingress, className: 'Nginx 1' } } },
    'ways.ingress.className',
  ],
  ['a zone id with its braces', { dns: { ...unconfirmed.dns, zoneId: '$' + '{local.zone_id}' } }, 'dns.zoneId'],
  ['a name that nothing gives', { dns: { zone: 'example.com', none: 'somebody' } }, 'dns.none'],
  ['a workspace where there is none', { dns: { ...wildcardPlatform.dns, workspace: 'dns' } }, 'dns.workspace'],
  ['a password of Prometheus', { monitoring: { namespace: 'a', address: 'http://a:b@c:9090' } }, 'monitoring.address'],
  ['a prefix without its end', { dns: { ...externalDns, annotationPrefix: 'example.com' } }, 'dns.annotationPrefix'],
  ['a record that is kept for no time', { dns: { ...externalDns, ttl: 0 } }, 'dns.ttl'],
  ['a certificate elsewhere', { certificate: { ...unconfirmed.certificate, file: 'x.pem' } }, 'certificate.file'],
  ['a fingerprint with colons', { certificate: { ...unconfirmed.certificate, sha256: 'AA:BB' } }, 'certificate.sha256'],
  ['a field that is not there', { clusterName: 'x' }, 'clusterName'],
])('%s is refused with its place', (_, fields, path) => {
  expect(platformFrom('test-cluster', { ...unconfirmed, ...fields })).toMatchObject([
    { code: 'PLATFORM-FIELD', file: 'platforms/test-cluster.ts', path },
  ]);
});

test.each([{ none: 'wildcard' }, { none: 'external-dns', ttl: 300, annotationPrefix: 'dns.example.com/' }])(
  'a platform may have no records of its own: %p',
  (fields) => {
    const dns = { zone: 'example.com', ...fields };
    const platform = platformFrom('test-cluster', { ...unconfirmed, dns });
    expect(platform).toMatchObject({ dns });
    // Both platforms have no workspace, and share none.
    const { certificate, gitops } = stagingPlatform;
    expect(platformClashes([{ ...wildcardPlatform, certificate, gitops }, Object(platform)])).toEqual([]);
  },
);

test('a field of the other form is not taken for a typo, and a typo is', () => {
  const problemsWith = (fields: object) =>
    platformFrom('test-cluster', { ...unconfirmed, dns: { ...externalDns, ...fields } });
  expect(problemsWith({ zoneId: 'local.zone_id' })).toMatchObject([{ fix: expect.stringMatching(/^take it out: /) }]);
  expect(problemsWith({ annotationPrefx: 'a.example.com/' })).toMatchObject([{ fix: 'write "annotationPrefix"' }]);
});

test('every mistake of a platform is reported at once', () => {
  expect(platformFrom('My Cluster', {})).toHaveLength(Object.keys(unconfirmed).length - 1 + 1);
});

test('no platform is refused with what to do', () => {
  const root = mkdtempSync(join(tmpdir(), 'platforms-'));
  expect(problemsOf(() => readPlatforms(root))).toMatchObject([
    { code: 'PLATFORM-UNKNOWN', fix: 'npm run new -- platform <cluster>' },
  ]);
});

test('a platform is named where there are several, and the one that was probably meant is told', () => {
  expect(pickPlatform([testPlatform], undefined)).toBe(testPlatform);
  const both = [stagingPlatform, namedPlatform];
  expect(pickPlatform(both, 'staging')).toBe(stagingPlatform);
  const problem = (name?: string) => problemsOf(() => pickPlatform(both, name));
  expect(problem()).toMatchObject([
    { code: 'PLATFORM-UNKNOWN', fix: 'name one: --platform staging, or --platform test-cluster' },
  ]);
  expect(problem('stagin')).toMatchObject([{ code: 'PLATFORM-UNKNOWN', fix: 'write "staging"' }]);
  expect(problem('')).toMatchObject([{ fix: 'choose one of: staging, test-cluster' }]);
});

test.each([
  ['write to one folder', { gitops: stagingPlatform.gitops }, ['gitops.appsPath']],
  [
    'write to one folder of a repository in other letters',
    { gitops: { ...stagingPlatform.gitops, repository: 'Fleet' } },
    ['gitops.appsPath'],
  ],
  ['write into the folder of another', { gitops: { repository: 'fleet', appsPath: 'staging' } }, ['gitops.appsPath']],
  [
    'write to one folder as records and as manifests',
    { gitops: { repository: 'dns-workspaces', appsPath: 'dns' } },
    ['gitops.appsPath'],
  ],
  ['share a DNS workspace', { dns: { ...testPlatform.dns, workspace: 'dns/staging' } }, ['dns.workspace']],
  ['are one cluster', { certificate: { ...testPlatform.certificate, isSample: false } }, ['certificate.sha256']],
])('two platforms that %s are refused', (_, fields, paths) => {
  const certificate = { ...stagingPlatform.certificate, isSample: !('certificate' in fields) };
  const problems = platformClashes([
    { ...stagingPlatform, certificate },
    { ...testPlatform, ...fields },
  ]);
  expect(problems.map(({ code, file, path }) => [code, file, path])).toEqual(
    paths.map((path) => ['PLATFORM-CLASH', testPlatform.source, path]),
  );
  expect(problems[0]?.message).toContain('"staging"');
});

test('platforms share repositories and the sample certificate', () => {
  expect(platformClashes([stagingPlatform, testPlatform])).toEqual([]);
});
