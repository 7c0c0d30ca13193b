import { definitions } from '../imports/kubernetes.json';
import { strategicMerge } from './strategic-merge';
import { base, cases } from './vectors/strategic-merges.json';

const template = 'io.k8s.api.core.v1.PodTemplateSpec';

test.each(cases)('$name, as in apimachinery', ({ patch, merged }) => {
  const before = structuredClone(base);
  expect(inAnyOrder(strategicMerge(base, patch, definitions, template))).toEqual(inAnyOrder(merged));
  expect(base).toEqual(before);
});

test('keeps existing items first, so that the first container is the worker', () => {
  const patch = { spec: { volumes: [{ name: 'new', emptyDir: {} }] } };
  const { spec } = Object(strategicMerge(base, patch, definitions, template));
  expect(spec.volumes.map(({ name }: { name: string }) => name)).toEqual(['tmp', 'new']);
});

test('merges repeated items of one name in a patch (mergeSliceWithoutSpecialElements)', () => {
  const patch = {
    spec: {
      volumes: [
        { name: 'new', emptyDir: {} },
        { name: 'new', emptyDir: { sizeLimit: '1Gi' } },
      ],
    },
  };
  const { spec } = Object(strategicMerge(base, patch, definitions, template));
  expect(spec.volumes.slice(1)).toEqual([{ name: 'new', emptyDir: { sizeLimit: '1Gi' } }]);
});

test('merges unknown fields as plain objects, which the schema reports later', () => {
  const patch = { spec: { unknown: { a: 1 }, containers: [{ name: 'worker', odd: [1] }] } };
  expect(
    strategicMerge({ spec: { unknown: { b: 2 }, containers: [{ name: 'worker' }] } }, patch, definitions, template),
  ).toEqual({
    spec: { unknown: { a: 1, b: 2 }, containers: [{ name: 'worker', odd: [1] }] },
  });
});

/** apimachinery puts new items first or last; we put them last, which a separate test checks. */
function inAnyOrder(value: unknown): unknown {
  if (Array.isArray(value))
    return value.map(inAnyOrder).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([key, member]) => [key, inAnyOrder(member)]));
}
