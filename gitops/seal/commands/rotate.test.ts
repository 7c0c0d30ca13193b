import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FakeSealWorld } from '../../../testing/fake-seal-world';
import { repository } from '../../../testing/temp-repository';

const secret = 'ARCADE_WORKER_SECRET';
const previous = 'ARCADE_WORKER_SECRET_PREVIOUS';

test('a rotation keeps the current value beside a new one until it is finished', async () => {
  const { world, out } = await sealedWorld();
  await world.run(`rotate test-server ${secret} --plaintext-out ${out}`);
  const fresh = readFileSync(out, 'utf8');
  expect(fresh).toMatch(/^[\w-]{43}$/);
  expect(world.opened(secret)).toBe(fresh);
  expect(world.opened(previous)).toBe('the current value');
  world.render();
  await world.run(`finish test-server ${secret}`);
  expect(Object.keys(JSON.parse(world.text()))).toEqual([secret]);
  expect(world.opened(secret)).toBe(fresh);
});

test('the four steps say what to do in the engine, and nothing of the values', async () => {
  const { world, out } = await sealedWorld();
  await world.run(`rotate test-server ${secret} --plaintext-out ${out}`);
  const told = world.printed.join('\n');
  for (const step of [
    '1  Deliver both',
    "2  In the engine's dashboard",
    '3  Check that npm run verify',
    '4  Drop the old one',
  ]) {
    expect(told).toContain(step);
  }
  expect(told).not.toContain(readFileSync(out, 'utf8'));
  expect(told).not.toContain('the current value');
});

test('a rotation is not finished before both of its values can have been delivered', async () => {
  const { world, out } = await sealedWorld();
  world.render();
  await world.run(`rotate test-server ${secret} --plaintext-out ${out}`);
  const refused = {
    code: 'SEAL-ROTATION',
    fix: expect.stringMatching(/deliver both values.*seal -- finish.*seal -- abandon/),
  };
  const finish = () => world.problems(`finish test-server ${secret}`);
  expect(await finish()).toMatchObject([{ ...refused, message: expect.stringContaining('dist/ has not both values') }]);
  const { commit } = repository({}, world.root);
  expect(await finish()).toMatchObject([refused]);
  world.render();
  expect(await finish()).toMatchObject([{ ...refused, message: expect.stringContaining('no commit has both values') }]);
  commit();
  const head = readFileSync(join(world.root, '.git/HEAD'));
  writeFileSync(join(world.root, '.git/HEAD'), 'nothing that git knows');
  expect(await finish()).toMatchObject([{ code: 'TARGET-GIT' }]);
  writeFileSync(join(world.root, '.git/HEAD'), head);
  expect(await finish()).toEqual([]);
  expect(Object.keys(JSON.parse(world.text()))).toEqual([secret]);
});

test('a rotation whose new value is lost is taken back, even when that cannot be read any more', async () => {
  const { world, out } = await sealedWorld();
  const before = world.text();
  expect(await world.problems(`abandon test-server ${secret}`)).toMatchObject([{ code: 'SEAL-ROTATION' }]);
  expect(await world.problems('abandon test-server TOKEN')).toMatchObject([{ code: 'USAGE' }]);
  await world.run(`rotate test-server ${secret} --plaintext-out ${out}`);
  await world.run(`abandon test-server ${secret}`);
  expect(world.printed.join()).toMatch(/the engine has it already, give it the one before first/);
  expect(world.text()).toBe(before);
  await world.run(`rotate test-server ${secret} --plaintext-out ${out}-2`);
  writeFileSync(world.sealedFile(), JSON.stringify({ ...JSON.parse(world.text()), [secret]: {} }));
  await world.run(`abandon test-server ${secret}`);
  expect(world.opened(secret)).toBe('the current value');
  expect(Object.keys(JSON.parse(world.text()))).toEqual([secret]);
});

test('a second rotation waits for the first, and a finish needs one', async () => {
  const { world, out } = await sealedWorld();
  expect(await world.problems(`finish test-server ${secret}`)).toMatchObject([{ code: 'SEAL-ROTATION' }]);
  await world.run(`rotate test-server ${secret} --plaintext-out ${out}`);
  expect(await world.problems(`rotate test-server ${secret} --plaintext-out ${out}-2`)).toMatchObject([
    {
      code: 'SEAL-ROTATION',
      fix: expect.stringMatching(/give the engine the new value;.*verify.*npm run seal -- finish test-server/),
    },
  ]);
  expect(existsSync(`${out}-2`)).toBe(false);
});

