import { allowlistFrom } from '../../gitops/engine/allowlist';
import { Secret } from '../../gitops/seal/secret';
import { nodeWorld } from '../../gitops/verify/node-world';
import { type StepName, stepNames } from '../../gitops/verify/step';
import type { Target } from '../../gitops/verify/target';
import { type Report, verify, verifyAll } from '../../gitops/verify/verify';
import { privateAuthority } from '../../testing/authority';
import { clusterObjects, clusterOf } from '../../testing/fake-deployment/cluster';
import { nameServer, type Zone } from '../../testing/fake-deployment/name-server';
import { findingOf } from '../../testing/fake-deployment/verified';
import { fakeWorker } from '../../testing/fake-deployment/worker';
import { type Host, startIngress } from '../../testing/processes/nginx';
import { recordedWorker, worker } from '../../testing/processes/our-worker';
import { startServer } from '../../testing/processes/server';
import { seen } from '../seen';
import { startApiServer } from './api-server';

const zone = 'example.com';
const publicAddress = '93.184.216.34';
const secret = 'a-secret-of-the-suite';
const login = 'https://login.microsoftonline.com/tenant/oauth2/v2.0/authorize?client_id=x';
const five = ['first', 'second', 'without-pod', 'walled', 'unknown'] as const;
/** Two servers whose secrets come from a store: one has all keys, one lacks a key. */
const stored = ['stored', 'lacking'] as const;
const fifty = Array.from({ length: 50 }, (_, index) => `server-${index}`);
/** The delay of each response of the fifty servers, as from another region. Verifying them one by one would add it up. */
const distanceMs = 100;

const running: { close(): Promise<unknown> }[] = [];
let world: ReturnType<typeof nodeWorld>;
let reports: readonly Report[];

beforeAll(async () => {
  const file = await recordedWorker();
  const [first, second] = [await workerUrl(file, 'first'), await workerUrl(file, 'second')];
  const distant = kept(await fakeWorker({ secret, delayMs: distanceMs }));
  const hosts: Host[] = [
    { name: hostOf('first'), upstream: first },
    { name: hostOf('second'), upstream: second },
    { name: hostOf('without-pod'), upstream: undefined },
    { name: hostOf('walled'), upstream: first, login },
    ...fifty.map((name) => ({ name: hostOf(name), upstream: `http://127.0.0.1:${distant.port}` })),
  ];
  const authority = privateAuthority();
  const ingress = await startIngress(hosts, authority.issue({ names: [`*.${zone}`] }));
  running.push({ close: ingress.stop });
  const dns = kept(await nameServer(zoneOf([...five, ...fifty])));
  const cluster = kept(
    await startApiServer((namespace) =>
      stored.some((name) => name === namespace)
        ? storedObjects(namespace)
        : clusterObjects(namespace, namespace === 'second' ? { chartVersion: '2.0.71' } : {}),
    ),
  );
  world = nodeWorld({
    resolvers: [dns.address],
    timeoutMs: 20_000,
    authorities: [authority.pem],
    connectTo: { address: '127.0.0.1', port: Number(new URL(ingress.url).port) },
    environment: cluster.environment,
  });
  reports = await verifyAll(five.map(targetOf), world);
});
afterAll(async () => {
  world?.close();
  await Promise.all(running.map((part) => part.close()));
});

const passing = ['resolve', 'cname', 'public', 'tls', 'health', 'closed', 'token', 'tools', 'mcp', 'mcp-2026'] as const;

/** The expected state or problem code of each step. */
const expectations: readonly (readonly [server: string, step: StepName, found: string])[] = [
  ...passing.flatMap((step) => [['first', step, 'passed'] as const, ['second', step, 'passed'] as const]),
  ['first', 'sealed', 'passed'],
  ['first', 'release', 'passed'],
  ['first', 'pods', 'passed'],
  ['second', 'release', 'RELEASE-NOT-READY'],
  ['without-pod', 'health', 'HEALTH'],
  ['walled', 'health', 'LOGIN-WALL'],
  ['walled', 'mcp', 'LOGIN-WALL'],
  ['unknown', 'health', 'HEALTH'],
];

