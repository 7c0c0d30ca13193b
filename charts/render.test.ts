import { joinEnvelope } from '../model/envelope';
import type { Ciphertext } from '../model/sealed';
import { testSealed, testServer } from '../testing/fixtures';
import { problemsOf } from '../testing/problems';
import { contract } from '../worker/contract';
import { render } from './render';

// The whole text, as a reviewer reads it. The server is made up, so that adding a real one changes nothing here.
describe.each(['st-app', 'plain'] as const)('the runtime %s', (runtime) => {
  test.each(['public', 'internal'] as const)('renders a server that is %s', (exposure) => {
    const server = testServer({ runtime, exposure, env: { LOG_LEVEL: 'info' } });
    expect(textOf(render(server, testSealed(server)))).toMatchSnapshot();
  });

  test('renders an autoscaler when a range is given', () => {
    const server = testServer({ runtime, replicas: { min: 2, max: 5 } });
    const [, file] = render(server, testSealed(server));
    expect(file?.text).toMatchSnapshot();
  });
});

test.each(['st-app', 'plain'] as const)(
  'with %s another value is another Secret, which the pods ask for',
  (runtime) => {
    const server = testServer({ runtime });
    const rendered = (fields: Parameters<typeof testSealed>[1]) => render(server, testSealed(server, fields));
    const usual = rendered({});
    expect(rendered({ sealedOn: '2026-02-02', certSha256: '1'.repeat(64) })).toEqual(usual);
    // Made by joinEnvelope, as the fixture's own.
    const ciphertext = joinEnvelope({ wrappedKey: Buffer.alloc(256, 1), aesPart: Buffer.alloc(20, 3) }) as Ciphertext;
    const names = [usual, rendered({ ciphertext })].map(([, workload, secret]) => {
      const name = secret?.objects[0]?.metadata.name ?? '';
      expect(name).toMatch(/^made-up-worker-secret-[0-9a-f]{10}$/);
      expect(secret?.text.split(`name: ${name}\n`)).toHaveLength(3);
      expect(workload?.text.split(`name: ${name}\n`)).toHaveLength(2);
      return name;
    });
    expect(new Set(names).size).toBe(2);
  },
);

test('the scope stands on the SealedSecret and, alike, on its template', () => {
  const server = testServer();
  const [, , file] = render(server, testSealed(server, { scope: 'cluster-wide' }));
  expect(file?.text.match(/sealedsecrets\.bitnami\.com\/cluster-wide: 'true'/g)).toHaveLength(2);
});

test.each([
  ['plain', 30, '90'],
  ['plain', 61, '91'],
  ['plain', 300, '330'],
  ['st-app', 30, undefined],
  ['st-app', 31, '90'],
  ['st-app', 300, '330'],
] as const)('with %s the ingress waits longer than the slowest tool: %i s, %s', (runtime, timeoutSeconds, seconds) => {
  const server = { ...testServer({ runtime }), call: { timeoutSeconds, retries: 0 } };
  const [, file] = render(server, testSealed(server));
  const found = ['read', 'send'].map(
    (way) => new RegExp(`proxy-${way}-timeout: "?'?(\\d+)`).exec(file?.text ?? '')?.[1],
  );
  expect(found).toEqual([seconds, seconds]);
});

test('several replicas are spread over nodes and drained one at a time', () => {
  const server = testServer({ runtime: 'plain', replicas: 3 });
  const [, file] = render(server, testSealed(server));
  expect(file?.objects.map(({ kind }) => kind)).toContain('PodDisruptionBudget');
  expect(file?.text).toContain('topologySpreadConstraints');
});

test('one replica has no disruption budget, which would block every drain of its node', () => {
  const server = testServer({ runtime: 'plain' });
  const [, file] = render(server, testSealed(server));
  expect(file?.objects.map(({ kind }) => kind)).not.toContain('PodDisruptionBudget');
});

