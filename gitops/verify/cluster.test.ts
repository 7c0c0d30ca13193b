import { clusterObjects, clusterOf } from '../../testing/fake-deployment/cluster';
import { deployment } from '../../testing/fake-deployment/deployment';
import { problemAt } from '../../testing/fake-deployment/verified';
import type { StepName } from './step';
import { type Report, verify } from './verify';

const network = ['resolve', 'cname', 'public', 'tls', 'health', 'closed', 'token', 'tools', 'mcp', 'mcp-2026'] as const;

/** Verifies while kubectl prints these objects. Interop tests check them against a real kubectl. */
async function foundIn(objects: readonly object[], image = clusterOf('fake').image): Promise<Report> {
  const made = await deployment({ target: { cluster: { ...clusterOf('fake'), image } } });
  await made.close();
  const kubectl = async () => JSON.stringify({ kind: 'List', items: objects });
  return verify(made.target, { ...made.world, kubectl }, { skip: [...network, 'invoke', 'speed'] });
}

test('passes a server that runs as declared', async () => {
  const report = await foundIn(clusterObjects('fake'));
  expect(report.results.map(({ step, finding }) => [step.name, 'detail' in finding && finding.detail])).toEqual([
    ['sealed', 'fake-worker-secret'],
    ['release', '2.0.72'],
    ['pods', '2 of 2 ready'],
    ['pods-secret', 'fake-worker-secret'],
  ]);
});

const noKey = { type: 'Synced', status: 'False', message: 'no key could decrypt secret (ARCADE_WORKER_SECRET)' };
const drifted = { type: 'Drifted', status: 'True', message: 'Cluster state has drifted:\nDeployment/fake changed' };
// Recorded from helm-controller 1.6.1 before a first installation, with a chart version that does not exist.
const chartMissing = {
  type: 'Ready',
  status: 'False',
  reason: 'SourceNotReady',
  message: "HelmChart 'flux-system/fake-fake' is not ready: no 'st-app' chart with version matching '2.0.99' found",
  observedGeneration: 2,
};
const failedUpgrade = {
  ...chartMissing,
  reason: 'UpgradeFailed',
  message: 'Helm upgrade failed for release fake/fake',
};
const noSecret = { reason: 'CreateContainerConfigError', message: 'secret "fake-worker-secret" not found' };
const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

test.each<[string, StepName, string, Parameters<typeof clusterObjects>[1], RegExp]>([
  ['a missing SealedSecret', 'sealed', 'SECRET-NOT-SYNCED', { without: 'SealedSecret' }, /does not exist/],
  ['an undecryptable value', 'sealed', 'SECRET-NOT-SYNCED', { sealed: [noKey] }, /not synced: no key could decrypt/],
  ['an absent controller', 'sealed', 'SECRET-NOT-SYNCED', { sealed: [] }, /is new, and .* has not reported on it yet$/],
  ['a deleted SealedSecret', 'sealed', 'SECRET-NOT-SYNCED', { deleted: 'SealedSecret' }, /is being deleted$/],
  ['a deleted HelmRelease', 'release', 'RELEASE-NOT-READY', { deleted: 'HelmRelease' }, /is being deleted$/],
  ['a missing HelmRelease', 'release', 'RELEASE-NOT-READY', { without: 'HelmRelease' }, /does not exist/],
  [
    'another chart version',
    'release',
    'RELEASE-NOT-READY',
    { chartVersion: '2.0.71' },
    /runs chart 2\.0\.71; expected 2\.0\.72/,
  ],
  [
    'an outdated observation',
    'release',
    'RELEASE-NOT-READY',
    { generation: 9 },
    /was changed, .* has not reported on that yet$/,
  ],
  [
    'a missing chart',
    'release',
    'RELEASE-NOT-READY',
    { generation: 2, release: [chartMissing] },
    /is not ready: HelmChart .* version matching '2\.0\.99' found$/,
  ],
  ['a failed upgrade', 'release', 'RELEASE-NOT-READY', { generation: 2, release: [failedUpgrade] }, /upgrade failed/],
  ['a suspended release', 'release', 'RELEASE-SUSPENDED', { isSuspended: true }, /is suspended/],
  [
    'drift',
    'release',
    'RELEASE-DRIFTED',
    { release: [drifted] },
    /has drifted: Cluster state has drifted: Deployment\/fake changed$/,
  ],
  ['another image', 'pods', 'IMAGE-DIFFERS', { image: 'registry.example.com/fake:0.9.0' }, /runs .*:0\.9\.0/],
  ['no ready pod', 'pods', 'IMAGE-DIFFERS', { isReady: 'False' }, /none of 2 pods is ready/],
  ['a missing Secret', 'pods', 'PODS-WAITING', { waiting: noSecret }, /fake-a waits: .*, secret .* not found/],
  ['pods that read another Secret', 'pods-secret', 'PODS-STALE', { reads: 'other' }, /fake-a reads other, .* expected/],
])('reports %s at the step "%s" as %s', async (_what, step, code, changes, message) => {
  const report = await foundIn(clusterObjects('fake', changes));
  expect(problemAt(report, step)).toEqual({
    code,
    message: expect.stringMatching(message),
    hasFix: true,
    isGood: false,
  });
});

