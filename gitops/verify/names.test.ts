import { type Changes, deployment, goodZone, host, publicAddress } from '../../testing/fake-deployment/deployment';
import { nameServer, type Zone } from '../../testing/fake-deployment/name-server';
import { findingOf, problemAt, verified } from '../../testing/fake-deployment/verified';
import { allowlistFrom } from '../engine/allowlist';
import { hasCname, resolves } from './names';
import type { StepName } from './step';

const zoneAt = (...addresses: string[]) => ({ ...goodZone, 'ingress.example.com': addresses });

test.each<[string, StepName, string, Changes, RegExp]>([
  ['a name that is not there', 'resolve', 'DNS-UNRESOLVED', { zone: {} }, /127\.0\.0\.1:\d+: no such name/],
  [
    'a name that is not there',
    'cname',
    'DNS-CNAME',
    { zone: {} },
    /^There is no record of "fake\.example\.com" yet; it/,
  ],
  ['a name without an address', 'resolve', 'DNS-UNRESOLVED', { zone: { [host]: [] } }, /127\.0\.0\.1:\d+: no address/],
  [
    'an alias to another place',
    'cname',
    'DNS-CNAME',
    { zone: { [host]: { cname: 'old.example.com' }, 'old.example.com': [publicAddress] } },
    /points to "old.example.com", not to "ingress.example.com"/,
  ],
  ['addresses without an alias', 'cname', 'DNS-CNAME', { zone: { [host]: [publicAddress] } }, /has no CNAME/],
  ['a private address', 'public', 'INTERNAL-URL', { zone: zoneAt('10.0.192.27') }, /10\.0\.192\.27 is private/],
  ['one private of two', 'public', 'INTERNAL-URL', { zone: zoneAt(publicAddress, 'fd00::1') }, /fd00::1 is private/],
  [
    'an address in disguise',
    'public',
    'INTERNAL-URL',
    { zone: zoneAt('64:ff9b::a00:1') },
    /64:ff9b::a00:1 is 10\.0\.0\.1 in IPv6 form, private/,
  ],
])('%s is reported at the step "%s" as %s', async (_what, step, code, changes, message) => {
  const report = await verified(changes);
  expect(problemAt(report, step)).toEqual({
    code,
    message: expect.stringMatching(message),
    hasFix: true,
    isGood: false,
  });
});

test.each<[string, Zone, string | undefined]>([
  ['an alias', goodZone, undefined],
  ['the address itself', { ...goodZone, [host]: [publicAddress] }, undefined],
  ['another address', { ...goodZone, [host]: ['203.0.113.9'] }, '"fake.example.com" leads elsewhere: it has no CNAME'],
  ['nothing', {}, 'There is no record of "fake.example.com" yet'],
])('a name that is no record of ours may be %s', async (_what, zone, message) => {
  const report = await verified({ zone, target: { namedBy: 'wildcard' } });
  if (message === undefined) expect(findingOf(report, 'cname')).toMatchObject({ state: 'passed' });
  else
    expect(problemAt(report, 'cname')).toMatchObject({ code: 'DNS-CNAME', message: expect.stringContaining(message) });
});

test.each<[string, Zone]>([
  ['has no address', { [host]: { cname: 'ingress.example.com' }, 'ingress.example.com': [] }],
  ['does not exist', { [host]: { cname: 'ingress.example.com' } }],
])('a record that is there, for a target that %s, is not to be applied once more', async (_what, zone) => {
  const names = await nameServer(zone);
  const made = await deployment({ world: { resolvers: [names.address] } });
  const finding = await resolves.run(made.target, {}, made.world);
  await Promise.all([made.close(), names.close()]);
  const message = `Cannot resolve "${host}" (${names.address}: it points to ingress.example.com, which has no address)`;
  expect(finding).toMatchObject({
    problem: { code: 'DNS-UNRESOLVED', message, fix: expect.stringMatching(/^the record is there and right/) },
  });
});

test('where no resolver could be asked, nobody is told to apply a record', async () => {
  const refusing = await nameServer('refused');
  const made = await deployment({ world: { resolvers: ['127.0.0.1:1', refusing.address] } });
  const finding = await resolves.run(made.target, {}, made.world);
  await Promise.all([made.close(), refusing.close()]);
  const said = `127.0.0.1:1: cannot be asked, ${refusing.address}: refuses to answer`;
  expect(finding).toMatchObject({
    problem: { message: expect.stringContaining(said), fix: expect.stringMatching(/^none could be asked/) },
  });
});