test('a longer grace than the worker needs to stop, so that no call is cut', () => {
  const server = testServer({ runtime: 'plain' });
  const [, file] = render(server, testSealed(server));
  const seconds = Number(/terminationGracePeriodSeconds: (\d+)/.exec(file?.text ?? '')?.[1]);
  expect(seconds).toBeGreaterThan(contract.drainSeconds + contract.stopSeconds);
});

test('the chart gets the digest of nobody: a digest with st-app is refused', () => {
  const server = testServer({ image: `registry.example.com/made-up@sha256:${'a'.repeat(64)}` });
  expect(problemsOf(() => render(server, testSealed(server)))).toMatchObject([{ code: 'UNMAPPED-FIELD' }]);
});

test('extra values are added member by member', () => {
  const values = { ingress: { annotations: { a: 'b' } }, resources: { limits: { cpu: '1' } } };
  const [, file] = render(testServer({ values }), testSealed(testServer()));
  expect(file?.objects[0]).toMatchObject({
    spec: {
      values: {
        ingress: { enabled: true, hosts: ['made-up.example.com'], annotations: { a: 'b' } },
        resources: { limits: { cpu: '1', memory: '256Mi' }, requests: { cpu: '50m' } },
      },
    },
  });
});

test.each([
  ['an unknown key', { ingres: {} }, 'UNKNOWN-VALUE', 'write "ingress"'],
  [
    'a key that is none and like none',
    { serviceAccount: {} },
    'UNKNOWN-VALUE',
    'the fields are autoscaling, env, envFrom',
  ],
  ['a key of another place', { ingress: { tag: '1' } }, 'UNKNOWN-VALUE', 'the fields are enabled, className, hosts'],
  ['an unknown key inside', { ingress: { clasName: 'x' } }, 'UNKNOWN-VALUE', 'className'],
  ['a key that is there and not of this form', { service: { internalPort: '80' } }, 'UNKNOWN-VALUE', 'st-app-values'],
  ['null', { podAnnotations: { a: null } }, 'NULL-VALUE', 'valuesFrom'],
  ['a date', { podAnnotations: { a: new Date(0) } }, 'BAD-VALUE', 'text'],
  ['not a number', { replicaCount: Number.NaN }, 'BAD-VALUE', 'number'],
  ['text that Flux would replace', { podAnnotations: { a: 'x$' + '{HOME}' } }, 'SUBSTITUTION', 'dollar'],
])('extra values with %s are refused with the way to mend them', (_, values, code, fix) => {
  const server = testServer({ values });
  expect(problemsOf(() => render(server, testSealed(server)))).toMatchObject([
    { code, fix: expect.stringContaining(fix), path: expect.stringMatching(/^values/) },
  ]);
});

const rangeOf = { min: 2, max: 5 };

test.each([
  ['a variable', { env: [{ name: 'EXTRA', value: 'x' }] }, {}, 'env', 'the field env'],
  ['no secret', { envFrom: [] }, {}, 'envFrom', 'the field secrets'],
  ['another port', { service: { internalPort: 9000 } }, {}, 'service.internalPort', 'take it out'],
  ['no ingress', { ingress: { enabled: false } }, {}, 'ingress.enabled', 'the field exposure'],
  ['another class', { ingress: { className: 'other' } }, {}, 'ingress.className', 'platforms/test-cluster.ts'],
  ['another tag', { image: { tag: '2.0.0' } }, {}, 'image.tag', 'the field image'],
  ['a number beside a range', { replicaCount: 3 }, { replicas: rangeOf }, 'replicaCount', 'the field replicas'],
  ['a number beside a number', { replicaCount: 3 }, { replicas: 2 }, 'replicaCount', 'the field replicas'],
  [
    'a range beside a number',
    { autoscaling: { enabled: true, minReplicas: 2, maxReplicas: 5, targetCPUUtilizationPercentage: 70 } },
    {},
    'autoscaling',
    'the field replicas',
  ],
  [
    'a range beside a range',
    { autoscaling: { maxReplicas: 9 } },
    { replicas: rangeOf },
    'autoscaling.maxReplicas',
    'the field replicas',
  ],
  ['a probe', { livenessProbe: { enabled: true } }, {}, 'livenessProbe.enabled', 'the field probes'],
  ['a second way to probe', { readinessProbe: { exec: {} } }, {}, 'readinessProbe.exec', 'the field probes'],
  ['other memory', { resources: { limits: { memory: '1Gi' } } }, {}, 'resources.limits.memory', 'the field resources'],
])('extra values cannot undo what is decided elsewhere: %s', (_, values, fields, path, fix) => {
  const server = testServer({ ...fields, values });
  expect(problemsOf(() => render(server, testSealed(server)))).toMatchObject([
    { code: 'SERVER-FIELD', path: `values.${path}`, fix: expect.stringContaining(fix) },
  ]);
});

