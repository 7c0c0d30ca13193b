import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { FakeSealWorld } from '../../../testing/fake-seal-world';

test('the status shows every key, its age, and what is wrong with it', async () => {
  const world = new FakeSealWorld();
  await world.run('set test-server TOKEN', 'v');
  await world.run('set test-server STRAY', 'v');
  world.with({ now: new Date('2024-02-04T00:00:00Z') });
  expect(await world.run('status')).toBe(1);
  const lines = world.printed.join().split('\n');
  expect(lines[0]).toMatch(/^server\s+key\s+scope\s+certificate\s+age\s+wrong$/);
  expect(lines).toContainEqual(expect.stringMatching(/^test-server\s+ARCADE_WORKER_SECRET\s+SEAL-MISSING$/));
  expect(lines).toContainEqual(
    expect.stringMatching(/^test-server\s+TOKEN\s+namespace-wide\s+pinned cc79259d\s+3 d\s+-$/),
  );
  expect(lines).toContainEqual(expect.stringMatching(/STRAY.*SEAL-UNUSED$/));
  expect(lines).toContainEqual(expect.stringMatching(/^other\s+ARCADE_WORKER_SECRET\s+SEAL-MISSING$/));
  expect(world.said.join()).toContain('npm run seal -- set other ARCADE_WORKER_SECRET');
});

test('all is well: exit code 0 and nothing said; one server can be asked for', async () => {
  const world = new FakeSealWorld();
  await world.run('set other ARCADE_WORKER_SECRET', 'v');
  expect(await world.run('status other')).toBe(0);
  expect(world.said).toEqual([]);
  expect(await world.problems('status nosuch')).toMatchObject([{ code: 'SERVER-UNKNOWN' }]);
});

test('a broken file is told, without its text, and hides no other', async () => {
  const world = new FakeSealWorld();
  await world.run('set other ARCADE_WORKER_SECRET', 'v');
  mkdirSync(dirname(world.sealedFile()));
  writeFileSync(world.sealedFile(), 'hunter2');
  expect(await world.run('status')).toBe(1);
  const told = [...world.printed, ...world.said].join();
  expect(told).toMatch(/other\s+ARCADE_WORKER_SECRET\s+namespace-wide/);
  expect(told).toContain('SEAL-FORM');
  expect(told).not.toContain('hunter2');
  expect(told).not.toContain('SEAL-MISSING');
});

test('a program gets rows and problems', async () => {
  const world = new FakeSealWorld();
  await world.run('status --json');
  const { sealed, problems } = JSON.parse(world.printed.join());
  expect(sealed).toHaveLength(3);
  expect(sealed[0]).toEqual({
    server: 'test-server',
    platform: 'fake-cluster',
    key: 'ARCADE_WORKER_SECRET',
    scope: '',
    certificate: '',
    codes: ['SEAL-MISSING'],
  });
  expect(problems).toHaveLength(3);
});

test('values under the sample certificate are marked', async () => {
  const world = new FakeSealWorld();
  const pins = world.pins();
  world.pins = () => ({ ...pins, certificate: { ...pins.certificate, isSample: true } });
  await world.run('set other ARCADE_WORKER_SECRET', 'v');
  expect(await world.run('status other')).toBe(0);
  expect(world.printed.join()).toMatch(/sample cc79259d\s+today\s+SEAL-SAMPLE/);
});
