import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FakeSealWorld } from '../../testing/fake-seal-world';

const secret = 'ARCADE_WORKER_SECRET';
const previous = 'ARCADE_WORKER_SECRET_PREVIOUS';

test('a rotation keeps the current value beside a new one until it is finished', async () => {
  const { world, out } = await sealedWorld();
  await world.run(['made-up', secret], { rotate: true, 'plaintext-out': out });
  const fresh = readFileSync(out, 'utf8');
  expect(fresh).toMatch(/^[\w-]{43}$/);
  expect(await world.opened(secret)).toBe(fresh);
  expect(await world.opened(previous)).toBe('the current value');
  await world.run(['made-up', secret], { finish: true });
  expect(Object.keys(JSON.parse(world.text()))).toEqual([secret]);
  expect(await world.opened(secret)).toBe(fresh);
});

test('the four steps say what to do in the engine, and nothing of the values', async () => {
  const { world, out } = await sealedWorld();
  await world.run(['made-up', secret], { rotate: true, 'plaintext-out': out });
  const told = world.printed.join('\n');
  for (const step of ['1  Deliver both', "2  In the engine's dashboard", '3  npm run verify', '4  Drop the old one']) {
    expect(told).toContain(step);
  }
  expect(told).not.toContain(readFileSync(out, 'utf8'));
  expect(told).not.toContain('the current value');
});

test('a second rotation waits for the first, and a finish needs one', async () => {
  const { world, out } = await sealedWorld();
  expect(await world.problems(['made-up', secret], { finish: true })).toMatchObject([{ code: 'SEAL-ROTATION' }]);
  await world.run(['made-up', secret], { rotate: true, 'plaintext-out': out });
  const again = { rotate: true, 'plaintext-out': `${out}-2` };
  expect(await world.problems(['made-up', secret], again)).toMatchObject([
    { code: 'SEAL-ROTATION', fix: expect.stringMatching(/give the engine the new value;.*verify.*--finish/) },
  ]);
  expect(existsSync(`${out}-2`)).toBe(false);
});

test('during a rotation its new value is not sealed over; other keys are, and a finish ends the ban', async () => {
  const { world, out } = await sealedWorld();
  await world.run(['made-up', secret], { rotate: true, 'plaintext-out': out });
  const text = world.text();
  for (const flags of [{}, { generate: true, 'plaintext-out': `${out}-2` }]) {
    expect(await world.problems(['made-up', secret], flags, 'another long value')).toMatchObject([
      { code: 'SEAL-ROTATION', fix: expect.stringMatching(/--finish.*_PREVIOUS --drop/) },
    ]);
  }
  expect(world.text()).toBe(text);
  expect(existsSync(`${out}-2`)).toBe(false);
  await world.run(['made-up', 'TOKEN'], {}, 'v');
  await world.run(['made-up', secret], { finish: true });
  await world.run(['made-up', secret], {}, 'another long value');
  expect(await world.opened(secret)).toBe('another long value');
});

test('a new value that cannot be read may be sealed again during a rotation', async () => {
  const { world, out } = await sealedWorld();
  await world.run(['made-up', secret], { rotate: true, 'plaintext-out': out });
  const entries = JSON.parse(world.text());
  writeFileSync(world.sealedFile(), JSON.stringify({ ...entries, [secret]: {} }));
  await world.run(['made-up', secret], { 'from-file': out });
  expect(await world.opened(secret)).toBe(readFileSync(out, 'utf8'));
});

test('the finish reminds of the steps before it, and the status shows a rotation until then', async () => {
  const { world, out } = await sealedWorld();
  world.with({ now: new Date('2024-02-09T00:00:00Z') });
  await world.run(['made-up', secret], { rotate: true, 'plaintext-out': out });
  await world.run(['made-up'], { status: true });
  expect(world.printed.join('\n')).toMatch(/A rotation of made-up is open since 2024-02-09\.\n.*--finish/);
  await world.with({ isJson: true }).run([], { status: true });
  expect(JSON.parse(world.printed.join())).toMatchObject({ rotations: [{ server: 'made-up', since: '2024-02-09' }] });
  await world.with({ isJson: false }).run(['made-up', secret], { finish: true });
  expect(world.printed.join()).toMatch(
    /the engine must have the new one.*git restore servers\/made-up\/sealed\/made-up-cluster.json/s,
  );
  await world.run(['made-up'], { status: true });
  expect(world.printed.join()).not.toContain('rotation');
});

