import { type Changes, deployment, goodZone, host, publicAddress } from '../../testing/fake-deployment/deployment';
import { nameServer, type Zone } from '../../testing/fake-deployment/name-server';
import { findingOf, problemAt, verified } from '../../testing/fake-deployment/verified';
import { allowlistFrom } from '../engine/allowlist';
import { hasCname, resolves } from './names';
import type { StepName } from './step';

const zoneAt = (...addresses: string[]) => ({ ...goodZone, 'ingress.example.com': addresses });

test.each<[string, StepName, string, Changes, RegExp]>([
  ['a missing name', 'resolve', 'DNS-UNRESOLVED', { zone: {} }, /127\.0\.0\.1:\d+: no such name/],
  ['a missing name', 'cname', 'DNS-CNAME', { zone: {} }, /^There is no record of "fake\.example\.com" yet; it/],
  ['a name without an address', 'resolve', 'DNS-UNRESOLVED', { zone: { [host]: [] } }, /127\.0\.0\.1:\d+: no address/],
  [
    'a CNAME to another host',
    'cname',
    'DNS-CNAME',
    { zone: { [host]: { cname: 'old.example.com' }, 'old.example.com': [publicAddress] } },
    /points to "old.example.com", not to "ingress.example.com"/,
  ],
  ['addresses without a CNAME', 'cname', 'DNS-CNAME', { zone: { [host]: [publicAddress] } }, /has no CNAME/],
  ['a private address', 'public', 'INTERNAL-URL', { zone: zoneAt('10.0.192.27') }, /10\.0\.192\.27 is private/],
  ['one private of two', 'public', 'INTERNAL-URL', { zone: zoneAt(publicAddress, 'fd00::1') }, /fd00::1 is private/],
  [
    'a private address in NAT64 form',
    'public',
    'INTERNAL-URL',
    { zone: zoneAt('64:ff9b::a00:1') },
    /64:ff9b::a00:1 is 10\.0\.0\.1 in IPv6 form, private/,
  ],
])('reports %s at the step "%s" as %s', async (_what, step, code, changes, message) => {
  const report = await verified(changes);
  expect(problemAt(report, step)).toEqual({
    code,
    message: expect.stringMatching(message),
    hasFix: true,
    isGood: false,
  });
});

test.each<[string, Zone, string | undefined]>([
  ['a CNAME', goodZone, undefined],
  ['the address itself', { ...goodZone, [host]: [publicAddress] }, undefined],
  ['another address', { ...goodZone, [host]: ['203.0.113.9'] }, '"fake.example.com" points elsewhere: it has no CNAME'],
  ['nothing', {}, 'There is no record of "fake.example.com" yet'],
])('checks a host named by a wildcard that resolves to %s', async (_what, zone, message) => {
  const report = await verified({ zone, target: { namedBy: 'wildcard' } });
  if (message === undefined) expect(findingOf(report, 'cname')).toMatchObject({ state: 'passed' });
  else
    expect(problemAt(report, 'cname')).toMatchObject({ code: 'DNS-CNAME', message: expect.stringContaining(message) });
});

test.each<[string, Zone]>([
  ['has no address', { [host]: { cname: 'ingress.example.com' }, 'ingress.example.com': [] }],
  ['does not exist', { [host]: { cname: 'ingress.example.com' } }],
])('does not suggest to apply an existing record whose target %s', async (_what, zone) => {
  const names = await nameServer(zone);
  const made = await deployment({ world: { resolvers: [names.address] } });
  const finding = await resolves.run(made.target, {}, made.world);
  await Promise.all([made.close(), names.close()]);
  const message = `Cannot resolve "${host}" (${names.address}: it points to ingress.example.com, which has no address)`;
  expect(finding).toMatchObject({
    problem: { code: 'DNS-UNRESOLVED', message, fix: expect.stringMatching(/^the record is correct/) },
  });
});

