import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FakeSealWorld } from '../../../testing/fake-seal-world';
import { repository } from '../../../testing/temp-repository';

const secret = 'ARCADE_WORKER_SECRET';
const previous = 'ARCADE_WORKER_SECRET_PREVIOUS';

test('keeps the current value next to a new one until finish', async () => {
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

test('rejects finish until both values are in the last commit', async () => {
  const { world, out } = await sealedWorld();
  world.render();
  await world.run(`rotate test-server ${secret} --plaintext-out ${out}`);
  const refused = {
    code: 'SEAL-ROTATION',
    fix: expect.stringMatching(
      /^finish the rotation, in this order:\n1 {2}npm run synth, commit, npm run deliver -- test-server --to <checkout> --commit, merge.*seal -- finish.*seal -- abandon/s,
    ),
  };
  const finish = () => world.problems(`finish test-server ${secret}`);
  expect(await finish()).toMatchObject([
    { ...refused, message: expect.stringContaining('dist/ does not have both values') },
  ]);
  const { commit } = repository({}, world.root);
  expect(await finish()).toMatchObject([refused]);
  world.render();
  expect(await finish()).toMatchObject([
    { ...refused, message: expect.stringContaining('the last commit does not have both values') },
  ]);
  commit();
  const head = readFileSync(join(world.root, '.git/HEAD'));
  writeFileSync(join(world.root, '.git/HEAD'), 'nothing that git knows');
  expect(await finish()).toMatchObject([{ code: 'TARGET-GIT' }]);
  writeFileSync(join(world.root, '.git/HEAD'), head);
  expect(await finish()).toEqual([]);
  expect(Object.keys(JSON.parse(world.text()))).toEqual([secret]);
});

test('abandon restores the previous value, even when the new entry is unreadable', async () => {
  const { world, out } = await sealedWorld();
  const before = world.text();
  expect(await world.problems(`abandon test-server ${secret}`)).toMatchObject([{ code: 'SEAL-ROTATION' }]);
  expect(await world.problems('abandon test-server TOKEN')).toMatchObject([{ code: 'USAGE' }]);
  await world.run(`rotate test-server ${secret} --plaintext-out ${out}`);
  await world.run(`abandon test-server ${secret}`);
  expect(world.printed.join()).toMatch(/the engine already has it, give it the previous one first/);
  expect(world.text()).toBe(before);
  await world.run(`rotate test-server ${secret} --plaintext-out ${out}-2`);
  writeFileSync(world.sealedFile(), JSON.stringify({ ...JSON.parse(world.text()), [secret]: {} }));
  await world.run(`abandon test-server ${secret}`);
  expect(world.opened(secret)).toBe('the current value');
  expect(Object.keys(JSON.parse(world.text()))).toEqual([secret]);
});

test('rejects a second rotation during the first, and finish without one', async () => {
  const { world, out } = await sealedWorld();
  expect(await world.problems(`finish test-server ${secret}`)).toMatchObject([{ code: 'SEAL-ROTATION' }]);
  await world.run(`rotate test-server ${secret} --plaintext-out ${out}`);
  expect(await world.problems(`rotate test-server ${secret} --plaintext-out ${out}-2`)).toMatchObject([
    {
      code: 'SEAL-ROTATION',
      fix: expect.stringMatching(/give the engine the new value\n.*verify.*npm run seal -- finish test-server/s),
    },
  ]);
  expect(existsSync(`${out}-2`)).toBe(false);
});

test('rejects other values of the worker secret during a rotation and accepts one after finish', async () => {
  const { world, out } = await sealedWorld();
  await world.run(`rotate test-server ${secret} --plaintext-out ${out}`);
  const text = world.text();
  for (const flags of ['', `--generate --plaintext-out ${out}-2`]) {
    expect(await world.problems(`set test-server ${secret} ${flags}`, 'another long value')).toMatchObject([
      {
        code: 'SEAL-ROTATION',
        fix: expect.stringMatching(
          /seal -- finish test-server.*seal -- drop test-server ARCADE_WORKER_SECRET_PREVIOUS/s,
        ),
      },
    ]);
  }
  const [problem] = await world.problems(`set test-server ${previous}`, 'another long value');
  expect(problem).toMatchObject({
    code: 'SEAL-ROTATION',
    message: expect.stringContaining('its previous value would be lost'),
  });
  expect(world.text()).toBe(text);
  expect(existsSync(`${out}-2`)).toBe(false);
  await world.run('set test-server TOKEN', 'v');
  world.render();
  await world.run(`finish test-server ${secret}`);
  await world.run(`set test-server ${secret}`, 'another long value');
  expect(world.opened(secret)).toBe('another long value');
});

test('accepts a new worker secret during a rotation when its entry is unreadable', async () => {
  const { world, out } = await sealedWorld();
  await world.run(`rotate test-server ${secret} --plaintext-out ${out}`);
  const entries = JSON.parse(world.text());
  writeFileSync(world.sealedFile(), JSON.stringify({ ...entries, [secret]: {} }));
  await world.run(`set test-server ${secret} --from-file ${out}`);
  expect(world.opened(secret)).toBe(readFileSync(out, 'utf8'));
});

test('status shows an open rotation, and finish repeats what must come first', async () => {
  const { world, out } = await sealedWorld();
  world.with({ now: new Date('2024-02-09T00:00:00Z') });
  await world.run(`rotate test-server ${secret} --plaintext-out ${out}`);
  await world.run('status test-server');
  expect(world.printed.join('\n')).toMatch(
    /A rotation of test-server has been open since 2024-02-09\.\n {2}next {2}.*\n {8}1 {2}.*seal -- finish/s,
  );
  await world.run('status --json');
  expect(JSON.parse(world.printed.join())).toMatchObject({
    rotations: [{ server: 'test-server', since: '2024-02-09' }],
  });
  world.render();
  await world.run(`finish test-server ${secret}`);
  expect(world.printed.join()).toMatch(
    /The engine must already have the new one.*git restore servers\/test-server\/sealed\/fake-cluster.json/s,
  );
  await world.run('status test-server');
  expect(world.printed.join()).not.toContain('rotation');
});

test('rotates only the worker secret, and only when the cluster can open the current value', async () => {
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

test('one of two concurrent rotations wins, and its value is kept', async () => {
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

test('hands out a generated value only to a new private file or a terminal', async () => {
  const { world, out } = await sealedWorld();
  const fix = 'add --plaintext-out test-server.plaintext (git ignores it)';
  for (const line of ['set test-server TOKEN --generate', `rotate test-server ${secret}`])
    expect(await world.problems(line)).toMatchObject([{ code: 'SECRET-OUTPUT', fix }]);
  await world.run(`set test-server TOKEN --generate --plaintext-out ${out}`);
  expect(statSync(out).mode & 0o777).toBe(0o600);
  expect(world.shown).toEqual([]);
  expect(await world.problems(`set test-server TOKEN --generate --plaintext-out ${out}`)).toMatchObject([
    { code: 'SECRET-OUTPUT', message: expect.stringContaining('already') },
  ]);
  await world.with({ isTerminal: true }).run('set test-server TOKEN --generate');
  expect(world.shown).toEqual([world.opened('TOKEN')]);
});

test('removes the plaintext file when sealing fails', async () => {
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
