import { declared, type ServerName } from './sources';
import type { Story } from './story';
import { allPass, problemAt, recreatePods, runFix } from './verify-steps';

const plain = 'plain-internal' satisfies ServerName;
const chart = 'chart-public' satisfies ServerName;
const deployed = Object.keys(declared).filter((name) => !name.endsWith('-leaving')) as ServerName[];

/** 6: `verify --kubectl` passes for a healthy cluster, and reports each kind of fault. */
export function proveFindings(story: () => Story): void {
  const patch = (name: ServerName, kind: string, what: string, change: object) =>
    story().cluster.succeeds(['patch', kind, what, '-n', name, '--type=merge', '-p', JSON.stringify(change)]);
  const patchSealed = (name: ServerName, spec: object) =>
    patch(name, 'sealedsecret', story().sources.renderedKind(name, 'SealedSecret').metadata.name, { spec });
  /** Changes the generation, but no value. */
  const touch = (name: ServerName, label: string) =>
    patchSealed(name, { template: { metadata: { labels: { label } } } });
  const patchRelease = (spec: object) => patch(chart, 'helmrelease', chart, { spec });
  // Flux reverts manual changes to the objects that it applies.
  const restore = () => story().cluster.flux(['reconcile', 'kustomization', 'apps']);

  afterEach(() => {
    for (const name of ['sealed-secrets', 'helm-controller']) story().cluster.signal(name, 'SIGCONT');
  });

  test.each(deployed)('%s: every step passes', async (name) => {
    await recreatePods(story(), name);
    expect(await allPass(story(), name)).toEqual(expect.arrayContaining(['sealed', 'pods', 'pods-secret']));
  });

  test('reports a value that is sealed for another namespace, then pods older than the correct one', async () => {
    await patchSealed(plain, story().sources.renderedKind(chart, 'SealedSecret').spec as object);
    await problemAt(story(), plain, 'sealed', 'SECRET-NOT-SYNCED', /is not synced: no key could decrypt secret/);
    await restore();
    const { state, fix } = await problemAt(story(), plain, 'pods-secret', 'PODS-STALE');
    expect(state).toBe('warned');
    await runFix(story(), fix);
    await allPass(story(), plain);
  });

  test('reports a Secret with another owner', async () => {
    const { cluster, sources } = story();
    const { name } = sources.renderedKind(plain, 'SealedSecret').metadata;
    await patch(plain, 'secret', name, { metadata: { ownerReferences: null } });
    await touch(plain, 'theirs');
    await problemAt(story(), plain, 'sealed', 'SECRET-NOT-SYNCED', /already exists and is not managed by SealedSecret/);
    await cluster.succeeds(['delete', 'secret', name, '-n', plain]);
    await restore();
    await recreatePods(story(), plain);
    await allPass(story(), plain);
  });

  test('reports a stopped controller of sealed secrets and of releases', async () => {
    const { cluster } = story();
    cluster.signal('sealed-secrets', 'SIGSTOP');
    cluster.signal('helm-controller', 'SIGSTOP');
    await touch(chart, 'away');
    await patchRelease({ interval: '31m' });
    for (const [step, code] of [
      ['sealed', 'SECRET-NOT-SYNCED'],
      ['release', 'RELEASE-NOT-READY'],
    ] as const) {
      await problemAt(story(), chart, step, code, /was changed, and its controller has not reported on that yet$/);
    }
    cluster.signal('sealed-secrets', 'SIGCONT');
    cluster.signal('helm-controller', 'SIGCONT');
    await restore();
    await problemAt(story(), chart, 'pods-secret', 'PODS-STALE');
    await recreatePods(story(), chart);
    await allPass(story(), chart);
  });

  test('reports a failed release', async () => {
    await patchRelease({ values: { service: { internalPort: 70000 } } });
    await problemAt(
      story(),
      chart,
      'release',
      'RELEASE-NOT-READY',
      /is not ready: Helm upgrade failed .*containerPort/s,
    );
    await restore();
    await allPass(story(), chart);
  });

  test('reports a release with an unknown chart version', async () => {
    await patchRelease({ chart: { spec: { version: '2.0.99' } } });
    await problemAt(
      story(),
      chart,
      'release',
      'RELEASE-NOT-READY',
      /is not ready: HelmChart .*no 'st-app' chart with version matching '2\.0\.99' found/,
    );
    await restore();
    await allPass(story(), chart);
  });

  test('reports a suspended release until its fix has run', async () => {
    await story().cluster.flux(['suspend', 'helmrelease', chart, '-n', chart]);
    const { fix } = await problemAt(story(), chart, 'release', 'RELEASE-SUSPENDED');
    await runFix(story(), fix);
    await allPass(story(), chart);
  });

  test('reports a different image and a different Secret', async () => {
    const { cluster } = story();
    const container = { name: 'worker', envFrom: [{ secretRef: { name: 'another' } }] };
    const change = { spec: { template: { spec: { containers: [container] } } } };
    await cluster.succeeds(['patch', 'deployment', plain, '-n', plain, '-p', JSON.stringify(change)]);
    await cluster.succeeds(['set', 'image', 'deployment', plain, '*=registry.example.com/other:9.9.9', '-n', plain]);
    await problemAt(story(), plain, 'pods', 'IMAGE-DIFFERS');
    const { state } = await problemAt(story(), plain, 'pods-secret', 'PODS-STALE');
    expect(state).toBe('failed');
    await restore();
    await allPass(story(), plain);
  });

  test('reports pods that cannot start without a free node or without their Secret', async () => {
    const { cluster } = story();
    for (const node of ['node-0', 'node-1']) await cluster.succeeds(['cordon', node]);
    await cluster.succeeds(['delete', 'pods', '--all', '-n', plain]);
    await problemAt(story(), plain, 'pods', 'PODS-WAITING', /Unschedulable, 0\/2 nodes/);
    for (const node of ['node-0', 'node-1']) await cluster.succeeds(['uncordon', node]);
    await allPass(story(), plain);

    // kwok reads no Secrets, so the test writes the status that a kubelet would (1.36, kuberuntime_container.go).
    const [pod] = await cluster.list('pods', plain);
    const waiting = { reason: 'CreateContainerConfigError', message: 'secret "missing" not found' };
    const status = { name: 'worker', image: '', imageID: '', ready: false, restartCount: 0, state: { waiting } };
    const change = JSON.stringify({ status: { containerStatuses: [status] } });
    await cluster.succeeds([
      'patch',
      'pod',
      pod?.metadata.name ?? '',
      '-n',
      plain,
      '--subresource=status',
      '--type=merge',
      '-p',
      change,
    ]);
    await problemAt(
      story(),
      plain,
      'pods',
      'PODS-WAITING',
      /waits: CreateContainerConfigError, secret "missing" not found/,
    );
    await recreatePods(story(), plain);
    await allPass(story(), plain);
  });
}
