import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Certified, privateAuthority } from '../../../testing/authority';
import { nameServer } from '../../../testing/fake-deployment/name-server';
import { testPlatform, testWays, unconfirmedPlatform } from '../../../testing/fixtures';
import { recordedWorker, worker } from '../../../testing/processes/our-worker';
import { contract } from '../../../worker/contract';
import { seen } from '../../seen';
import { PodNetwork } from '../network/pod-network';
import { Caller, type Endpoint, echo } from './caller';
import { gatewayPorts, startGatewayController } from './gateway-controller';
import { ingressPort, startIngressController } from './ingress-controller';
import { podOf } from './pod';
import type { ServerName } from './sources';
import type { Story } from './story';
import { allPass, problemAt, recreatePods } from './verify-steps';

const name = 'plain-public' satisfies ServerName;
const host = `${name}.${testPlatform.dns.zone}`;
/** The public addresses of ingress and Gateway. */
const addresses = { ingress: '93.184.216.34', gateway: '93.184.216.35' } as const;
const { ingress, gateway } = testWays;
const gatewayName = gateway.parentRefs[0]?.name ?? '';

/** 8: a server moves from an ingress to a Gateway in three commits, and no call fails. */
export function proveMove(story: () => Story): void {
  const cleanups: (() => Promise<unknown>)[] = [];
  let dns: Awaited<ReturnType<typeof nameServer>>;
  let endpoint: Endpoint;
  let callers: readonly Caller[] = [];

  beforeAll(async () => {
    await recreatePods(story(), name);
    const authority = privateAuthority();
    const network = await startNetwork(story(), authority.issue({ names: [host] }), cleanups);
    dns = await nameServer(zone(story()));
    cleanups.push(async () => dns.close());
    endpoint = { ...network, host, authority: authority.pem, resolver: dns.address };
  });
  afterAll(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  });

  /** Delivers the next commit, waits until Flux has applied it, and then updates the name server from the rendered record. */
  const declare = async (ways: object) => {
    const { sources, target } = story();
    sources.edit(unconfirmedPlatform.source, (text) => text.replace(/ways: .*,/, `ways: ${JSON.stringify(ways)},`));
    await target.ready(await target.deliverAndMerge());
    dns.setZone(zone(story()));
  };
  const allSucceedAt = (address: string) => Promise.all(callers.map((caller) => caller.succeedsAt(address, 20)));

  test('first the Gateway also routes to the server, but no caller uses it', async () => {
    callers = [new Caller(endpoint, false), new Caller(endpoint, true)];
    cleanups.push(() => Promise.all(callers.map((caller) => caller.stop())));
    await allSucceedAt(addresses.ingress);
    await declare({ ingress, gateway, active: 'ingress' });
    await allPass(story(), name);
    expect(await echo(endpoint, addresses.gateway, 'direct')).toBe('direct');
    await allSucceedAt(addresses.ingress);
    expect(callers.map(({ answered }) => answered.get(addresses.gateway))).toEqual([undefined, undefined]);
  });

  test('then the record changes, and callers with the cached address still succeed', async () => {
    const [resolving, caching] = callers;
    await declare({ ingress, gateway, active: 'gateway' });
    await resolving?.succeedsAt(addresses.gateway, 20);
    await caching?.succeedsAt(addresses.ingress, 20);
    caching?.forget();
    await allSucceedAt(addresses.gateway);
  });

  test('then the ingress is removed, and no call has failed', async () => {
    await declare({ gateway });
    await story().cluster.until('ingress', { namespace: name, name }, (found) => found === undefined);
    await untilUnrouted(endpoint, addresses.ingress);
    await allSucceedAt(addresses.gateway);
    await allPass(story(), name);
    for (const caller of callers) await caller.stop();
    expect(callers.flatMap(({ failures }) => failures)).toEqual([]);
    const counts = callers.map(({ answered }) => [...answered.values()].join(' and '));
    seen(`successful calls through nginx and Traefik: ${counts.join('; with a cached address ')}`);
  });

  test('reports a route to an absent listener', async () => {
    const parentRefs = gateway.parentRefs.map((parent) => ({ ...parent, sectionName: 'nowhere' }));
    await declare({ gateway: { ...gateway, parentRefs } });
    const { message } = await problemAt(story(), name, 'route', 'ROUTE-NOT-ACCEPTED', /is not accepted/);
    seen(message ?? '');
    await declare({ gateway });
    await allPass(story(), name);
  });

  test('reports a route to an absent Service until Flux reverts it', async () => {
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
    await allPass(story(), name);
  });

  test('reports a Gateway with a port on which Traefik does not listen', async () => {
    const change = (port: number) => patch('gateway', [gatewayName, gateway.namespace], '/spec/listeners/0/port', port);
    await change(gatewayPorts.calls + 1);
    const { message } = await problemAt(story(), name, 'gateway', 'GATEWAY-NOT-READY', /is not programmed/);
    seen(message ?? '');
    await change(gatewayPorts.calls);
    await allPass(story(), name);
  });

  const patch = (kind: string, [named, namespace]: readonly [string, string], path: string, value: unknown) => {
    const change = JSON.stringify([{ op: 'replace', path, value }]);
    return story().cluster.succeeds(['patch', kind, named, '-n', namespace, '--type=json', '-p', change]);
  };
}

/** Starts a worker in the pod network, and both proxies. @param cleanups receives a function to stop each of them */
async function startNetwork({ cluster }: Story, certified: Certified, cleanups: (() => Promise<unknown>)[]) {
  const inside = [contract.port, ingressPort, gatewayPorts.calls, gatewayPorts.up];
  const network = await PodNetwork.start(inside, [cluster.plane.port]);
  cleanups.push(network.stop);
  const { environment } = await podOf(cluster, name);
  const recipe = worker({ file: await recordedWorker(), environment });
  cleanups.push((await network.startServer(recipe, contract.port)).stop);
  cleanups.push(await startIngressController(cluster, network, { namespace: name, certified }));
  cleanups.push((await startGatewayController(cluster, network, certified)).stop);
  const ports = {
    [addresses.ingress]: network.portOf(ingressPort),
    [addresses.gateway]: network.portOf(gatewayPorts.calls),
  };
  return { secret: environment[contract.env.secret] ?? '', ports };
}

/** The public DNS zone with the rendered record. */
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

/** Waits until a proxy, which keeps running, no longer routes to the server. */
async function untilUnrouted(endpoint: Endpoint, address: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const answer = await echo(endpoint, address, 'late').catch(String);
    if (/404/.test(answer)) return;
    if (performance.now() > deadline) throw new Error(`the ingress still answers ${answer}`);
  }
}
