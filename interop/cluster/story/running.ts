import { seen } from '../../seen';
import { condition, type Found } from '../cluster';
import type { ServerName } from './sources';
import type { Story } from './story';

const nodes = ['node-0', 'node-1'];
const at = (name: ServerName) => ({ namespace: name, name });

/** 5: the declared number of pods runs, spread over the nodes, and an eviction never takes all of them. */
export function proveRunning(story: () => Story): void {
  test.each([
    ['plain-public', 3],
    ['plain-internal', 2],
  ] as const)('%s is available, with %i pods over both nodes', async (name, count) => {
    const { cluster } = story();
    await cluster.until('deployment', at(name), (found) => {
      return condition(found, 'Available')?.status === 'True' && found?.status?.availableReplicas === count;
    });
    const pods = await podsOf(story(), name);
    const perNode = nodes.map((node) => pods.filter(({ spec }) => spec?.nodeName === node).length);
    expect([pods.length, Math.abs(Math.max(...perNode) - Math.min(...perNode)) <= 1]).toEqual([count, true]);
  });

  test('the autoscaler keeps the pods within the declared range', async () => {
    const { cluster } = story();
    const name = 'plain-internal';
    const started = performance.now();
    await cluster.succeeds(['scale', 'deployment', name, '--replicas=9', '-n', name]);
    await cluster.until('deployment', at(name), (found) => found?.spec?.replicas === 4);
    seen(`9 pods became 4 after ${((performance.now() - started) / 1000).toFixed(1)} s`);
  });

  test('the number of pods survives a change to a range after the command in the fix of deliver', async () => {
    const { cluster, sources, target } = story();
    const name = 'plain-public';
    sources.edit(`servers/${name}/server.ts`, (text) => text.replace('replicas: 3', 'replicas: { min: 2, max: 5 }'));
    const [, command = ''] = /REPLICAS-RESET.*?: (echo [^\n]*)/s.exec((await target.deliver()).stderr) ?? [];
    await cluster.shell(command);
    await target.ready(await target.deliverAndMerge());
    expect(await cluster.read('deployment', at(name))).toMatchObject({ spec: { replicas: 3 } });
    await cluster.until('horizontalpodautoscaler', at(name), (found) => found?.status?.currentReplicas === 3);
    expect(await cluster.read('deployment', at(name))).toMatchObject({ spec: { replicas: 3 } });
  });

  test('allows a second eviction only after the first pod is replaced', async () => {
    const { cluster } = story();
    const name = 'plain-public';
    const allowed = (count: number) =>
      cluster.until('poddisruptionbudget', at(name), (found) => found?.status?.disruptionsAllowed === count);
    await allowed(1);
    // Without a free node the replacement cannot start before the second eviction.
    for (const node of nodes) await cluster.succeeds(['cordon', node]);
    const [first, second] = await podsOf(story(), name);
    expect(await evict(story(), first)).toMatchObject({ code: 0 });
    await allowed(0);
    expect(await evict(story(), second)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("violate the pod's disruption budget"),
    });
    for (const node of nodes) await cluster.succeeds(['uncordon', node]);
    await allowed(1);
  });
}

function podsOf({ cluster }: Story, name: ServerName): Promise<readonly Found[]> {
  return cluster.list('pods', name);
}

function evict({ cluster }: Story, pod: Found | undefined) {
  const { name, namespace } = pod?.metadata ?? {};
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } };
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
  return cluster.kubectl(['create', '--raw', path, '-f', '-'], JSON.stringify(eviction));
}
