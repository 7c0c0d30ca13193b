import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { identityOf, type Manifest, render } from '../../../charts/render';
import { root } from '../../../cli/root';
import { testSealed, testServer, toolServer } from '../../../testing/fixtures';
import { everyPodField } from '../../../testing/fixtures/pods';
import { seen } from '../../seen';
import { listOf } from '../cluster';
import { combinations } from './combinations';
import { objectsIn } from './sources';
import type { Story } from './story';

const digest = `registry.example.com/test-server@sha256:${'0123456789abcdef'.repeat(4)}`;
const range = { min: 2, max: 4 };

/** A declaration of each kind. */
const shapes: Readonly<Record<string, Parameters<typeof testServer>[0]>> = {
  chart: {},
  'chart-internal': { exposure: 'internal' },
  'chart-range': { replicas: range, env: { ODD: 'yes', EMPTY: '' } },
  'chart-probes': { probes: 'http', replicas: 3 },
  plain: { runtime: 'plain' },
  'plain-internal': { runtime: 'plain', exposure: 'internal' },
  'plain-range': { runtime: 'plain', replicas: range, env: { ODD: 'yes', EMPTY: '' } },
  'plain-probes': { runtime: 'plain', probes: 'tcp', replicas: 3 },
  'plain-unprobed': { runtime: 'plain', probes: 'off' },
  'plain-digest': { runtime: 'plain', image: digest },
  'plain-pods': everyPodField,
};

/** 1: the API server accepts every rendered object, and rejects invalid ones. */
export function proveAdmission(story: () => Story): void {
  const servers = [
    ...Object.entries(shapes).map(([name, fields]) => testServer(fields, `fixture-${name}`)),
    toolServer({ replicas: { ...range, on: 'calls' } }, undefined, 'fixture-monitored'),
  ];
  const fixtures = servers.flatMap((server) => render(server, testSealed(server)).flatMap(({ objects }) => objects));
  const combined = combinations.flatMap(([, objects]) => objects);
  const kinds = [...new Map([...fixtures, ...combined].map((object) => [object.kind, object]))];

  // A dry run requires the namespaces of its objects.
  beforeAll(() => story().cluster.apply(namespacesOf([...fixtures, ...combined, ...committed()])));

  test('accepts every object of the fixtures without a warning', async () => {
    expect(kinds.length).toBeGreaterThan(9);
    await expectAccepted(fixtures);
  });

  test('accepts every object of dist/ without a warning', async () => {
    expect(existsSync(join(root, 'dist/index.json'))).toBe(true);
    await expectAccepted(committed());
  });

  test.each(combinations)('accepts every object without a warning with %s', (_, objects) => expectAccepted(objects));

  test.each(kinds)('rejects a %s with an unknown field', async (kind, object) => {
    const place = object.spec === undefined ? 'metadata' : 'spec';
    // Rendered by us: the field holds an object.
    const wrong = { ...object, [place]: { ...(object[place] as object), imagePullPolice: 'Always' } };
    const { code, stderr } = await dryRun([wrong]);
    expect([kind, code, stderr]).toEqual([kind, 1, expect.stringContaining('imagePullPolice')]);
  });

  test.each([
    ['HelmRelease', { interval: 'often' }, 'spec.interval'],
    ['HTTPRoute', { hostnames: ['https://a.example.com'] }, 'spec.hostnames[0]'],
    ['HTTPRoute', { parentRefs: [{ name: 'public' }, { name: 'public' }] }, 'sectionName'],
    [
      'PodMonitor',
      { podMetricsEndpoints: [{ port: 'metrics', interval: 'often' }] },
      'spec.podMetricsEndpoints[0].interval',
    ],
    [
      'PrometheusRule',
      { groups: [{ name: 'calls', rules: [{ alert: 'A', expr: 'up', for: 'long' }] }] },
      'spec.groups[0].rules[0].for',
    ],
    ['ScaledObject', { minReplicaCount: 'two' }, 'minReplicaCount'],
    ['ExternalSecret', { secretStoreRef: { name: 'vault', kind: 'Vault' } }, 'spec.secretStoreRef.kind'],
  ])('the definition of a %s rejects %j', async (wanted, wrong, path) => {
    const object = [...fixtures, ...combined].find(({ kind }) => kind === wanted);
    // Rendered by us: each of these has a spec.
    const { code, stderr } = await dryRun([{ ...object, spec: { ...(object?.spec as object), ...wrong } }]);
    expect([code, stderr]).toEqual([1, expect.stringContaining(path)]);
  });

  const dryRun = (objects: readonly object[]) => {
    const args = ['apply', '--server-side', '--force-conflicts', '--validate=strict', '--dry-run=server', '-f', '-'];
    return story().cluster.kubectl(args, listOf(objects));
  };

  const expectAccepted = async (objects: readonly Manifest[]) => {
    const { code, stdout, stderr } = await dryRun(objects);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const accepted = stdout.split('\n').filter((line) => line.includes('serverside-applied'));
    expect(accepted).toHaveLength(new Set(objects.map(identityOf)).size);
    seen(`${accepted.length} objects of ${new Set(objects.map(({ kind }) => kind)).size} kinds`);
  };
}

/** The namespaces of some objects, each once. */
function namespacesOf(objects: readonly Manifest[]): readonly Manifest[] {
  const namespaces = objects.filter(({ kind }) => kind === 'Namespace');
  return [...new Map(namespaces.map((object) => [object.metadata.name, object])).values()];
}

/** The objects in dist/ for Flux, without the DNS records and the entries for the engine. */
function committed(): readonly Manifest[] {
  const folder = join(root, 'dist');
  const repositories = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return repositories.flatMap(({ name }) => objectsIn(join(folder, name))).filter((object) => object?.kind);
}