test('during a rotation its new value is not sealed over; other keys are, and a finish ends the ban', async () => {
  const { world, out } = await sealedWorld();
  await world.run(`rotate test-server ${secret} --plaintext-out ${out}`);
  const text = world.text();
  for (const flags of ['', `--generate --plaintext-out ${out}-2`]) {
    expect(await world.problems(`set test-server ${secret} ${flags}`, 'another long value')).toMatchObject([
      {
        code: 'SEAL-ROTATION',
        fix: expect.stringMatching(
          /seal -- finish test-server.*seal -- drop test-server ARCADE_WORKER_SECRET_PREVIOUS/,
        ),
      },
    ]);
  }
  expect(world.text()).toBe(text);
  expect(existsSync(`${out}-2`)).toBe(false);
  await world.run('set test-server TOKEN', 'v');
  world.render();
  await world.run(`finish test-server ${secret}`);
  await world.run(`set test-server ${secret}`, 'another long value');
  expect(world.opened(secret)).toBe('another long value');
});

test('a new value that cannot be read may be sealed again during a rotation', async () => {
  const { world, out } = await sealedWorld();
  await world.run(`rotate test-server ${secret} --plaintext-out ${out}`);
  const entries = JSON.parse(world.text());
  writeFileSync(world.sealedFile(), JSON.stringify({ ...entries, [secret]: {} }));
  await world.run(`set test-server ${secret} --from-file ${out}`);
  expect(world.opened(secret)).toBe(readFileSync(out, 'utf8'));
});

test('the finish reminds of the steps before it, and the status shows a rotation until then', async () => {
  const { world, out } = await sealedWorld();
  world.with({ now: new Date('2024-02-09T00:00:00Z') });
  await world.run(`rotate test-server ${secret} --plaintext-out ${out}`);
  await world.run('status test-server');
  expect(world.printed.join('\n')).toMatch(/A rotation of test-server is open since 2024-02-09\.\n.*seal -- finish/);
  await world.run('status --json');
  expect(JSON.parse(world.printed.join())).toMatchObject({
    rotations: [{ server: 'test-server', since: '2024-02-09' }],
  });
  world.render();
  await world.run(`finish test-server ${secret}`);
  expect(world.printed.join()).toMatch(
    /the engine must have the new one.*git restore servers\/test-server\/sealed\/fake-cluster.json/s,
  );
  await world.run('status test-server');
  expect(world.printed.join()).not.toContain('rotation');
});

test('a rotation needs a current value that the cluster can open, and the key that the worker accepts twice', async () => {
  const { world, out } = await sealedWorld();
  expect(await world.problems(`rotate other ${secret} --plaintext-out ${out}`)).toMatchObject([
    { code: 'SEAL-MISSING' },
  ]);
  expect(await world.problems(`rotate test-server TOKEN --plaintext-out ${out}`)).toMatchObject([{ code: 'USAGE' }]);
  expect(await world.problems('finish test-server TOKEN')).toMatchObject([{ code: 'USAGE' }]);
  writeFileSync(world.sealedFile(), world.text().replace('"test-server"', '"older-name"'));
  expect(await world.problems(`rotate test-server ${secret} --plaintext-out ${out}`)).toMatchObject([
    { code: 'SEAL-LABEL' },
  ]);
});

test('of two rotations at once one wins, and its value is the one that is kept', async () => {
  const { world, out } = await sealedWorld();
  const paths = [`${out}-1`, `${out}-2`];
  const results = await Promise.allSettled(
    paths.map((path) => world.run(`rotate test-server ${secret} --plaintext-out ${path}`)),
  );
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const [kept = ''] = paths.filter((path) => existsSync(path));
  expect(world.opened(secret)).toBe(readFileSync(kept, 'utf8'));
  expect(world.opened(previous)).toBe('the current value');
});

test('a generated value goes to a new file for its owner alone, or to a terminal, and nowhere else', async () => {
  const { world, out } = await sealedWorld();
  expect(await world.problems('set test-server TOKEN --generate')).toMatchObject([{ code: 'SECRET-OUTPUT' }]);
  await world.run(`set test-server TOKEN --generate --plaintext-out ${out}`);
  expect(statSync(out).mode & 0o777).toBe(0o600);
  expect(world.shown).toEqual([]);
  expect(await world.problems(`set test-server TOKEN --generate --plaintext-out ${out}`)).toMatchObject([
    { code: 'SECRET-OUTPUT', message: expect.stringContaining('already') },
  ]);
  await world.with({ isTerminal: true }).run('set test-server TOKEN --generate');
  expect(world.shown).toEqual([world.opened('TOKEN')]);
});

test('a generated value that could not be sealed is taken back from its file', async () => {
  const { world, out } = await sealedWorld();
  writeFileSync(`${world.sealedFile()}.new`, '');
  const problems = await world.problems(`set test-server TOKEN --generate --plaintext-out ${out}`);
  expect(problems).toMatchObject([{ code: 'SEAL-WRITE' }]);
  expect(existsSync(out)).toBe(false);
});

async function sealedWorld() {
  const world = new FakeSealWorld();
  await world.run(`set test-server ${secret}`, 'the current value');
  return { world, out: join(world.root, 'new.plaintext') };
}
