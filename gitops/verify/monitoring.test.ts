import { Problem } from '../../model/problem';
import { clusterOf } from '../../testing/fake-deployment/cluster';
import { deployment } from '../../testing/fake-deployment/deployment';
import { monitoredPlatform, testSealed, testServer, toolServer } from '../../testing/fixtures';
import { allowlistFrom } from '../engine/allowlist';
import type { Reader } from './monitoring';
import { stepNames } from './step';
import { targetOf } from './target';
import { verify } from './verify';

const all = ['PodMonitor', 'PrometheusRule', 'ScaledObject'] as const;

/** Verifies the monitoring step with this kubectl. */
async function foundBy(readers: readonly Reader[] | undefined, kubectl: (args: readonly string[]) => Promise<string>) {
  const made = await deployment({ target: { cluster: { ...clusterOf('fake'), readers } } });
  await made.close();
  const skip = stepNames.filter((name) => name !== 'monitoring');
  return verify(made.target, { ...made.world, kubectl }, { skip });
}

function listOf(kinds: readonly Reader[], ready = 'True') {
  const conditions = [{ type: 'Ready', status: ready, reason: 'TriggerError', message: 'Prometheus\nis away' }];
  const items = kinds.map((kind) => ({
    kind,
    metadata: { name: 'fake', generation: 1 },
    spec: {},
    ...(kind === 'ScaledObject' && { status: { conditions } }),
  }));
  return async () => JSON.stringify({ kind: 'List', items });
}

test('gets all objects in one call, and passes when they exist', async () => {
  const asked: (readonly string[])[] = [];
  const { results } = await foundBy(all, (args) => {
    asked.push(args);
    return listOf(all)();
  });
  expect(results).toMatchObject([{ finding: { state: 'passed', detail: all.join(', ') } }]);
  expect(asked).toHaveLength(1);
  expect((await foundBy(undefined, listOf([]))).results).toEqual([]);
});

test.each([
  [
    'a missing PrometheusRule',
    listOf(['PodMonitor', 'ScaledObject']),
    /PrometheusRule fake does not exist/,
    /flux get kustomizations/,
  ],
  [
    'a ScaledObject that cannot scale',
    listOf(all, 'False'),
    /ScaledObject fake is not ready: Prometheus is away/,
    /describe scaledobject/,
  ],
])('reports %s', async (_, kubectl, message, fix) => {
  const { results } = await foundBy(all, kubectl);
  expect(results[0]?.finding).toMatchObject({
    problem: {
      code: 'CLUSTER',
      message: expect.stringMatching(message),
      fix: expect.stringMatching(fix),
    },
  });
});

test('names the CRDs to install in a cluster that lacks them', async () => {
  const message = `Cannot ask the cluster: error: the server doesn't have a resource type "podmonitors"`;
  const { results } = await foundBy(['PodMonitor', 'PrometheusRule'], async () => {
    throw new Problem('CLUSTER', message, { fix: 'check that kubectl itself works' });
  });
  expect(results[0]?.finding).toMatchObject({
    problem: {
      code: 'CLUSTER',
      message,
      fix: expect.stringMatching(/^install the CRDs of the Prometheus operator, or .* Flux applies nothing/),
    },
  });
});

test('derives the objects to check from the declaration', () => {
  const options = { secret: undefined, allowlist: allowlistFrom([]) };
  const readersOf = (server: ReturnType<typeof testServer>) =>
    targetOf(server, { ...options, sealed: testSealed(server) }).cluster?.readers;
  expect(readersOf(testServer({}, 'test-server', monitoredPlatform))).toBeUndefined();
  expect(readersOf(toolServer({ replicas: { min: 1, max: 2 } }))).toEqual(['PodMonitor', 'PrometheusRule']);
  expect(readersOf(toolServer({ replicas: { min: 1, max: 2, on: 'calls' } }))).toEqual(all);
});
