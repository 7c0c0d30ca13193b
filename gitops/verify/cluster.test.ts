import { clusterObjects, clusterOf } from '../../testing/fake-deployment/cluster';
import { deployment } from '../../testing/fake-deployment/deployment';
import { problemAt } from '../../testing/fake-deployment/verified';
import type { StepName } from './step';
import { type Report, verify } from './verify';

const network = ['resolve', 'cname', 'public', 'tls', 'health', 'closed', 'token', 'tools', 'mcp', 'mcp-2026'] as const;

/** What verification finds when kubectl prints these objects. Interop checks with the real kubectl that it does. */
async function foundIn(objects: readonly object[]): Promise<Report> {
  const made = await deployment({ target: { cluster: clusterOf('fake') } });
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
  ]);
});

const noKey = { type: 'Synced', status: 'False', message: 'no key could decrypt secret (ARCADE_WORKER_SECRET)' };
const drifted = { type: 'Drifted', status: 'True', message: 'Deployment/fake changed' };

test.each<[string, StepName, string, Parameters<typeof clusterObjects>[1], RegExp]>([
  ['no SealedSecret', 'sealed', 'SECRET-NOT-SYNCED', { without: 'SealedSecret' }, /is not there/],
  ['a value no key opens', 'sealed', 'SECRET-NOT-SYNCED', { sealed: [noKey] }, /not synced: no key could decrypt/],
  ['no HelmRelease', 'release', 'RELEASE-NOT-READY', { without: 'HelmRelease' }, /is not there/],
  [
    'another chart',
    'release',
    'RELEASE-NOT-READY',
    { chartVersion: '2.0.71' },
    /runs chart 2\.0\.71; declared is 2\.0\.72/,
  ],
  ['an old observation', 'release', 'RELEASE-NOT-READY', { generation: 9 }, /not seen it yet/],
  ['drift', 'release', 'RELEASE-DRIFTED', { release: [drifted] }, /has drifted: Deployment\/fake changed/],
  ['another image', 'pods', 'IMAGE-DIFFERS', { image: 'registry.example.com/fake:0.9.0' }, /runs .*:0\.9\.0/],
  ['no pod that is ready', 'pods', 'IMAGE-DIFFERS', { isReady: 'False' }, /none of 2 pods is ready/],
])('%s is reported at the step "%s" as %s', async (_what, step, code, changes, message) => {
  const report = await foundIn(clusterObjects('fake', changes));
  expect(problemAt(report, step)).toEqual({
    code,
    message: expect.stringMatching(message),
    hasFix: true,
    isGood: false,
  });
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