test.each(expectations)('through nginx and kubectl, server %s: step %s reports %s', (server, step, wanted) => {
  const report = reports.find(({ target }) => target.name === server);
  const finding = report && findingOf(report, step);
  const found = finding && ('problem' in finding ? finding.problem : { code: finding.state, message: '' });
  expect(found).toMatchObject({ code: wanted });
});

test('reads the keys and the write time of a Secret with the real kubectl, but no values', async () => {
  const skip = stepNames.filter((name) => !['external', 'secret-keys', 'pods-secret'].includes(name));
  const storedReports = await verifyAll(stored.map(storedTarget), world, { skip });
  const findings = storedReports.map((report) =>
    report.results.map(({ step, finding }) => [step.name, 'problem' in finding ? finding.problem.code : finding.state]),
  );
  const [complete, lacking] = findings;
  expect(complete).toEqual([
    ['external', 'passed'],
    ['secret-keys', 'passed'],
    ['pods-secret', 'PODS-STALE'],
  ]);
  expect(lacking?.[1]).toEqual(['secret-keys', 'SECRET-NOT-SYNCED']);
  const results = JSON.stringify(storedReports.map((report) => report.results));
  expect(results).not.toContain(Buffer.from(secret).toString('base64'));
});

test('verifies fifty servers in parallel, and prints the time relative to one server', async () => {
  const targets = fifty.map((name) => ({ ...targetOf(name), cluster: undefined, expectedTools: undefined }));
  const singleMs: number[] = [];
  for (const target of targets.slice(0, 3)) singleMs.push((await verify(target, world)).ms);
  const started = performance.now();
  const all = await verifyAll(targets, world);
  const factor = (performance.now() - started) / Math.max(...singleMs);
  expect(all.filter(({ isGood }) => !isGood)).toEqual([]);
  expect(all).toHaveLength(50);
  seen(`${factor.toFixed(2)} times as long as the slowest of three single servers`);
});

function kept<T extends { close(): Promise<unknown> }>(part: T): T {
  running.push(part);
  return part;
}

async function workerUrl(file: string, name: string): Promise<string> {
  const environment = { ARCADE_WORKER_SECRET: secret, MCP_ALLOWED_HOSTS: hostOf(name), WORKER_TRUSTED_HOPS: '1' };
  const { url, kill } = await startServer(worker({ file, environment }));
  running.push({ close: kill });
  return url;
}

function hostOf(name: string): string {
  return `${name}.${zone}`;
}

function zoneOf(names: readonly string[]): Zone {
  const records = names.map((name) => [hostOf(name), { cname: `ingress.${zone}` }] as const);
  return { ...Object.fromEntries(records), [`ingress.${zone}`]: [publicAddress] };
}

function targetOf(name: string): Target {
  return {
    name,
    args: name,
    url: new URL(`https://${hostOf(name)}`),
    isInternal: false,
    cname: `ingress.${zone}`,
    namedBy: 'record',
    expectedTools: ['Echo', 'Add', 'Whoami'],
    invoke: ['all'],
    secret: new Secret(Buffer.from(secret)),
    oldSecret: undefined,
    allowlist: allowlistFrom([]),
    cluster: clusterOf(name),
  };
}

const keys = ['API_KEY', 'ARCADE_WORKER_SECRET'];

/** The objects of a server whose Secret was written after its pods started. The Secret of `lacking` has one key of two. */
function storedObjects(name: string): readonly object[] {
  const { namespace, secretName } = clusterOf(name);
  const metadata = { name: secretName, namespace };
  const written = name === 'lacking' ? keys.slice(1) : keys;
  const data = Object.fromEntries(written.map((key) => [key, Buffer.from(secret).toString('base64')]));
  const managedFields = [{ manager: 'external-secrets', operation: 'Update', time: '2026-11-23T00:00:09Z' }];
  return [
    ...clusterObjects(name, { without: 'SealedSecret' }),
    {
      ...{ apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', metadata },
      status: { conditions: [{ type: 'Ready', status: 'True', reason: 'SecretSynced' }] },
    },
    { apiVersion: 'v1', kind: 'Secret', metadata: { ...metadata, managedFields }, data },
  ];
}

function storedTarget(name: string): Target {
  const texts = { about: '', rollout: '', rotationEnd: '', places: keys };
  return { ...targetOf(name), cluster: { ...clusterOf(name), stored: { kind: 'external', keys, ...texts } } };
}
