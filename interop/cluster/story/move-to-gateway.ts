import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Certified, privateAuthority } from '../../../testing/authority';
import { nameServer } from '../../../testing/fake-deployment/name-server';
import { testPlatform, testWays, unconfirmedPlatform } from '../../../testing/fixtures';
import { recordedWorker, worker } from '../../../testing/processes/our-worker';
import { contract } from '../../../worker/contract';
import { seen } from '../../seen';
import { PodNetwork } from '../network/pod-network';
import { type Called, Caller, echo } from './caller';
import { gatewayPorts, startGatewayController } from './gateway-controller';
import { ingressPort, startIngressController } from './ingress-controller';
import { podOf } from './pod';
import type { ServerName } from './sources';
import type { Story } from './story';
import { allIsWell, freshPods, problemAt } from './verify-steps';

const name = 'plain-public' satisfies ServerName;
const host = `${name}.${testPlatform.dns.zone}`;
/** The public addresses of the two ways. */
const addresses = { ingress: '93.184.216.34', gateway: '93.184.216.35' } as const;
const { ingress, gateway } = testWays;
const gatewayName = gateway.parentRefs[0]?.name ?? '';

/** 7: a server moves from an ingress to a Gateway in three commits, and each call on the way is answered. */
export function proveWays(story: () => Story): void {
  const ends: (() => Promise<unknown>)[] = [];
  let dns: Awaited<ReturnType<typeof nameServer>>;
  let called: Called;
  let callers: readonly Caller[] = [];

  beforeAll(async () => {
    await freshPods(story(), name);
    const authority = privateAuthority();
    const entered = await startNetwork(story(), authority.issue({ names: [host] }), ends);
    dns = await nameServer(zone(story()));
    ends.push(async () => dns.close());
    called = { ...entered, host, authority: authority.pem, resolver: dns.address };
  });
  afterAll(async () => {
    for (const end of ends.reverse()) await end();
  });

  /** The next commit, as far as it has arrived in the cluster; then the name server has what the record says. */
  const declare = async (ways: object) => {
    const { sources, target } = story();
    sources.edit(unconfirmedPlatform.source, (text) => text.replace(/ways: .*,/, `ways: ${JSON.stringify(ways)},`));
    await target.ready(await target.deliverAndMerge());
    dns.setZone(zone(story()));
  };
  const everybodyHears = (address: string) => Promise.all(callers.map((caller) => caller.hears(address, 20)));

  test('first the Gateway leads there as well, and nobody goes that way', async () => {
    callers = [new Caller(called, false), new Caller(called, true)];
    ends.push(() => Promise.all(callers.map((caller) => caller.stop())));
    await everybodyHears(addresses.ingress);
    await declare({ ingress, gateway, active: 'ingress' });
    await allIsWell(story(), name);
    expect(await echo(called, addresses.gateway, 'by hand')).toBe('by hand');
    await everybodyHears(addresses.ingress);
    expect(callers.map(({ answered }) => answered.get(addresses.gateway))).toEqual([undefined, undefined]);
  });

  test('then the record changes, and whoever still has the one before is served too', async () => {
    const [asking, remembering] = callers;
    await declare({ ingress, gateway, active: 'gateway' });
    await asking?.hears(addresses.gateway, 20);
    await remembering?.hears(addresses.ingress, 20);
    remembering?.forget();
    await everybodyHears(addresses.gateway);
  });

  test('then the ingress goes, and nobody misses it', async () => {
    await declare({ gateway });
    await story().cluster.until('ingress', { namespace: name, name }, (found) => found === undefined);
    await refused(called, addresses.ingress);
    await everybodyHears(addresses.gateway);
    await allIsWell(story(), name);
    for (const caller of callers) await caller.stop();
    expect(callers.flatMap(({ failures }) => failures)).toEqual([]);
    const counts = callers.map(({ answered }) => [...answered.values()].join(' and then '));
    seen(`calls answered by nginx and then by Traefik: ${counts.join(', with a name that was remembered ')}`);
  });

  test('a route to a listener that is not there', async () => {
    const parentRefs = gateway.parentRefs.map((parent) => ({ ...parent, sectionName: 'nowhere' }));
    await declare({ gateway: { ...gateway, parentRefs } });
    const { message } = await problemAt(story(), name, 'route', 'ROUTE-NOT-ACCEPTED', /is not accepted/);
    seen(message ?? '');
    await declare({ gateway });
    await allIsWell(story(), name);
  });

  test('a route to a Service that is not there, until Flux puts it back', async () => {
    await patch('httproute', [name, name], '/spec/rules/0/backendRefs/0/name', 'missing');
    const { message } = await problemAt(
      story(),
      name,
      'route',
      'ROUTE-NOT-ACCEPTED',
      /is not resolved: .*"missing" not found/,
    );
    seen(message ?? '');
    await story().cluster.flux(['reconcile', 'kustomization', 'apps']);
    await allIsWell(story(), name);
  });

  test('a Gateway with a port that nobody serves', async () => {
    const change = (port: number) => patch('gateway', [gatewayName, gateway.namespace], '/spec/listeners/0/port', port);
    await change(gatewayPorts.calls + 1);
    const { message } = await problemAt(story(), name, 'gateway', 'GATEWAY-NOT-READY', /is not programmed/);
    seen(message ?? '');
    await change(gatewayPorts.calls);
    await allIsWell(story(), name);
  });

  const patch = (kind: string, [named, namespace]: readonly [string, string], path: string, value: unknown) => {
    const change = JSON.stringify([{ op: 'replace', path, value }]);
    return story().cluster.succeeds(['patch', kind, named, '-n', namespace, '--type=json', '-p', change]);
  };
}

/** Pods that answer, and what leads to them; what has to be ended is added as it starts. */
async function startNetwork({ cluster }: Story, certified: Certified, ends: (() => Promise<unknown>)[]) {
  const inside = [contract.port, ingressPort, gatewayPorts.calls, gatewayPorts.up];
  const network = await PodNetwork.start(inside, [cluster.plane.port]);
  ends.push(network.end);
  const { environment } = await podOf(cluster, name);
  const recipe = worker({ file: await recordedWorker(), environment });
  ends.push((await network.startServer(recipe, contract.port)).stop);
  ends.push(await startIngressController(cluster, network, { namespace: name, certified }));
  ends.push((await startGatewayController(cluster, network, certified)).stop);
  const ports = {
    [addresses.ingress]: network.portOf(ingressPort),
    [addresses.gateway]: network.portOf(gatewayPorts.calls),
  };
  return { secret: environment[contract.env.secret] ?? '', ports };
}

/** What the public is told, by the record that has been rendered. */
function zone({ sources }: Story) {
  const folder = join(sources.repository.root, 'dist', unconfirmedPlatform.dns.repository);
  const [file = ''] = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith(`${name}.tf.json`),
  );
  const { resource } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  // Rendered by us: one record of one type.
  const [record] = Object.values<{ name: string; content: string }>(resource[unconfirmedPlatform.dns.resourceType]);
  return {
    [record?.name ?? '']: { cname: record?.content ?? '' },
    [ingress.address]: [addresses.ingress],
    [gateway.address]: [addresses.gateway],
  };
}

/** Waits until nobody leads to the server any more, where a proxy goes on to listen. */
async function refused(called: Called, address: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const answer = await echo(called, address, 'late').catch(String);
    if (/404/.test(answer)) return;
    if (performance.now() > deadline) throw new Error(`the ingress goes on to answer ${answer}`);
  }
}