test('there is no value of the chart that extra values can replace, but three', () => {
  const changed: string[] = [];
  const server = { ...testServer({ resources: withCpuLimit }), call: { timeoutSeconds: 300, retries: 0 } };
  for (const each of [server, { ...server, replicas: rangeOf }, { ...server, probes: 'http' as const }]) {
    const [, file] = render(each, testSealed(each));
    for (const path of pathsIn(Reflect.get(Object(file?.objects[0]).spec, 'values'))) {
      const values = path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), other(path, each));
      const found = problemsOf(() => render({ ...each, values: Object(values) }, testSealed(each)));
      if (found.length === 0) changed.push(path.join('.'));
    }
  }
  expect([...new Set(changed)]).toEqual([
    'ingress.hosts',
    'oAuth.enabled',
    'autoscaling.targetCPUUtilizationPercentage',
  ]);
});

test.each([
  ['memory in thousandths', { limits: { 'ephemeral-storage': '512m' } }, 'limits.ephemeral-storage', 'write "512Mi"'],
  ['a CPU limit in bytes', { limits: { cpu: '1Gi' } }, 'limits.cpu', 'write cores'],
  ['a CPU limit below the request', { limits: { cpu: '10m' } }, 'requests.cpu', 'raise the limit'],
  ['half a device', { limits: { 'example.com/gpu': '0.5' } }, 'limits.example.com/gpu', 'write how many'],
])('resources among the extra values are read like those of the field: %s', (_, resources, path, fix) => {
  const server = testServer({ values: { resources } });
  expect(problemsOf(() => render(server, testSealed(server)))).toMatchObject([
    { code: 'SERVER-FIELD', path: `values.resources.${path}`, fix: expect.stringContaining(fix) },
  ]);
});

const withCpuLimit = { requests: { cpu: '50m', memory: '128Mi' }, limits: { cpu: '1', memory: '256Mi' } };

/** The path of everything in a value that is no object. */
function pathsIn(value: unknown, above: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [above];
  return Object.entries(value).flatMap(([key, member]) => pathsIn(member, [...above, key]));
}

/** A value that may stand at a path of the chart's values, and is another than the one that stands there. */
function other(path: readonly string[], { isPublic }: { readonly isPublic: boolean }): unknown {
  const name = path.join('.');
  if (name === 'env') return [{ name: 'OTHER', value: 'x' }];
  if (name === 'envFrom') return [];
  if (name === 'ingress.hosts') return ['other.example.com'];
  if (/enabled$/.test(name)) return name.startsWith('ingress') ? !isPublic : true;
  if (/memory$/.test(name)) return '200Mi';
  if (/cpu$/.test(name)) return '70m';
  if (/(port|internalPort|Replicas|replicaCount|Percentage)$/.test(name)) return 7;
  return 'other';
}

function textOf(files: ReturnType<typeof render>): string {
  return files.map(({ name, text }) => `=== ${name}\n${text}`).join('');
}
