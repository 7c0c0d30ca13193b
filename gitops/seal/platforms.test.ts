import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FakeSealWorld, keyOf } from '../../testing/fake-seal-world';
import { stagingPlatform } from '../../testing/fixtures';

const staging = {
  ...stagingPlatform,
  certificate: {
    file: 'platforms/certificates/other-cluster.pem',
    sha256: keyOf('other-cluster').certSha256Hex,
    isSample: false,
  },
};

function twoClusters(): FakeSealWorld {
  const world = new FakeSealWorld();
  world.others = [staging];
  return world;
}

const fileOf = (world: FakeSealWorld) => join(world.root, 'servers/test-server/sealed/staging.json');

test.each([
  'set test-server TOKEN',
  'rotate test-server ARCADE_WORKER_SECRET',
  'finish test-server ARCADE_WORKER_SECRET',
  'drop test-server TOKEN',
  'fetch-cert https://192.0.2.1/v1/cert.pem',
])('%s requires a platform before it reads a value or the network', async (line) => {
  const world = twoClusters();
  const problems = await world.problems(line, 'v');
  expect(problems).toMatchObject([
    { code: 'PLATFORM-UNKNOWN', fix: 'name one: --platform fake-cluster, or --platform staging' },
  ]);
  expect(existsSync(fileOf(world))).toBe(false);
});

test('seals for the named platform and repeats the flag in the next command', async () => {
  const world = twoClusters();
  await world.run('set test-server ARCADE_WORKER_SECRET --platform staging', 'a value of 16 or more');
  const sealed = JSON.parse(readFileSync(fileOf(world), 'utf8'));
  expect(sealed.ARCADE_WORKER_SECRET.certSha256).toBe(staging.certificate.sha256);
  expect(existsSync(world.sealedFile())).toBe(false);
  expect(world.said.join()).toContain('npm run seal -- set test-server TOKEN --platform staging');
  expect(await world.problems('set test-server TOKEN --platform stagin', 'v')).toMatchObject([
    { fix: 'write "staging"' },
  ]);
});

test('status covers every platform or the named one, and names the platform of a foreign value', async () => {
  const world = twoClusters();
  await world.run('set test-server TOKEN --platform staging', 'v');
  const text = readFileSync(fileOf(world), 'utf8');
  await world.run('set test-server TOKEN --platform fake-cluster', 'v');
  expect(await world.run('status test-server')).toBe(1);
  const shown = world.printed.join();
  expect(shown).toMatch(/^server\s+platform\s+key/);
  expect(shown).toMatch(/test-server\s+fake-cluster\s+TOKEN\s+namespace-wide\s+pinned cc79259d/);
  expect(shown).toMatch(/test-server\s+staging\s+TOKEN\s+namespace-wide\s+pinned 5f43ee9d/);
  await world.run('status test-server --platform staging');
  expect(world.printed.join()).not.toContain('fake-cluster');
  // A sealed file copied from one platform to another.
  writeFileSync(world.sealedFile(), text);
  await world.run('status test-server --platform fake-cluster');
  expect(world.said.join()).toContain('belongs to "staging", not to "fake-cluster"');
});
