import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { runInNewContext } from 'node:vm';
import { platformFrom } from '../../model/platform';
import type { Problem } from '../../model/problem';
import { acmeFacts as given, testPlatform } from '../../testing/fixtures';
import { problemsOf } from '../../testing/problems';
import { emptyRepository } from '../../testing/repository-copy';
import { askedFacts } from './ask';
import { allFacts, type GivenFacts, newPlatform } from './platform';

const root = emptyRepository();
const now = new Date('2027-01-01');

test('derives a platform from five facts, and pins the given certificate or the sample by its SHA-256', async () => {
  const { files: sample } = newPlatform(root, 'acme', await allFacts(given), { now });
  // The test platform has the same sample.
  expect([...sample.keys()]).toEqual(['platforms/acme.ts']);
  const text = sample.get('platforms/acme.ts') ?? '';
  for (const part of [
    "gitops: { repository: 'acme-fleet', appsPath: 'apps/mcp' }",
    'isSample: true',
    "annotationDomain: 'mcp.acme.example'",
    "workspace: 'confirm-workspace'",
  ]) {
    expect(text).toContain(part);
  }
  const pem = readFileSync(join(root, testPlatform.certificate.file), 'utf8');
  writeFileSync(join(root, 'cluster.pem'), `Bag attributes\n${pem}`);
  const { files: pinned } = newPlatform(root, 'acme', await allFacts(given), { pem: join(root, 'cluster.pem'), now });
  expect(pinned.get('platforms/certificates/acme.pem')).toBe(pem);
  expect(pinned.get('platforms/acme.ts')).toContain(
    `sha256: '${testPlatform.certificate.sha256}',\n    isSample: false`,
  );
  const chart = {
    'chart-name': 'st-app',
    'chart-version': '1.0.0',
    'chart-source-kind': 'Bucket',
    'chart-source-name': 'c',
    'chart-source-namespace': 'n',
  };
  expect(
    newPlatform(root, 'acme', await allFacts({ ...given, ...chart }), { now }).files.get('platforms/acme.ts'),
  ).toContain("source: { kind: 'Bucket', name: 'c', namespace: 'n' }");
});

test('a platform without our own records needs no DNS workspace', async () => {
  const { 'dns-repository': _, ...others } = given;
  const all = await allFacts({ ...others, 'dns-none': 'external-dns', 'ingress-address': '192.0.2.1' });
  const text = newPlatform(root, 'acme', all, { now }).files.get('platforms/acme.ts');
  expect(text).toContain("dns: { zone: 'acme.example', none: 'external-dns' }");
  const both = await allFacts({ ...given, 'dns-none': 'wildcard' });
  expect(problemsOf(() => newPlatform(root, 'acme', both, { now }))).toMatchObject([
    { code: 'PLATFORM-FIELD', message: expect.stringContaining('dns.repository') },
  ]);
});

