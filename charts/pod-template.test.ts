import { toJson_PodTemplateSpec } from 'cdk8s-plus-28/lib/imports/k8s';
import { isRecord } from '../model/json';
import { serversFrom } from '../model/spec';
import { testPlatform, testServer } from '../testing/fixtures';
import { podTemplate } from './pod-template';

const toolkit = { name: 'test_server', version: '1.0.0', description: 'A test server.', tools: ['add'] };
const server = { ...testServer({ runtime: 'plain', replicas: 2, env: { LOG_LEVEL: 'info' } }), toolkit };
const template = toJson_PodTemplateSpec(podTemplate(server, 'a-secret'));

/** The rendered values that a patch may change: the size of `/tmp`, and how pods are spread. */
const free = [
  'spec.volumes.tmp.emptyDir.sizeLimit',
  'spec.topologySpreadConstraints.kubernetes.io/hostname.maxSkew',
  'spec.topologySpreadConstraints.kubernetes.io/hostname.whenUnsatisfiable',
  'spec.topologySpreadConstraints.kubernetes.io/hostname.labelSelector.matchLabels.app.kubernetes.io/instance',
  'spec.topologySpreadConstraints.kubernetes.io/hostname.labelSelector.matchLabels.app.kubernetes.io/name',
];

test('a patch can change only these of the rendered values', () => {
  const patches = changesOf(template);
  expect(patches.length).toBeGreaterThan(30);
  const accepted = patches.filter(({ pod }) => {
    const entry = { team: 'infra', image: 'registry.example.com/test-server:1.2.3', runtime: 'plain', pod };
    return serversFrom({ name: 'test-server', entry }, [testPlatform]).problems.length === 0;
  });
  expect(accepted.map(({ path }) => path).sort()).toEqual([...free].sort());
});

interface Change {
  readonly path: string;
  readonly pod: unknown;
}

/** A patch for every scalar of an object, with the merge keys of the list items above it. */
function changesOf(value: unknown, path: readonly string[] = []): readonly Change[] {
  if (Array.isArray(value)) return value.flatMap((item) => changesOfItem(item, path));
  if (!isRecord(value)) return [{ path: path.join('.'), pod: another(value) }];
  return Object.entries(value).flatMap(([key, member]) =>
    changesOf(member, [...path, key]).map((change) => ({ ...change, pod: { [key]: change.pod } })),
  );
}

/** Another value of the same type. */
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
