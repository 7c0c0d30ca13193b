import { Problem } from '../../model/problem';
import { clusterOf } from '../../testing/fake-deployment/cluster';
import { type Changes, deployment } from '../../testing/fake-deployment/deployment';
import { type RouteChanges, routeObjects } from '../../testing/fake-deployment/routes';
import { problemAt, verified } from '../../testing/fake-deployment/verified';
import { platformWith, testSealed, testServer, testWays } from '../../testing/fixtures';
import { allowlistFrom } from '../engine/allowlist';
import { type StepName, stepNames } from './step';
import { targetOf } from './target';
import { type Report, verify } from './verify';

const { parentRefs } = testWays.gateway;
const twice = ['https', 'internal'].map((sectionName) => ({ name: 'public', namespace: 'gateways', sectionName }));
const asked: readonly StepName[] = ['route', 'gateway'];

/** Verifies while kubectl prints these objects, filtered by the requested kind and namespace. */
async function foundIn(objects: readonly object[], gateways: typeof parentRefs = parentRefs): Promise<Report> {
  return foundBy(gateways, async (args) => {
    const [, resource = '', , namespace] = args;
    const items = objects.filter((object) => {
      const { kind, metadata } = object as { kind: string; metadata: { namespace: string } };
      return `${kind.toLowerCase()}s.gateway.networking.k8s.io` === resource && metadata.namespace === namespace;
    });
    return JSON.stringify({ kind: 'List', items });
  });
}

async function foundBy(gateways: typeof parentRefs, kubectl: (args: readonly string[]) => Promise<string>) {
  const made = await deployment({ target: { cluster: { ...clusterOf('fake'), gateways } } });
  await made.close();
  const skip = stepNames.filter((name) => !asked.includes(name));
  return verify(made.target, { ...made.world, kubectl }, { skip });
}

test.each([
  ['one Gateway', parentRefs, 'Gateway gateways/public', {}],
  ['two listeners of a Gateway', twice, 'Gateway gateways/public (https), Gateway gateways/public (internal)', {}],
  ['a Gateway that another controller had before', parentRefs, 'Gateway gateways/public', { hasOther: true }],
])('passes a route that is accepted by %s', async (_what, gateways, detail, changes) => {
  const { results } = await foundIn(routeObjects('fake', gateways, changes), gateways);
  expect(results.map(({ step, finding }) => [step.name, 'detail' in finding && finding.detail])).toEqual([
    ['route', detail],
    ['gateway', 'Gateway gateways/public'],
  ]);
});

// Reasons of the Gateway API 1.6.3; the messages are the controllers' own.
const refused = {
  type: 'Accepted',
  status: 'False',
  reason: 'NotAllowedByListeners',
  message: 'No listeners included by this parent ref allowed this attachment.',
  observedGeneration: 1,
};
const accepted = { type: 'Accepted', status: 'True', reason: 'Accepted', observedGeneration: 1 };
const noService = {
  type: 'ResolvedRefs',
  status: 'False',
  reason: 'BackendNotFound',
  message: 'Service fake not found',
};
const noAddress = { type: 'Programmed', status: 'False', reason: 'AddressNotAssigned', message: 'No addresses' };
// The CRD's default, until a controller takes over.
const pending = { type: 'Programmed', status: 'Unknown', reason: 'Pending', message: 'Waiting for controller' };

