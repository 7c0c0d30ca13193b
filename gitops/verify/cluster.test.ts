import { clusterObjects, clusterOf } from '../../testing/fake-deployment/cluster';
import { deployment } from '../../testing/fake-deployment/deployment';
import { told } from '../../testing/fake-deployment/verified';
import type { StepName } from './step';
import { type Report, verify } from './verify';

const network = ['resolve', 'cname', 'public', 'tls', 'health', 'closed', 'token', 'tools', 'mcp', 'mcp-2026'] as const;

/** What verification finds when kubectl prints these objects. That kubectl prints them so is tried with the real one. */
async function foundIn(objects: readonly object[]): Promise<Report> {
  const made = await deployment({ target: { cluster: clusterOf('made-up') } });
  await made.close();
  const kubectl = async () => JSON.stringify({ kind: 'List', items: objects });
  return verify(made.target, { ...made.world, kubectl }, { skip: [...network, 'invoke', 'speed'] });
}

test('what runs as declared passes', async () => {
  const report = await foundIn(clusterObjects('made-up'));
  expect(report.results.map(({ step, finding }) => [step.name, 'detail' in finding && finding.detail])).toEqual([
    ['sealed', 'made-up-worker-secret'],
    ['release', '2.0.72'],
    ['pods', '2 of 2 ready'],
  ]);
});

const noKey = { type: 'Synced', status: 'False', message: 'no key could decrypt secret (ARCADE_WORKER_SECRET)' };
const drifted = { type: 'Drifted', status: 'True', message: 'Deployment/made-up changed' };

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
  ['an old observation', 'release', 'RELEASE-NOT-READY', { generation: 9 }, /not looked at yet/],
  ['drift', 'release', 'RELEASE-DRIFTED', { release: [drifted] }, /has drifted: Deployment\/made-up changed/],
  ['another image', 'pods', 'IMAGE-DIFFERS', { image: 'registry.example.com/made-up:0.9.0' }, /runs .*:0\.9\.0/],
  ['no pod that is ready', 'pods', 'IMAGE-DIFFERS', { isReady: 'False' }, /none of 2 pods is ready/],
])('%s is reported at the step "%s" as %s', async (_what, step, code, changes, message) => {
  const report = await foundIn(clusterObjects('made-up', changes));
  expect(told(report, step)).toEqual({ code, message: expect.stringMatching(message), hasFix: true, isGood: false });
});

test.each(['not JSON', '{"items": 1}'])('an answer of kubectl that is no list is told of: %s', async (text) => {
  const made = await deployment({ target: { cluster: clusterOf('made-up') } });
  await made.close();
  const world = { ...made.world, kubectl: async () => text };
  const report = await verify(made.target, world, { skip: [...network, 'invoke', 'speed'] });
  expect(told(report, 'sealed')).toMatchObject({ code: 'CLUSTER', hasFix: true });
});

test('kubectl that is asked for and not there is named, with the way on', async () => {
  const world = { environment: { PATH: '/nowhere' } };
  const made = await deployment({ world, target: { cluster: clusterOf('made-up') } });
  await made.close();
  const report = await verify(made.target, made.world, { skip: [...network, 'invoke', 'speed'] });
  expect(told(report, 'sealed')).toMatchObject({
    code: 'TOOL-MISSING',
    message: expect.stringContaining('no kubectl'),
  });
});
