import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { FakeSealWorld } from '../../../testing/fake-seal-world';

test('shows the age and the problems of every key', async () => {
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

test('exits with 0 and prints no problem for a server without problems', async () => {
  const world = new FakeSealWorld();
  await world.run('set other ARCADE_WORKER_SECRET', 'v');
  expect(await world.run('status other')).toBe(0);
  expect(world.said).toEqual([]);
  expect(await world.problems('status nosuch')).toMatchObject([{ code: 'SERVER-UNKNOWN' }]);
});

test('reports a broken file without quoting it, and still shows the others', async () => {
  const world = new FakeSealWorld();
  await world.run('set other ARCADE_WORKER_SECRET', 'v');
  mkdirSync(dirname(world.sealedFile()));
  writeFileSync(world.sealedFile(), 'hunter2');
  expect(await world.run('status')).toBe(1);
  const output = [...world.printed, ...world.said].join();
  expect(output).toMatch(/other\s+ARCADE_WORKER_SECRET\s+namespace-wide/);
  expect(output).toContain('SEAL-FORM');
  expect(output).not.toContain('hunter2');
  expect(output).not.toContain('SEAL-MISSING');
});

test('--json reports rows and problems', async () => {
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

test('marks values under the sample certificate', async () => {
  const world = new FakeSealWorld();
  const pins = world.pins();
  world.pins = () => ({ ...pins, certificate: { ...pins.certificate, isSample: true } });
  await world.run('set other ARCADE_WORKER_SECRET', 'v');
  expect(await world.run('status other')).toBe(0);
  expect(world.printed.join()).toMatch(/sample cc79259d\s+today\s+SEAL-SAMPLE/);
});