test('the current value can be sealed anew from the operator or with a private key, and a wrong one is refused', async () => {
  for (const [flags, stdin] of [
    [{ 'from-file': '-' }, 'the current value'],
    [{ 'verify-with': ['current'] }, ''],
  ] as const) {
    const { world, out } = await sealedWorld();
    const before = JSON.parse(world.text())[secret];
    const keys = 'verify-with' in flags ? { 'verify-with': [world.privateKey('current')] } : flags;
    await world.run(['made-up', secret], { rotate: true, 'plaintext-out': out, ...keys }, stdin);
    expect(JSON.parse(world.text())[previous].ciphertext).not.toBe(before.ciphertext);
    expect(await world.opened(previous)).toBe('the current value');
  }
  const { world, out } = await sealedWorld();
  const flags = { rotate: true, 'plaintext-out': out, 'from-file': '-', 'verify-with': [world.privateKey('current')] };
  const text = world.text();
  expect(await world.problems(['made-up', secret], flags, 'another value')).toMatchObject([{ code: 'SEAL-ROTATION' }]);
  const wrongKey = { rotate: true, 'plaintext-out': out, 'verify-with': [world.privateKey('retired')] };
  expect(await world.problems(['made-up', secret], wrongKey)).toMatchObject([{ code: 'SEAL-OPEN' }]);
  expect(world.text()).toBe(text);
  expect(existsSync(out)).toBe(false);
});

test('with a check key, a value that is not the current one is noticed without a private key', async () => {
  const world = new FakeSealWorld().with({ environment: { SEAL_CHECK_KEY: 'k'.repeat(32) } });
  await world.run(['made-up', secret], {}, 'the current value');
  const flags = { rotate: true, 'plaintext-out': join(world.root, 'new.plaintext'), 'from-file': '-' };
  expect(await world.problems(['made-up', secret], flags, 'another value')).toMatchObject([{ code: 'SEAL-ROTATION' }]);
  await world.run(['made-up', secret], flags, 'the current value');
  expect(await world.opened(previous)).toBe('the current value');
});

test('a rotation needs a current value that the cluster can open, and the key that the worker accepts twice', async () => {
  const { world, out } = await sealedWorld();
  const flags = { rotate: true, 'plaintext-out': out };
  expect(await world.problems(['other', secret], flags)).toMatchObject([{ code: 'SEAL-MISSING' }]);
  expect(await world.problems(['made-up', 'TOKEN'], flags)).toMatchObject([{ code: 'USAGE' }]);
  expect(await world.problems(['made-up', 'TOKEN'], { finish: true })).toMatchObject([{ code: 'USAGE' }]);
  writeFileSync(world.sealedFile(), world.text().replace('"made-up-worker-secret"', '"older-name"'));
  expect(await world.problems(['made-up', secret], flags)).toMatchObject([{ code: 'SEAL-LABEL' }]);
});

test('of two rotations at once one wins, and its value is the one that is kept', async () => {
  const { world, out } = await sealedWorld();
  const paths = [`${out}-1`, `${out}-2`];
  const results = await Promise.allSettled(
    paths.map((path) => world.run(['made-up', secret], { rotate: true, 'plaintext-out': path })),
  );
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const [kept = ''] = paths.filter((path) => existsSync(path));
  expect(await world.opened(secret)).toBe(readFileSync(kept, 'utf8'));
  expect(await world.opened(previous)).toBe('the current value');
});

test('a generated value goes to a new file for its owner alone, or to a terminal, and nowhere else', async () => {
  const { world, out } = await sealedWorld();
  expect(await world.problems(['made-up', 'TOKEN'], { generate: true })).toMatchObject([{ code: 'SECRET-OUTPUT' }]);
  await world.run(['made-up', 'TOKEN'], { generate: true, 'plaintext-out': out });
  expect(statSync(out).mode & 0o777).toBe(0o600);
  expect(world.shown).toEqual([]);
  expect(await world.problems(['made-up', 'TOKEN'], { generate: true, 'plaintext-out': out })).toMatchObject([
    { code: 'SECRET-OUTPUT', message: expect.stringContaining('already') },
  ]);
  await world.with({ isTerminal: true }).run(['made-up', 'TOKEN'], { generate: true });
  expect(world.shown).toEqual([await world.opened('TOKEN')]);
});

test('a value in a file that could not be sealed is taken back', async () => {
  const { world, out } = await sealedWorld();
  writeFileSync(world.sealedFile(), '{"broken": {}}');
  const flags = { generate: true, 'plaintext-out': out };
  expect(await world.problems(['made-up', 'TOKEN'], flags)).toMatchObject([{ code: 'SEAL-FORM' }]);
  expect(existsSync(out)).toBe(false);
});

async function sealedWorld() {
  const world = new FakeSealWorld();
  await world.run(['made-up', secret], {}, 'the current value');
  return { world, out: join(world.root, 'new.plaintext') };
}
