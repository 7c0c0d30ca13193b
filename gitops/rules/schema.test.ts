import { render } from '../../charts/render';
import schemas from '../../imports/schemas.json';
import { at, isRecord } from '../../model/json';
import { testSealed, testServer } from '../../testing/fixtures';
import { schema } from './schema';

const range = { min: 2, max: 4 };
const objects = [testServer({ runtime: 'plain', replicas: range }), testServer()].flatMap((server) =>
  render(server, testSealed(server)).flatMap((file) => file.objects),
);

test('every rendered kind has a schema and matches it', () => {
  const kinds = new Set(objects.map(({ kind }) => kind));
  expect(kinds.size).toBeGreaterThan(7);
  const known = Object.keys(schemas).map((key) => key.split('/').at(-1));
  expect([...kinds].filter((kind) => !known.includes(kind))).toEqual([]);
  expect(objects.flatMap(schema)).toEqual([]);
});

test.each([
  ['Deployment', 'spec.template.spec.containers.0', 'imagePullPolice', 'imagePullPolicy'],
  ['Deployment', 'spec.template.spec.containers.0.livenessProbe.httpGet', 'pth', 'path'],
  ['Deployment', 'metadata', 'nam', 'name'],
  ['Service', 'spec.ports.0', 'targetPart', 'targetPort'],
  ['Ingress', 'spec.rules.0.http.paths.0.backend', 'servce', 'service'],
  ['NetworkPolicy', 'spec.ingress.0.from.0.namespaceSelector', 'matchLabel', 'matchLabels'],
  ['PodDisruptionBudget', 'spec', 'maxUnavailible', 'maxUnavailable'],
  ['HorizontalPodAutoscaler', 'spec.metrics.0.resource.target', 'averageUtilisation', 'averageUtilization'],
  ['Namespace', 'metadata', 'anotations', 'annotations'],
])('in a %s, reports the typo at %s: %s instead of %s', (kind, place, typo, meant) => {
  const broken = changed(kind, place, (object) => ({ ...object, [typo]: 'x' }));
  expect(schema(broken)).toEqual([
    { code: 'SCHEMA', path: `${place}.${typo}`, found: 'is not a field', fix: `write "${meant}"` },
  ]);
});

test.each([
  ['128Mi', true],
  [1, true],
  ['0.5', true],
  ['128MB', false],
  ['a lot', false],
])('%j is a valid quantity: %s', (memory, fits) => {
  const place = 'spec.template.spec.containers.0.resources.limits';
  const findings = schema(changed('Deployment', place, () => ({ memory })));
  expect(findings.map(({ code, path }) => [code, path])).toEqual(fits ? [] : [['SCHEMA', `${place}.memory`]]);
});

test('suggests the served version for a removed API version', () => {
  const broken = { ...objectOf('Ingress'), apiVersion: 'networking.k8s.io/v1beta1' };
  expect(schema(broken)).toMatchObject([{ code: 'API-REMOVED', fix: 'write networking.k8s.io/v1' }]);
  expect(schema({ ...objectOf('Service'), apiVersion: 'v2' })).toMatchObject([{ fix: 'write v1' }]);
});

function objectOf(kind: string) {
  const object = objects.find((each) => each.kind === kind);
  if (object === undefined) throw new Error(`no ${kind} was rendered`);
  return structuredClone(object);
}

/** The rendered object of a kind, with one value changed. */
function changed(kind: string, place: string, change: (found: object) => object) {
  const object = objectOf(kind);
  const steps = place.split('.');
  const above = at(object, ...steps.slice(0, -1));
  const found = at(object, ...steps);
  if (!isRecord(found) || typeof above !== 'object' || above === null) throw new Error(`${kind} has no ${place}`);
  Reflect.set(above, steps.at(-1) ?? '', change(found));
  return object;
}