test.each<[string, StepName, string, RouteChanges, RegExp]>([
  ['a missing route', 'route', 'ROUTE-NOT-ACCEPTED', { without: 'HTTPRoute' }, /HTTPRoute fake does not exist$/],
  [
    'a listener that accepts no routes of the namespace',
    'route',
    'ROUTE-NOT-ACCEPTED',
    { route: [refused] },
    /fake is not accepted: No listeners .* \(at Gateway gateways\/public\)$/,
  ],
  [
    'a missing Service',
    'route',
    'ROUTE-NOT-ACCEPTED',
    { route: [accepted, noService] },
    /fake is not resolved: Service fake not found/,
  ],
  ['an absent controller', 'route', 'ROUTE-NOT-ACCEPTED', { route: [] }, /is new, and .* has not reported on it yet/],
  ['another Gateway', 'route', 'ROUTE-NOT-ACCEPTED', { joins: [] }, /fake is not attached to Gateway gateways\/public/],
  [
    'an outdated observation',
    'route',
    'ROUTE-NOT-ACCEPTED',
    { generation: 2 },
    /was changed, .* has not reported on that yet/,
  ],
  [
    'a missing Gateway',
    'gateway',
    'GATEWAY-NOT-READY',
    { without: 'Gateway' },
    /Gateway gateways\/public does not exist$/,
  ],
  ['a Gateway without an address', 'gateway', 'GATEWAY-NOT-READY', { gateway: [noAddress] }, /not programmed: No addr/],
  ['a Gateway without a controller', 'gateway', 'GATEWAY-NOT-READY', { gateway: [pending] }, /Waiting for controller$/],
])('reports %s at the step "%s" as %s', async (_what, step, code, changes, message) => {
  const report = await foundIn(routeObjects('fake', parentRefs, changes));
  expect(problemAt(report, step)).toEqual({
    code,
    message: expect.stringMatching(message),
    hasFix: true,
    isGood: false,
  });
});

test('reports a listener that rejects the route although another accepts it', async () => {
  const report = await foundIn(routeObjects('fake', twice, { route: [refused] }), twice);
  expect(problemAt(report, 'route')).toMatchObject({ code: 'ROUTE-NOT-ACCEPTED' });
});

test('reports a cluster without the Gateway API, with the fix', async () => {
  const report = await foundBy(parentRefs, async () => {
    throw new Problem(
      'CLUSTER',
      `Cannot ask the cluster: error: the server doesn't have a resource type "httproutes"`,
      {
        fix: 'check that kubectl itself works',
      },
    );
  });
  const finding = report.results.find(({ step }) => step.name === 'route')?.finding;
  expect(finding).toMatchObject({ problem: { code: 'CLUSTER', fix: expect.stringContaining('ways.gateway') } });
});

test.each<[NonNullable<Changes['target']>['way'], RegExp]>([
  ['gateway', /the Gateway has .*httproute/],
  ['ingress', /the ingress has .*get ingress/],
])('messages name the active way in: %s', async (way, words) => {
  const { results } = await verified({ worker: { instead: { '*': { status: 404 } } }, target: { way } });
  const finding = results.find(({ step }) => step.name === 'health')?.finding;
  const problem = finding !== undefined && 'problem' in finding ? finding.problem : undefined;
  expect(`${problem?.message} ${problem?.fix}`).toMatch(words);
  const other = await verified({ certificate: { names: ['other.example.com'] }, target: { way } });
  const tls = other.results.find(({ step }) => step.name === 'tls')?.finding;
  const text = tls !== undefined && 'problem' in tls ? `${tls.problem.message} ${tls.problem.fix}` : '';
  expect(text).toContain(way === 'gateway' ? 'get gateways -A' : 'kubectl -n fake get ingress,certificate');
  expect(text).not.toContain('<');
});

test('expects records to point to the active way in, and routes only with a Gateway', () => {
  const { ingress, gateway } = testWays;
  const targetWith = (ways: Parameters<typeof platformWith>[0], exposure?: 'internal') => {
    const server = testServer(exposure === undefined ? {} : { exposure }, 'test-server', platformWith(ways));
    const options = { secret: undefined, allowlist: allowlistFrom([]), sealed: testSealed(server) };
    const { cname, way, cluster } = targetOf(server, options);
    return [way, cname, cluster?.gateways];
  };
  expect(targetWith({ ingress })).toEqual(['ingress', ingress.address, undefined]);
  expect(targetWith({ ingress, gateway, active: 'ingress' })).toEqual(['ingress', ingress.address, parentRefs]);
  expect(targetWith({ ingress, gateway, active: 'gateway' })).toEqual(['gateway', gateway.address, parentRefs]);
  expect(targetWith({ gateway })).toEqual(['gateway', gateway.address, parentRefs]);
  expect(targetWith({ gateway }, 'internal')).toEqual([undefined, undefined, undefined]);
});
