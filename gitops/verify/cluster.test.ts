import { clusterObjects, clusterOf } from '../../testing/fake-deployment/cluster';
import { deployment } from '../../testing/fake-deployment/deployment';
import { problemAt } from '../../testing/fake-deployment/verified';
import type { StepName } from './step';
import { type Report, verify } from './verify';

const network = ['resolve', 'cname', 'public', 'tls', 'health', 'closed', 'token', 'tools', 'mcp', 'mcp-2026'] as const;

/** What verification finds when kubectl prints these objects. Interop checks with the real kubectl that it does. */
async function foundIn(objects: readonly object[], image = clusterOf('fake').image): Promise<Report> {
  const made = await deployment({ target: { cluster: { ...clusterOf('fake'), image } } });
  await made.close();
  const kubectl = async () => JSON.stringify({ kind: 'List', items: objects });
  return verify(made.target, { ...made.world, kubectl }, { skip: [...network, 'invoke', 'speed'] });
}

test('a server that runs as declared passes', async () => {
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
// As helm-controller 1.6.1 left it while the chart had another version, and before a first installation.
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
  ['no SealedSecret', 'sealed', 'SECRET-NOT-SYNCED', { without: 'SealedSecret' }, /is not there/],
  ['a value no key opens', 'sealed', 'SECRET-NOT-SYNCED', { sealed: [noKey] }, /not synced: no key could decrypt/],
  ['an absent controller', 'sealed', 'SECRET-NOT-SYNCED', { sealed: [] }, /is new, and .* says nothing of it yet$/],
  ['one that goes', 'sealed', 'SECRET-NOT-SYNCED', { deleted: 'SealedSecret' }, /is being deleted$/],
  ['a release that goes', 'release', 'RELEASE-NOT-READY', { deleted: 'HelmRelease' }, /is being deleted$/],
  ['no HelmRelease', 'release', 'RELEASE-NOT-READY', { without: 'HelmRelease' }, /is not there/],
  [
    'another chart',
    'release',
    'RELEASE-NOT-READY',
    { chartVersion: '2.0.71' },
    /runs chart 2\.0\.71; declared is 2\.0\.72/,
  ],
  [
    'an old observation',
    'release',
    'RELEASE-NOT-READY',
    { generation: 9 },
    /was changed, .* says nothing of that yet$/,
  ],
  [
    'a chart that is not there',
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
  ['no pod that is ready', 'pods', 'IMAGE-DIFFERS', { isReady: 'False' }, /none of 2 pods is ready/],
  [
    'a Secret that is not there',
    'pods',
    'PODS-WAITING',
    { waiting: noSecret },
    /fake-a waits: .*, secret .* not found/,
  ],
  ['pods that read another Secret', 'pods-secret', 'PODS-STALE', { reads: 'other' }, /fake-a reads other, .* declared/],
])('%s is reported at the step "%s" as %s', async (_what, step, code, changes, message) => {
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
    'a digest in place of the tag',
    'pods',
    'IMAGE-REWRITTEN',
    { image: `registry.example.com/fake@${digest}` },
    /no tag to compare/,
  ],
  [
    'a mirror that has the registry in its path',
    'pods',
    'IMAGE-REWRITTEN',
    { image: 'mirror.example.net/registry.example.com/fake:1.0.0' },
    /the same path and tag in another registry/,
  ],
  [
    'a pod that is not ready beside one that is',
    'pods',
    'PODS-WAITING',
    { unready: 'b' },
    /fake-b not ready, 1 of 2 are$/,
  ],
  [
    'pods older than the last write of their Secret',
    'pods-secret',
    'PODS-STALE',
    { startedAt: '2026-11-23T00:00:00Z' },
    /fake-a, fake-b started before .* at 2026-11-23T00:00:01Z$/,
  ],
])('%s is a warning at the step "%s": %s', async (_what, step, code, changes, message) => {
  const report = await foundIn(clusterObjects('fake', changes));
  expect(problemAt(report, step)).toEqual({
    code,
    message: expect.stringMatching(message),
    hasFix: true,
    isGood: true,
  });
});

test.each([
  ['a digest that admission has added to the tag', { image: `registry.example.com/fake:1.0.0@${digest}` }],
  ['a pod that is only being created', { waiting: { reason: 'ContainerCreating' } }],
  ['pods that started in the second of the write', { startedAt: '2026-11-23T00:00:01Z' }],
])('%s is no problem', async (_what, changes) => {
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
  ['the digest that is declared behind a mirror', `@${digest}`, `mirror.example.net/fake@${digest}`, 'IMAGE-REWRITTEN'],
  ['the digest that is declared without its tag', `:1.0.0@${digest}`, `registry.example.com/fake@${digest}`, undefined],
])('%s: where "%s" is declared, "%s" is told as %s', async (_what, declared, image, code) => {
  const report = await foundIn(clusterObjects('fake', { image }), `registry.example.com/fake${declared}`);
  expect(problemAt(report, 'pods').code).toBe(code);
});

test('the fix of a drift switches the correction on, because a forced reconciliation only reports it again', async () => {
  const { results } = await foundIn(clusterObjects('fake', { release: [drifted] }));
  const finding = results.find(({ step }) => step.name === 'release')?.finding;
  const fix = finding !== undefined && 'problem' in finding ? finding.problem.fix : '';
  expect(fix).toContain(
    `kubectl -n fake patch helmrelease fake --type merge -p '{"spec":{"driftDetection":{"mode":"enabled"}}}' && flux -n fake reconcile helmrelease fake`,
  );
});

test.each(['not JSON', '{"items": 1}'])('an output of kubectl that is no list is reported: %s', async (text) => {
  const made = await deployment({ target: { cluster: clusterOf('fake') } });
  await made.close();
  const world = { ...made.world, kubectl: async () => text };
  const report = await verify(made.target, world, { skip: [...network, 'invoke', 'speed'] });
  expect(problemAt(report, 'sealed')).toMatchObject({ code: 'CLUSTER', hasFix: true });
});

test('a kubectl that is not installed is named, with what to do', async () => {
  const world = { environment: { PATH: '/nowhere' } };
  const made = await deployment({ world, target: { cluster: clusterOf('fake') } });
  await made.close();
  const report = await verify(made.target, made.world, { skip: [...network, 'invoke', 'speed'] });
  expect(problemAt(report, 'sealed')).toMatchObject({
    code: 'TOOL-MISSING',
    message: expect.stringContaining('kubectl is not on the PATH'),
  });
});
