import fc from 'fast-check';
import { loadAll, YAML11_SCHEMA } from 'js-yaml';
import { identityOf, type Manifest } from '../../charts/render';
import type { Platform } from '../../model/platform';
import { stopOnErrors } from '../../model/problem';
import { nanoOf } from '../../model/quantity';
import { serverList } from '../../model/servers';
import type { Server } from '../../model/spec';
import { namedPlatform, stagingPlatform, testPlatform, testSealed, testWays } from '../../testing/fixtures';
import { problemsOf } from '../../testing/problems';
import { outputProblems } from '../rules/index';
import type { OutputFile } from '../rules/output-file';
import { outputFiles } from './output-files';

const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,60}[a-z0-9]$/);
const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  label,
  fc.constantFrom('yes', '1e3', '0x1f', '$' + '{A}', '$$' + '{A}', '$$', '$(PATH)', ' a'),
);
const quantity = fc.constantFrom('50m', '1', '128Mi', '1.5Gi', '200M', '64Ki', '100m', '131072k', '1K', 'lots');
const seldom = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 19, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
const often = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });

const entries = fc.record(
  {
    team: fc.oneof({ weight: 9, arbitrary: label }, { weight: 1, arbitrary: anyText }),
    image: fc.oneof(
      {
        weight: 9,
        arbitrary: fc
          .tuple(label, fc.constantFrom('1.0.1', 'v2.3.4-rc.1', `1.0.0-${'-.'.repeat(40)}x`, '0a1b2c3', 'latest', '1'))
          .map(([name, tag]) => `r.example.com/${name}:${tag}`),
      },
      { weight: 1, arbitrary: anyText },
    ),
    replicas: often(
      fc.oneof(
        fc.integer({ min: -1, max: 60 }),
        fc.record(
          {
            min: fc.integer({ min: 0, max: 5 }),
            max: fc.integer({ min: 0, max: 9 }),
            on: fc.constantFrom('cpu', 'calls'),
          },
          { requiredKeys: ['min', 'max'] },
        ),
      ),
    ),
    resources: often(
      fc.record({ requests: fc.record({ cpu: quantity, memory: quantity }), limits: fc.record({ memory: quantity }) }),
    ),
    host: often(
      fc.oneof(
        label.map((name) => `${name}.example.com`),
        fc.domain(),
        anyText,
      ),
    ),
    exposure: often(fc.constantFrom('public', 'internal')),
    runtime: often(fc.constantFrom('st-app', 'plain')),
    probes: often(fc.constantFrom('off', 'tcp', 'http')),
    env: often(fc.dictionary(fc.stringMatching(/^[A-Z][A-Z_]{0,12}$/), anyText, { maxKeys: 3 })),
    podLabels: seldom(fc.dictionary(label, fc.oneof(label, anyText), { maxKeys: 2 })),
    podAnnotations: seldom(fc.dictionary(label, anyText, { maxKeys: 2 })),
    nodeSelector: seldom(fc.dictionary(label, label, { maxKeys: 2 })),
    egress: seldom(
      fc.array(fc.record({ cidr: fc.constantFrom('10.0.0.0/8', '::/0', '10.0.0.1/8', 'x') }), { maxLength: 2 }),
    ),
    pod: seldom(
      fc.record({
        spec: fc.oneof(
          fc.record({ containers: fc.constant([{ name: 'worker', imagePullPolicy: 'Always' }]) }),
          fc.record({ containers: fc.array(fc.record({ name: anyText, image: anyText }), { maxLength: 2 }) }),
          fc.dictionary(fc.constantFrom('hostname', 'volumes', 'tolerations', 'nothing'), fc.jsonValue(), {
            maxKeys: 2,
          }),
        ),
      }),
    ),
    values: often(
      fc.dictionary(fc.constantFrom('podAnnotations', 'replicaCount', 'ingress', 'env', 'nothing'), fc.jsonValue(), {
        maxKeys: 2,
      }),
    ),
  },
  { requiredKeys: ['team', 'image'] },
);

const reserved = fc.constantFrom(
  ...['default', 'flux-system', 'kube-x', 'main', 'override', 'arcade', 'ingress', 'constructor', 'a'.repeat(53)],
);
const names = fc.oneof(
  { weight: 9, arbitrary: label },
  { weight: 1, arbitrary: anyText },
  { weight: 1, arbitrary: reserved },
);

const withBothWays: Platform = { ...stagingPlatform, ways: { ...testWays, active: 'gateway' } };