test.each<[string, StepName, string, Parameters<typeof clusterObjects>[1], RegExp]>([
  [
    'a digest instead of the tag',
    'pods',
    'IMAGE-REWRITTEN',
    { image: `registry.example.com/fake@${digest}` },
    /no tag to compare/,
  ],
  [
    'a mirror with the registry in its path',
    'pods',
    'IMAGE-REWRITTEN',
    { image: 'mirror.example.net/registry.example.com/fake:1.0.0' },
    /the same path and tag in another registry/,
  ],
  ['one of two pods that is not ready', 'pods', 'PODS-WAITING', { unready: 'b' }, /fake-b not ready, 1 of 2 are$/],
  [
    'pods older than the last write of their Secret',
    'pods-secret',
    'PODS-STALE',
    { startedAt: '2026-11-23T00:00:00Z' },
    /fake-a, fake-b started before .* at 2026-11-23T00:00:01Z$/,
  ],
])('warns of %s at the step "%s": %s', async (_what, step, code, changes, message) => {
  const report = await foundIn(clusterObjects('fake', changes));
  expect(problemAt(report, step)).toEqual({
    code,
    message: expect.stringMatching(message),
    hasFix: true,
    isGood: true,
  });
});

test.each([
  ['a digest that admission added to the tag', { image: `registry.example.com/fake:1.0.0@${digest}` }],
  ['a pod that is being created', { waiting: { reason: 'ContainerCreating' } }],
  ['pods that started in the second of the write', { startedAt: '2026-11-23T00:00:01Z' }],
])('accepts %s', async (_what, changes) => {
  const { results } = await foundIn(clusterObjects('fake', changes));
  expect(results.map(({ finding }) => finding.state)).toEqual(['passed', 'passed', 'passed', 'passed']);
});

test.each([
  ['another tag behind a mirror', ':1.0.0', 'mirror.example.net/registry.example.com/fake:1.0.1', 'IMAGE-DIFFERS'],
  ['another path', ':1.0.0', `registry.example.com/other/fak@${digest}`, 'IMAGE-DIFFERS'],
  ['another tag with a digest', ':1.0.0', `registry.example.com/fake:1.0.1@${digest}`, 'IMAGE-DIFFERS'],
  [
    'another digest',
    `:1.0.0@${digest}`,
    `registry.example.com/fake:1.0.0@${digest.replace('f', '0')}`,
    'IMAGE-DIFFERS',
  ],
  ['the declared digest behind a mirror', `@${digest}`, `mirror.example.net/fake@${digest}`, 'IMAGE-REWRITTEN'],
  ['the declared digest without its tag', `:1.0.0@${digest}`, `registry.example.com/fake@${digest}`, undefined],
])('%s: with "%s" declared, "%s" is reported as %s', async (_what, declared, image, code) => {
  const report = await foundIn(clusterObjects('fake', { image }), `registry.example.com/fake${declared}`);
  expect(problemAt(report, 'pods').code).toBe(code);
});

test('the fix for drift enables its correction, because a forced reconciliation only reports it again', async () => {
  const { results } = await foundIn(clusterObjects('fake', { release: [drifted] }));
  const finding = results.find(({ step }) => step.name === 'release')?.finding;
  const fix = finding !== undefined && 'problem' in finding ? finding.problem.fix : '';
  expect(fix).toContain(
    `kubectl -n fake patch helmrelease fake --type merge -p '{"spec":{"driftDetection":{"mode":"enabled"}}}' && flux -n fake reconcile helmrelease fake`,
  );
});

test.each(['not JSON', '{"items": 1}'])('reports kubectl output that is not a list: %s', async (text) => {
  const made = await deployment({ target: { cluster: clusterOf('fake') } });
  await made.close();
  const world = { ...made.world, kubectl: async () => text };
  const report = await verify(made.target, world, { skip: [...network, 'invoke', 'speed'] });
  expect(problemAt(report, 'sealed')).toMatchObject({ code: 'CLUSTER', hasFix: true });
});

test('reports that kubectl is not installed', async () => {
  const world = { environment: { PATH: '/nowhere' } };
  const made = await deployment({ world, target: { cluster: clusterOf('fake') } });
  await made.close();
  const report = await verify(made.target, made.world, { skip: [...network, 'invoke', 'speed'] });
  expect(problemAt(report, 'sealed')).toMatchObject({
    code: 'TOOL-MISSING',
    message: expect.stringContaining('kubectl is not on the PATH'),
  });
});