test('a platform without sealed secrets needs no certificate, and reports missing facts of its store', async () => {
  const started = async (facts: object, pem?: string) =>
    newPlatform(root, 'acme', await allFacts({ ...given, ...facts }), { pem, now });
  const store = {
    secrets: 'external',
    'secret-store': 'vault',
    'secret-key': 'mcp-{server}',
    'secret-property': '{name}',
  };
  const { files } = await started(store);
  expect([...files.keys()]).toEqual(['platforms/acme.ts']);
  const text = files.get('platforms/acme.ts') ?? '';
  expect(text).toMatch(/secrets: \{\s+kind: 'external',\s+store: \{ kind: 'ClusterSecretStore', name: 'vault' \},/);
  expect(text).toMatch(/key: 'mcp-\{server\}',\s+property: '\{name\}',\s+refresh: '1h',/);
  expect(text).not.toContain('certificate');
  const existing = (await started({ secrets: 'existing' })).files.get('platforms/acme.ts');
  expect(existing).toContain("secrets: { kind: 'existing', name: '{server}-worker-secret' }");
  expect((await started({ secrets: 'sealed' })).files.get('platforms/acme.ts')).not.toContain('secrets');
  const wrong = async (facts: object, pem?: string) => {
    const all = await allFacts({ ...given, ...facts });
    return problemsOf(() => newPlatform(root, 'acme', all, { pem, now }));
  };
  const fixesOf = (problems: readonly Problem[]) => problems.map(({ fix }) => fix);
  expect(fixesOf(await wrong({ secrets: 'external' }))).toEqual([
    expect.stringMatching(/^--secret-store <.*> --secret-store-kind/),
    expect.stringMatching(/^--secret-key/),
  ]);
  expect(fixesOf(await wrong({ secrets: 'vault' }))).toEqual([expect.stringMatching(/^--secrets </)]);
  expect(fixesOf(await wrong({ ...store, 'secret-refresh': 'often' }))).toEqual([
    expect.stringMatching(/^--secret-refresh/),
  ]);
  expect(await wrong(store, join(root, 'nowhere.pem'))).toMatchObject([
    { code: 'USAGE', message: expect.stringContaining('--certificate: nothing is sealed') },
  ]);
});

test('reports every problem of a platform together, with the flags that fix it', async () => {
  const wrong = async (name: string, facts: object, pem?: string, time = now): Promise<readonly Problem[]> => {
    const all = await allFacts(facts);
    return problemsOf(() => newPlatform(root, name, all, { pem, now: time }));
  };
  const problems = await wrong('Acme', { 'chart-name': 'st-app', 'apps-path': '../up' });
  expect(problems.map(({ fix }) => /^--[a-z-]+|.*/.exec(fix)?.[0]).sort()).toEqual([
    ...['--apps-path', '--chart-source-kind', '--chart-version', '--dns-repository', '--gitops-repository'],
    ...['--ingress-address', '--registry', '--zone', 'choose another name'],
  ]);
  const required = ['registry', 'zone', 'gitops-repository', 'dns-repository', 'ingress-address'];
  expect((await wrong('acme', {})).map(({ message }) => message).sort()).toEqual(
    required.map((flag) => `Cannot create the platform: ${flag} is missing`).sort(),
  );
  expect(await wrong('acme', { ...given, registry: '' })).toMatchObject([
    {
      message: expect.stringContaining('Cannot use registry "": is not a registry'),
      fix: expect.stringMatching(/^--registry/),
    },
  ]);
  expect(await wrong('acme', { ...given, 'ingress-address': '10.0.0.1' })).toMatchObject([
    { code: 'DNS-TARGET', fix: expect.stringMatching(/^--ingress-address/) },
  ]);
  expect(await wrong('acme', given, join(root, 'nowhere.pem'))).toMatchObject([{ code: 'CERT-NONE' }]);
  expect(await wrong('acme', given, join(root, 'package.json'))).toMatchObject([{ code: 'CERT-NONE' }]);
  expect(await wrong('acme', given, undefined, new Date('2200-01-01'))).toMatchObject([{ code: 'CERT-EXPIRED' }]);
});

test('rejects a platform with the name or the folders of another', async () => {
  const beside = async (name: string, facts: object) => {
    const all = await allFacts({ ...given, ...facts });
    return problemsOf(() => newPlatform(root, name, all, { others: [testPlatform], now }));
  };
  const theirs = { 'gitops-repository': 'fleet', 'dns-repository': 'dns-workspaces' };
  expect(await beside('acme', { ...theirs, workspace: 'dns/example' })).toMatchObject([
    { code: 'PLATFORM-CLASH', fix: expect.stringMatching(/^--apps-path/) },
    { code: 'PLATFORM-CLASH', fix: expect.stringMatching(/^--workspace/) },
  ]);
  expect(await beside('test-cluster', {})).toMatchObject([{ code: 'NAME-TAKEN' }]);
  expect(await beside('acme', { ...theirs, 'apps-path': 'acme/mcp' })).toEqual([]);
});

test('asks for facts while a required one is missing, accepts defaults, and stops at the end of input', async () => {
  const terminal = () => ({ input: new PassThrough(), output: new PassThrough() });
  const complete = terminal();
  expect(await askedFacts(given, complete.input, complete.output)).toMatchObject({ ...given, 'apps-path': 'apps/mcp' });
  expect(complete.output.read()).toBeNull();
  const { input, output } = terminal();
  const { zone: _, ...rest } = given;
  const asked: string[] = [];
  output.on('data', (question) => {
    asked.push(String(question));
    input.write(/^zone .* is required: $/.test(String(question)) ? 'acme.example\n' : '\n');
  });
  const answers = await askedFacts(rest, input, output);
  expect(answers).toMatchObject({ ...given, 'annotation-domain': 'mcp.acme.example', tool: 'mcp-servers' });
  expect(asked.slice(0, 2)).toEqual([
    'zone (public DNS zone, such as example.com): ',
    'zone (public DNS zone, such as example.com) is required: ',
  ]);
  expect(asked).toContain('annotation-domain (domain of annotations) [mcp.acme.example]: ');
  expect(asked.join()).not.toMatch(/^registry|chart/);
  const ended = terminal();
  const answering = askedFacts({}, ended.input, ended.output);
  ended.input.end();
  await expect(answering).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringContaining('nothing was written'),
  });
});

test('declares the namespace and the label of Prometheus when monitoring is given', async () => {
  const started = async (facts: object) => newPlatform(root, 'acme', await allFacts({ ...given, ...facts }), { now });
  const { platform } = await started({ 'monitoring-namespace': 'monitoring', 'monitoring-release': 'prometheus' });
  expect(platform.monitoring).toMatchObject({ namespace: 'monitoring', labels: { release: 'prometheus' } });
  expect((await started({})).files.get('platforms/acme.ts')).not.toContain('monitoring');
});

const chart = { 'chart-name': 'c', 'chart-version': '1.0.0', 'chart-source-name': 'c', 'chart-source-namespace': 'n' };

test.each<[string, GivenFacts]>([
  ['five facts', {}],
  ['a Gateway beside an ingress', { gateway: 'infra/public/https', 'gateway-address': 'gateway.acme.example' }],
  ['a class with annotations', { 'ingress-class': 'traefik' }],
  ['a store', { secrets: 'external', 'secret-store': 'vault', 'secret-key': 'mcp/{server}/{name}' }],
  ['existing Secrets', { secrets: 'existing' }],
  ['metrics', { 'monitoring-namespace': 'monitoring' }],
  ['metrics of a release', { 'monitoring-namespace': 'monitoring', 'monitoring-release': 'prometheus' }],
  ['names from external-dns', { 'dns-none': 'external-dns', 'dns-repository': undefined }],
  ['a chart', { ...chart, 'chart-source-kind': 'HelmRepository' }],
])('the written declaration with %s evaluates to the checked platform', async (_, facts) => {
  const { files, platform } = newPlatform(root, 'acme', await allFacts({ ...given, ...facts }), { now });
  const written = files
    .get(platform.source)
    ?.replace(/^import .*$/m, '')
    .replace('export default definePlatform', '');
  const entry: unknown = runInNewContext(written?.trim().replace(/;$/, '') ?? '');
  expect(platformFrom('acme', JSON.parse(JSON.stringify(entry)))).toEqual(platform);
});