test('does not suggest to apply a record when no resolver could be reached', async () => {
  const refusing = await nameServer('refused');
  const made = await deployment({ world: { resolvers: ['127.0.0.1:1', refusing.address] } });
  const finding = await resolves.run(made.target, {}, made.world);
  await Promise.all([made.close(), refusing.close()]);
  const answers = `127.0.0.1:1: cannot be reached, ${refusing.address}: refuses to answer`;
  expect(finding).toMatchObject({
    problem: { message: expect.stringContaining(answers), fix: expect.stringMatching(/^no resolver could be reached/) },
  });
});

test('names the resolver that returned a private address when only one of two did', async () => {
  const [inside, outside] = await Promise.all([nameServer(zoneAt('10.1.2.3')), nameServer(goodZone)]);
  const report = await verified({ world: { resolvers: [inside.address, outside.address] } });
  await Promise.all([inside.close(), outside.close()]);
  const message = `10.1.2.3 is private (only according to ${inside.address})`;
  expect(problemAt(report, 'public')).toMatchObject({ message: expect.stringContaining(message) });
});

test('reports resolvers that disagree, with their answers', async () => {
  const [current, behind] = await Promise.all([nameServer(goodZone), nameServer({})]);
  const report = await verified({ world: { resolvers: [current.address, behind.address] } });
  await Promise.all([current.close(), behind.close()]);
  expect(problemAt(report, 'resolve')).toMatchObject({
    code: 'DNS-UNRESOLVED',
    message: `Cannot resolve "${host}" everywhere (${current.address}: ${publicAddress}, ${behind.address}: no such name)`,
  });
});

test('passes with a note when one of two resolvers does not answer', async () => {
  const names = await nameServer(goodZone);
  const report = await verified({ world: { resolvers: [names.address, '127.0.0.1:1'] } });
  await names.close();
  expect(findingOf(report, 'resolve')).toMatchObject({
    state: 'passed',
    detail: `${publicAddress} (${names.address}); 127.0.0.1:1: cannot be reached`,
  });
  expect(report.isGood).toBe(true);
});

test('rejects a cluster-internal name by its form, even where it does not resolve', async () => {
  const url = new URL('http://fake.fake.svc.cluster.local:8000');
  const report = await verified({ target: { url, cname: undefined } });
  expect(problemAt(report, 'public')).toMatchObject({
    code: 'INTERNAL-URL',
    message: expect.stringContaining('"fake.fake.svc.cluster.local" is a name inside a cluster'),
  });
});

test('reports a port that speaks plain http as such, not by an OpenSSL error', async () => {
  const report = await verified({ worker: { tls: undefined } });
  expect(problemAt(report, 'tls')).toMatchObject({
    code: 'UNREACHABLE',
    message: `Cannot reach fake at https://${host}/: the server there does not speak TLS`,
  });
});

test('does not report a missing CNAME when no resolver answers', async () => {
  const made = await deployment({ world: { resolvers: ['127.0.0.1:1'] } });
  await made.close();
  await expect(hasCname.run(made.target, {}, made.world)).rejects.toMatchObject({
    code: 'DNS-UNRESOLVED',
    message: `Cannot look up the CNAME of "${host}" (127.0.0.1:1: cannot be reached)`,
  });
});

test.each([
  ['a range', '127.0.0.0/8'],
  ['a wildcard', '*.svc.cluster.local'],
])('accepts a private address that the allow-list covers by %s', async (_what, entry) => {
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

test('passes a server that is declared internal, with a warning about how to register it', async () => {
  const url = new URL('http://fake.fake.svc.cluster.local:8000');
  const report = await verified({
    zone: { 'fake.fake.svc.cluster.local': ['127.0.0.1'] },
    worker: { tls: undefined },
    target: { url, cname: undefined, isInternal: true },
  });
  expect(problemAt(report, 'public')).toMatchObject({ code: 'INTERNAL-URL', isGood: true });
  expect(findingOf(report, 'health')).toMatchObject({ detail: '2 tools' });
});