test('random declarations are rejected with a code or render valid objects', () => {
  let rendered = 0;
  fc.assert(
    fc.property(
      fc.uniqueArray(names, { minLength: 1, maxLength: 3 }),
      fc.infiniteStream(entries),
      fc.constantFrom([testPlatform], [withBothWays, namedPlatform]),
      (folders, fields, platforms) => {
        const declared = folders.map((name) => ({ name, entry: given(fields.next().value) }));
        const { servers, problems } = serverList(declared, platforms);
        expect(servers.length < declared.length * platforms.length).toBe(problems.length > 0);
        const files = servers.map((server) => filesOf(server, platforms));
        rendered += files.filter((own) => own.length > 0).length;
        const objects = files
          .flat()
          .flatMap(({ objects = [], platform }) => objects.map((object) => ({ object, platform })));
        for (const { object } of objects) expectValid(object);
        for (const file of files.flat()) expectSameInYaml11(file);
        expectDistinct(objects.map(({ object, platform }) => `${platform}/${identityOf(object)}`));
        expectDistinct(files.flat().flatMap(({ path }) => (path === 'topology.md' ? [] : [path])));
      },
    ),
    { numRuns: 200, seed: 20261123 },
  );
  expect(rendered).toBeGreaterThan(40);
});

function given(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** The files of a server; none when rendering rejects it. */
function filesOf(server: Server, platforms: readonly Platform[]): readonly OutputFile[] {
  let files: readonly OutputFile[] = [];
  const problems = problemsOf(() => {
    files = outputFiles([{ server, sealed: testSealed(server) }], platforms);
    stopOnErrors(outputProblems(files, [server]));
  });
  for (const { code } of problems) expect(foundByRendering).toContain(code);
  return problems.length > 0 ? [] : files;
}

/** The codes that rendering may still find after model/spec.ts has accepted a declaration. */
const foundByRendering = [
  ...[
    'SERVER-FIELD',
    'SUBSTITUTION',
    'BAD-VALUE',
    'NULL-VALUE',
    'UNKNOWN-VALUE',
    'UNMAPPED-FIELD',
    'SCHEMA',
    'RULE',
    'SECRET-LEAK',
    'POLICY',
    'HOST-MISMATCH',
  ],
];

/**
 * Expects names, namespaces and labels that Kubernetes 1.36 accepts, and the labels that select servers. The name of a Secret may be
 * longer than the others, up to 253.
 */
function expectValid({ kind, metadata: { name, namespace, labels = {} }, ...object }: Manifest): void {
  const isNamespace = kind === 'Namespace';
  const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
  expect(name).toMatch(kind === 'SealedSecret' ? /^[a-z0-9]([-a-z0-9]{0,251}[a-z0-9])?$/ : dnsLabel);
  expect(name).not.toMatch(/^(default|flux-system|kube-.*)$/);
  if (isNamespace) expect(namespace).toBeUndefined();
  else expect(namespace).toMatch(dnsLabel);
  const found = Object.keys(labels).filter((key) => !key.startsWith('pod-security.'));
  const standard = ['instance', 'managed-by', 'name', 'part-of', 'version'].map((key) => `app.kubernetes.io/${key}`);
  expect(found.sort()).toEqual([...standard, 'team']);
  for (const value of Object.values(labels)) expect(value).toMatch(/^([A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?)?$/);
  if (kind === 'Deployment') expectRequestsWithinLimits(object);
  // Helm limits release names to 53 characters.
  if (kind === 'HelmRelease') expect(JSON.stringify(object)).toMatch(/"releaseName":"[-a-z0-9]{1,53}"/);
}

/** An API server rejects a request above its limit. */
function expectRequestsWithinLimits(deployment: object): void {
  const [container] = Object(deployment).spec.template.spec.containers;
  const { requests, limits } = container.resources;
  for (const [name, limit] of Object.entries(limits)) {
    const [least, most] = [nanoOf(requests[name]), nanoOf(String(limit))];
    expect(least !== undefined && most !== undefined && 0n < least && least <= most).toBe(true);
  }
}

/** Flux reads YAML 1.1. */
function expectSameInYaml11({ text, objects }: OutputFile): void {
  if (objects !== undefined) expect(loadAll(text, null, { schema: YAML11_SCHEMA })).toEqual(objects);
}

function expectDistinct(names: readonly string[]): void {
  expect(names).toEqual([...new Set(names)]);
}