test('of two resolvers that see two worlds, the one that gave the private address is named', async () => {
  const [inside, outside] = await Promise.all([nameServer(zoneAt('10.1.2.3')), nameServer(goodZone)]);
  const report = await verified({ world: { resolvers: [inside.address, outside.address] } });
  await Promise.all([inside.close(), outside.close()]);
  const message = `10.1.2.3 is private (only ${inside.address} says it)`;
  expect(problemAt(report, 'public')).toMatchObject({ message: expect.stringContaining(message) });
});

test('resolvers that disagree are named', async () => {
  const [current, behind] = await Promise.all([nameServer(goodZone), nameServer({})]);
  const report = await verified({ world: { resolvers: [current.address, behind.address] } });
  await Promise.all([current.close(), behind.close()]);
  expect(problemAt(report, 'resolve')).toMatchObject({
    code: 'DNS-UNRESOLVED',
    message: `Cannot resolve "${host}" everywhere (${current.address}: ${publicAddress}, ${behind.address}: no such name)`,
  });
});

test('a resolver that does not answer is mentioned, and decides nothing', async () => {
  const names = await nameServer(goodZone);
  const report = await verified({ world: { resolvers: [names.address, '127.0.0.1:1'] } });
  await names.close();
  expect(findingOf(report, 'resolve')).toMatchObject({
    state: 'passed',
    detail: `${publicAddress} (${names.address}); 127.0.0.1:1: cannot be asked`,
  });
  expect(report.isGood).toBe(true);
});

test('a name inside the cluster is refused by its form, wherever verify runs', async () => {
  const url = new URL('http://fake.fake.svc.cluster.local:8000');
  const report = await verified({ target: { url, cname: undefined } });
  expect(problemAt(report, 'public')).toMatchObject({
    code: 'INTERNAL-URL',
    message: expect.stringContaining('"fake.fake.svc.cluster.local" is a name inside a cluster'),
  });
});

test('a port that speaks plain http is told as that, and not in the words of OpenSSL', async () => {
  const report = await verified({ worker: { tls: undefined } });
  expect(problemAt(report, 'tls')).toMatchObject({
    code: 'UNREACHABLE',
    message: `Cannot reach fake at https://${host}/: what answers there does not speak TLS`,
  });
});

test('resolvers that do not answer do not mean that the name has no CNAME', async () => {
  const made = await deployment({ world: { resolvers: ['127.0.0.1:1'] } });
  await made.close();
  await expect(hasCname.run(made.target, {}, made.world)).rejects.toMatchObject({
    code: 'DNS-UNRESOLVED',
    message: `Cannot ask for the CNAME of "${host}" (127.0.0.1:1: cannot be asked)`,
  });
});

test.each([
  ['a range', '127.0.0.0/8'],
  ['a wildcard', '*.svc.cluster.local'],
])('an allow-list that covers the address by %s makes it pass as public', async (_what, entry) => {
  const report = await verified({
    zone: { 'fake.fake.svc.cluster.local': ['127.0.0.1'] },
    worker: { tls: undefined },
    target: {
      url: new URL('http://fake.fake.svc.cluster.local:8000'),
      cname: undefined,
      allowlist: allowlistFrom([entry]),
    },
  });
  expect(findingOf(report, 'public')).toMatchObject({ state: 'passed', detail: expect.stringContaining('allow-list') });
  expect(report.isGood).toBe(true);
});

test('a server that is declared internal is good, with a warning about how to register it', async () => {
  const url = new URL('http://fake.fake.svc.cluster.local:8000');
  const report = await verified({
    zone: { 'fake.fake.svc.cluster.local': ['127.0.0.1'] },
    worker: { tls: undefined },
    target: { url, cname: undefined, isInternal: true },
  });
  expect(problemAt(report, 'public')).toMatchObject({ code: 'INTERNAL-URL', isGood: true });
  expect(findingOf(report, 'health')).toMatchObject({ detail: '2 tools' });
});
