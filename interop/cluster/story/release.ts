import { testWays } from '../../../testing/fixtures';
import { contract } from '../../../worker/contract';
import { seen } from '../../seen';
import { condition, type Found } from '../cluster';
import { type ChartReference, publishChart } from './chart';
import type { ServerName } from './sources';
import type { Story } from './story';
import { allPass, problemAt, recreatePods, runFix } from './verify-steps';

const names = ['chart-public', 'chart-internal'] as const satisfies readonly ServerName[];
const at = (name: ServerName) => ({ namespace: name, name });

/** 4: helm-controller installs what is declared, and verify reports manual changes and how to revert them. */
export function proveRelease(story: () => Story): void {
  const ready = (name: ServerName) =>
    story().cluster.until('helmrelease', at(name), (found) => condition(found, 'Ready')?.status === 'True');

  test('the fix of verify shows the event about a missing namespace of the chart', async () => {
    const { namespace } = referenceOf(story(), names[0]).sourceRef;
    const message = /is new, and its controller has not reported on it yet$/;
    const { fix } = await problemAt(story(), names[0], 'release', 'RELEASE-NOT-READY', message);
    expect(await runFix(story(), fix)).toContain(`namespaces "${namespace}" not found`);
  });

  test.each(names)('%s: verify reports a missing chart repository', async (name) => {
    const { chart, version, sourceRef } = referenceOf(story(), name);
    expect([chart, version]).toEqual(['st-app', '2.0.72']);
    await story().cluster.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: sourceRef.namespace } }]);
    // The controller retries with backoff. A request makes it retry immediately.
    const request = `reconcile.fluxcd.io/requestedAt=${performance.now()}`;
    await story().cluster.succeeds(['annotate', 'helmrelease', name, '-n', name, request]);
    const message = new RegExp(`is not ready: HelmChart .*"${sourceRef.name}" not found`);
    await problemAt(story(), name, 'release', 'RELEASE-NOT-READY', message);
  });

  test('every release is installed once the chart is published', async () => {
    const started = performance.now();
    await publishChart(story().cluster, referenceOf(story(), 'chart-public'));
    for (const name of names) await ready(name);
    seen(`Ready ${((performance.now() - started) / 1000).toFixed(1)} s after the chart was published`);
  });

  test.each(names)(
    '%s: the objects of the chart have the declared image, environment, secret and exposure',
    async (name) => {
      const { cluster, sources } = story();
      const { metadata } = sources.renderedKind(name, 'SealedSecret');
      const { env } = contract;
      const container = {
        image: expect.stringMatching(new RegExp(`^registry\\.example\\.com/${name}:1\\.0\\.\\d$`)),
        env: expect.arrayContaining([
          { name: env.transport, value: 'http' },
          { name: env.port, value: String(contract.port) },
        ]),
        envFrom: [{ secretRef: { name: metadata.name } }],
        ports: [{ name: 'http', containerPort: contract.port, protocol: 'TCP' }],
      };
      expect((await cluster.read('deployment', at(name)))?.spec?.template).toMatchObject({
        spec: { containers: [container] },
      });
      const ingress = await cluster.read('ingress', at(name));
      if (name === 'chart-internal') return expect(ingress).toBeUndefined();
      expect(ingress).toMatchObject({
        metadata: { annotations: { login: 'false' } },
        spec: { ingressClassName: testWays.ingress.className, rules: [{ host: `${name}.example.com` }] },
      });
    },
  );

  test('sealing a new value replaces the pods of its server', async () => {
    const { cluster, sources, target } = story();
    // Only the name of the Secret in the values changes. No post-renderer does it: its default strategy changed in Flux 2.9.
    const before = templateOf(await cluster.read('deployment', at('chart-public')));
    await sources.succeeds('seal', ['set', 'chart-public', 'API_KEY'], 'another key');
    const started = performance.now();
    await target.ready(await target.deliverAndMerge());
    await cluster.until('deployment', at('chart-public'), (found) => templateOf(found) !== before);
    await ready('chart-public');
    seen(`new pods ${((performance.now() - started) / 1000).toFixed(1)} s after deliver started`);
  });

  test('verify reports a manual change as drift, and its fix reverts it', async () => {
    const { cluster } = story();
    const name = 'chart-public';
    const before = templateOf(await cluster.read('deployment', at(name)));
    await cluster.succeeds(['set', 'image', 'deployment', name, '*=registry.example.com/other:9.9.9', '-n', name]);
    await cluster.flux(['reconcile', 'helmrelease', name, '-n', name]);
    await problemAt(story(), name, 'pods', 'IMAGE-DIFFERS');
    const message = new RegExp(`Deployment/${name}/${name}`);
    const { fix } = await problemAt(story(), name, 'release', 'RELEASE-DRIFTED', message);
    await runFix(story(), fix);
    await cluster.until('deployment', at(name), (found) => templateOf(found) === before);
    await cluster.flux(['reconcile', 'kustomization', 'apps']);
    expect(await cluster.read('helmrelease', at(name))).toMatchObject({ spec: { driftDetection: { mode: 'warn' } } });
    await recreatePods(story(), name);
    await allPass(story(), name);
  });
}

function referenceOf({ sources }: Story, name: ServerName): ChartReference {
  // Rendered by charts/release.ts.
  const { chart } = sources.renderedKind(name, 'HelmRelease').spec as { chart: { spec: ChartReference } };
  return chart.spec;
}

function templateOf(found: Found | undefined): string {
  return JSON.stringify(found?.spec?.template);
}
