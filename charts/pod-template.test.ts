import { toJson_PodTemplateSpec } from 'cdk8s-plus-28/lib/imports/k8s';
import { isRecord } from '../model/json';
import { serversFrom } from '../model/spec';
import { testPlatform, testServer } from '../testing/fixtures';
import { podTemplate } from './pod-template';

const toolkit = { name: 'test_server', version: '1.0.0', description: 'Nobody runs it.', tools: ['add'] };
const server = { ...testServer({ runtime: 'plain', replicas: 2, env: { LOG_LEVEL: 'info' } }), toolkit };
const template = toJson_PodTemplateSpec(podTemplate(server, 'a-secret'));

/** What may be changed of what is there: how much `/tmp` holds, and how pods are spread. */
const free = [
  'spec.volumes.tmp.emptyDir.sizeLimit',
  'spec.topologySpreadConstraints.kubernetes.io/hostname.maxSkew',
  'spec.topologySpreadConstraints.kubernetes.io/hostname.whenUnsatisfiable',
  'spec.topologySpreadConstraints.kubernetes.io/hostname.labelSelector.matchLabels.app.kubernetes.io/instance',
  'spec.topologySpreadConstraints.kubernetes.io/hostname.labelSelector.matchLabels.app.kubernetes.io/name',
];

test('no patch changes what is there, but for what is named here', () => {
  const patches = changesOf(template);
  expect(patches.length).toBeGreaterThan(30);
  const taken = patches.filter(({ pod }) => {
    const entry = { team: 'infra', image: 'registry.example.com/test-server:1.2.3', runtime: 'plain', pod };
    return serversFrom({ name: 'test-server', entry }, [testPlatform]).problems.length === 0;
  });
  expect(taken.map(({ path }) => path).sort()).toEqual([...free].sort());
});

interface Change {
  readonly path: string;
  readonly pod: unknown;
}

/** A patch for every single value of an object, which finds its place by the keys of the items above it. */
function changesOf(value: unknown, path: readonly string[] = []): readonly Change[] {
  if (Array.isArray(value)) return value.flatMap((item) => changesOfItem(item, path));
  if (!isRecord(value)) return [{ path: path.join('.'), pod: another(value) }];
  return Object.entries(value).flatMap(([key, member]) =>
    changesOf(member, [...path, key]).map((change) => ({ ...change, pod: { [key]: change.pod } })),
  );
}

/** Another value of the same form. */
function another(value: unknown): unknown {
  if (typeof value !== 'string') return typeof value === 'boolean' ? !value : Number(value) + 1;
  return /^\d+Mi$/.test(value) ? `1${value}` : `${value}x`;
}

function changesOfItem(item: unknown, path: readonly string[]): readonly Change[] {
  const keys = ['name', 'mountPath', 'topologyKey'].filter((each) => isRecord(item) && each in item);
  const key = path.at(-1) === 'volumeMounts' ? 'mountPath' : keys[0];
  if (key === undefined || !isRecord(item))
    return changesOf(item, path).map((change) => ({ ...change, pod: [change.pod] }));
  const { [key]: name, ...rest } = item;
  return changesOf(rest, [...path, String(name)]).map((change) => ({
    ...change,
    pod: [{ [key]: name, ...Object(change.pod) }],
  }));
}
