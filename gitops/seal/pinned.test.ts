import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Problem } from '../../model/problem';
import { FakeSealWorld, keyOf } from '../../testing/fake-seal-world';
import { stagingPlatform } from '../../testing/fixtures';
import keys from './vectors/keys.throwaway.json';
import more from './vectors/more-certificates.json';

test.each([
  ['nothing', '', 'CERT-NONE'],
  ['a web page', '<!doctype html><html>502</html>', 'CERT-NONE'],
  ['an elliptic key', certOf('ec-p256'), 'CERT-NOT-RSA'],
  ['a short key', certOf('weak'), 'CERT-WEAK'],
  ['another certificate', keyOf('other-cluster').certPem, 'CERT-PIN'],
])('seals nothing under %s', async (_, pem, code) => {
  const world = new FakeSealWorld();
  writeFileSync(join(world.certificates, 'current.pem'), pem);
  const [problem] = await world.problems('set test-server TOKEN', 'hunter2-hunter2');
  expect(problem).toMatchObject({ code, file: 'platforms/certificates/current.pem' });
  expect(readdirSync(join(world.root, 'servers/test-server'))).toEqual([]);
  expect(await statusCodes(world)).toEqual([code]);
  if (code === 'CERT-PIN') {
    expect(problem?.message).toContain(keyOf('current').certSha256Hex);
    expect(problem?.message).toContain(keyOf('other-cluster').certSha256Hex);
  }
});

test.each([
  ['current-expired', '2026-01-01', 'CERT-EXPIRED', 'error'],
  ['current-expires-2030', '2029-12-15', 'CERT-SOON', 'warning'],
  ['current-not-yet-valid', '2026-01-01', 'CERT-FUTURE', 'warning'],
  ['current', '2026-01-01', 'CERT-OLD', 'warning'],
])('reports the certificate "%s" at %s as %s', async (id, now, code, level) => {
  const world = pinning(id, certOf(id)).with({ now: new Date(`${now}T00:00:00Z`) });
  if (level === 'error') expect(await world.problems('set test-server TOKEN', 'v')).toMatchObject([{ code }]);
  else {
    expect(await world.run('set test-server TOKEN', 'v')).toBe(0);
    expect(world.said.join()).toContain(code);
  }
});

test('warns about a file with two certificates and uses the first', async () => {
  const world = pinning('current', keyOf('current').certPem + keyOf('retired').certPem);
  await world.run('set test-server TOKEN', 'v');
  expect(world.said.join()).toContain('CERT-EXTRA');
  expect(JSON.parse(world.text()).TOKEN.certSha256).toBe(keyOf('current').certSha256Hex);
});

test.each([
  ['current', '', '2026-01-01', 'CERT-NONE'],
  ['current', certOf('ec-p256'), '2026-01-01', 'CERT-NOT-RSA'],
  ['current-expired', certOf('current-expired'), '2026-01-01', 'CERT-EXPIRED'],
  ['current-expires-2030', certOf('current-expires-2030'), '2029-12-15', 'CERT-SOON'],
])(
  'names the platform in the command that fetches a certificate, where there are several',
  async (id, pem, now, code) => {
    const world = pinning(id, pem).with({ now: new Date(`${now}T00:00:00Z`) });
    const command = async () => {
      await world.run('status --platform fake-cluster --json');
      const { problems }: { problems: readonly Problem[] } = JSON.parse(world.printed.join());
      return problems
        .find((problem) => problem.code === code)
        ?.fix.split(': ')
        .at(-1);
    };
    const fetch = 'npm run seal -- fetch-cert <url or file>';
    expect(await command()).toBe(fetch);
    world.others = [stagingPlatform];
    expect(await command()).toBe(`${fetch} --platform fake-cluster`);
  },
);

function pinning(id: string, pem: string): FakeSealWorld {
  const world = new FakeSealWorld();
  writeFileSync(join(world.certificates, 'current.pem'), pem);
  const { certSha256Hex } = [...keys.keys, ...keys.certs].find((each) => each.id === id) ?? keyOf(id);
  const pins = world.pins();
  world.pins = () => ({ ...pins, certificate: { ...pins.certificate, sha256: certSha256Hex } });
  return world;
}

function certOf(id: string): string {
  return [...keys.keys, ...keys.certs, ...more.certs].find((each) => each.id === id)?.certPem ?? '';
}

/** The problem codes that status reports for a value sealed under the pinned certificate. */
async function statusCodes(world: FakeSealWorld): Promise<readonly string[]> {
  const other = new FakeSealWorld();
  await other.run('set other ARCADE_WORKER_SECRET', 'a long enough value');
  mkdirSync(dirname(world.sealedFile('other')), { recursive: true });
  writeFileSync(world.sealedFile('other'), other.text('other'));
  await world.run('status other --json');
  return JSON.parse(world.printed.join()).problems.map(({ code }: Problem) => code);
}
