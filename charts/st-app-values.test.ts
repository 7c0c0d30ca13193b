import { testSealed, testServer } from '../testing/fixtures';
import { problemsOf } from '../testing/problems';
import { render } from './render';

test('rejects an image digest with st-app', () => {
  const server = testServer({ image: `registry.example.com/test-server@sha256:${'a'.repeat(64)}` });
  expect(problemsOf(() => render(server, testSealed(server)))).toMatchObject([{ code: 'UNMAPPED-FIELD' }]);
});

test('merges extra values recursively', () => {
  const values = { ingress: { annotations: { 'Example.com/a_b.c': 'b' } }, resources: { limits: { cpu: '1' } } };
  const [, file] = render(testServer({ values }), testSealed(testServer()));
  expect(file?.objects[0]).toMatchObject({
    spec: {
      values: {
        ingress: { enabled: true, hosts: ['test-server.example.com'], annotations: { 'Example.com/a_b.c': 'b' } },
        resources: { limits: { cpu: '1', memory: '256Mi' }, requests: { cpu: '50m' } },
      },
    },
  });
});

test.each([
  ['an unknown key', { ingres: {} }, 'UNKNOWN-VALUE', 'write "ingress"'],
  [
    'an unknown key that resembles no other',
    { serviceAccount: {} },
    'UNKNOWN-VALUE',
    'the fields are autoscaling, env, envFrom',
  ],
  ['a key from another level', { ingress: { tag: '1' } }, 'UNKNOWN-VALUE', 'the fields are enabled, className, hosts'],
  ['an unknown nested key', { ingress: { clasName: 'x' } }, 'UNKNOWN-VALUE', 'className'],
  ['a known key with a value of another type', { service: { internalPort: '80' } }, 'UNKNOWN-VALUE', 'st-app-values'],
  ['null', { podAnnotations: { a: null } }, 'NULL-VALUE', 'valuesFrom'],
  ['a date', { podAnnotations: { a: new Date(0) } }, 'BAD-VALUE', 'text'],
  ['not a number', { replicaCount: Number.NaN }, 'BAD-VALUE', 'number'],
  ['an invalid annotation key', { podAnnotations: { 'a b': 'x' } }, 'BAD-VALUE', 'such as example.com/reason'],
  ['two prefixes', { ingress: { annotations: { 'a/b/c': 'x' } } }, 'BAD-VALUE', 'such as example.com/reason'],
  ['an unknown pull policy', { image: { pullPolicy: 'Sometimes' } }, 'UNKNOWN-VALUE', 'st-app-values'],
  ['an invalid number of seconds', { readinessProbe: { periodSeconds: '5s' } }, 'UNKNOWN-VALUE', 'st-app-values'],
  ['text that Flux would replace', { podAnnotations: { a: 'x$' + '{HOME}' } }, 'SUBSTITUTION', 'dollar'],
])('rejects extra values with %s, with the fix', (_, values, code, fix) => {
  const server = testServer({ values });
  expect(problemsOf(() => render(server, testSealed(server)))).toMatchObject([
    { code, fix: expect.stringContaining(fix), path: expect.stringMatching(/^values/) },
  ]);
});

const rangeOf = { min: 2, max: 5 };

test.each([
  ['a variable', { env: [{ name: 'EXTRA', value: 'x' }] }, {}, 'env', 'the field env'],
  ['no secret', { envFrom: [] }, {}, 'envFrom', 'the field secrets'],
  ['another port', { service: { internalPort: 9000 } }, {}, 'service.internalPort', 'remove it'],
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
])('extra values cannot override what is decided elsewhere: %s', (_, values, fields, path, fix) => {
  const server = testServer({ ...fields, values });
  expect(problemsOf(() => render(server, testSealed(server)))).toMatchObject([
    { code: 'SERVER-FIELD', path: `values.${path}`, fix: expect.stringContaining(fix) },
  ]);
});

test('extra values can override only three values of the chart', () => {
  const changed: string[] = [];
  const server = { ...testServer({ resources: withCpuLimit }), call: { timeoutSeconds: 300, retries: 0, asks: false } };
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
  ['half a device', { limits: { 'example.com/gpu': '0.5' } }, 'limits.example.com/gpu', 'write a count'],
])('checks resources among the extra values like those of the field: %s', (_, resources, path, fix) => {
  const server = testServer({ values: { resources } });
  expect(problemsOf(() => render(server, testSealed(server)))).toMatchObject([
    { code: 'SERVER-FIELD', path: `values.resources.${path}`, fix: expect.stringContaining(fix) },
  ]);
});

const withCpuLimit = { requests: { cpu: '50m', memory: '128Mi' }, limits: { cpu: '1', memory: '256Mi' } };

/** The paths of all leaves of a value. */
function pathsIn(value: unknown, above: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [above];
  return Object.entries(value).flatMap(([key, member]) => pathsIn(member, [...above, key]));
}

/** A valid value for a path of the chart's values that differs from the rendered one. */
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
