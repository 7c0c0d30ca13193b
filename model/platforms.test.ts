import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { namedPlatform, stagingPlatform, testPlatform, wildcardPlatform } from '../testing/fixtures';
import unconfirmed from '../testing/fixtures/platforms/test-cluster';
import { problemsOf } from '../testing/problems';
import { platformFrom } from './platform';
import { pickPlatform, platformClashes, readPlatforms } from './platforms';

const externalDns = { zone: 'example.com', none: 'external-dns' };

test('names a platform after its file', () => {
  expect(platformFrom('my-cluster', unconfirmed)).toMatchObject({
    name: 'my-cluster',
    source: 'platforms/my-cluster.ts',
    retiredCertificates: [],
  });
});

test('suggests the path of a misplaced field before a similarly spelled one', () => {
  const fixes = (fields: object) => {
    const problems = platformFrom('test-cluster', { ...unconfirmed, ...fields });
    return 'name' in problems ? [] : problems.map(({ fix }) => fix);
  };
  expect(fixes({ ingress: {} })).toEqual(['write "ways.ingress"']);
  expect(fixes({ parentRefs: [] })).toEqual([expect.stringMatching(/^remove it; the fields are /)]);
  expect(fixes({ monitoring: { namespace: 'a', addres: 'b' } })).toEqual(['write "address"']);
});

test.each([
  ['a registry with a scheme', { registry: 'https://registry.example.com' }, 'registry'],
  ['a zone in capitals', { dns: { ...unconfirmed.dns, zone: 'Example.com' } }, 'dns.zone'],
  ['a folder that leaves the repository', { gitops: { repository: 'fleet', appsPath: '../apps' } }, 'gitops.appsPath'],
  ['a repository with a path', { gitops: { repository: '../fleet', appsPath: 'apps' } }, 'gitops.repository'],
  ['a repository with .git', { dns: { ...unconfirmed.dns, repository: 'fleet.git' } }, 'dns.repository'],
  ['a repository like a folder of dist/', { dns: { ...unconfirmed.dns, repository: 'tools' } }, 'dns.repository'],
  ['a repository like a file of dist/', { gitops: { repository: 'index.json', appsPath: 'a' } }, 'gitops.repository'],
  [
    'an ingress class that is not a name',
    { ways: { ingress: { ...unconfirmed.ways.ingress, className: 'Nginx 1' } } },
    'ways.ingress.className',
  ],
  ['a zone id with its braces', { dns: { ...unconfirmed.dns, zoneId: '$' + '{local.zone_id}' } }, 'dns.zoneId'],
  ['an unknown source of records', { dns: { zone: 'example.com', none: 'somebody' } }, 'dns.none'],
  ['a workspace beside a wildcard', { dns: { ...wildcardPlatform.dns, workspace: 'dns' } }, 'dns.workspace'],
  [
    'a Prometheus address with a password',
    { monitoring: { namespace: 'a', address: 'http://a:b@c:9090' } },
    'monitoring.address',
  ],
  [
    'an annotation prefix without a slash',
    { dns: { ...externalDns, annotationPrefix: 'example.com' } },
    'dns.annotationPrefix',
  ],
  ['a TTL of 0', { dns: { ...externalDns, ttl: 0 } }, 'dns.ttl'],
  [
    'a certificate outside platforms/certificates/',
    { certificate: { ...unconfirmed.certificate, file: 'x.pem' } },
    'certificate.file',
  ],
  ['a fingerprint with colons', { certificate: { ...unconfirmed.certificate, sha256: 'AA:BB' } }, 'certificate.sha256'],
  ['an unknown field', { clusterName: 'x' }, 'clusterName'],
])('rejects %s and reports its path', (_, fields, path) => {
  expect(platformFrom('test-cluster', { ...unconfirmed, ...fields })).toMatchObject([
    { code: 'PLATFORM-FIELD', file: 'platforms/test-cluster.ts', path },
  ]);
});

test.each([{ none: 'wildcard' }, { none: 'external-dns', ttl: 300, annotationPrefix: 'dns.example.com/' }])(
  'accepts a platform without a workspace: %p',
  (fields) => {
    const dns = { zone: 'example.com', ...fields };
    const platform = platformFrom('test-cluster', { ...unconfirmed, dns });
    expect(platform).toMatchObject({ dns });
    // Neither platform has a workspace, so they do not share one.
    const { certificate, gitops } = stagingPlatform;
    expect(platformClashes([{ ...wildcardPlatform, certificate, gitops }, Object(platform)])).toEqual([]);
  },
);

test('distinguishes a field of another variant from a typo', () => {
  const problemsWith = (fields: object) =>
    platformFrom('test-cluster', { ...unconfirmed, dns: { ...externalDns, ...fields } });
  expect(problemsWith({ zoneId: 'local.zone_id' })).toMatchObject([{ fix: expect.stringMatching(/^remove it: /) }]);
  expect(problemsWith({ annotationPrefx: 'a.example.com/' })).toMatchObject([{ fix: 'write "annotationPrefix"' }]);
});

test('reports all mistakes of a platform together', () => {
  expect(platformFrom('My Cluster', {})).toHaveLength(Object.keys(unconfirmed).length - 1 + 1);
});

test('rejects a repository without platforms and says how to add one', () => {
  const root = mkdtempSync(join(tmpdir(), 'platforms-'));
  expect(problemsOf(() => readPlatforms(root))).toMatchObject([
    { code: 'PLATFORM-UNKNOWN', fix: 'npm run new -- platform <cluster>' },
  ]);
});

test('requires --platform with several platforms, and suggests the probable name', () => {
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
    'write to one folder of a repository that differs in case',
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
  [
    'pin the same certificate',
    { certificate: { ...testPlatform.certificate, isSample: false } },
    ['certificate.sha256'],
  ],
])('rejects two platforms that %s', (_, fields, paths) => {
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

test('names the platform in the command that fetches its certificate', () => {
  const certificate = { ...testPlatform.certificate, isSample: false };
  const [first, second] = [
    { ...stagingPlatform, certificate, flag: ' --platform staging' },
    { ...testPlatform, certificate, flag: ' --platform test-cluster' },
  ];
  expect(platformClashes([first, second])).toMatchObject([
    { fix: expect.stringContaining('(npm run seal -- fetch-cert <url or file> --platform test-cluster)') },
  ]);
});

test('platforms may share repositories and the sample certificate', () => {
  expect(platformClashes([stagingPlatform, testPlatform])).toEqual([]);
});
