import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { sealedPath } from '../../../model/sealed';
import { FakeSealWorld, keyOf } from '../../../testing/fake-seal-world';

const secret = 'hunter2-hunter2';

test('seals a value from standard input that opens to the same bytes', async () => {
  const world = new FakeSealWorld();
  expect(await world.run('set test-server TOKEN', secret)).toBe(0);
  expect(world.opened('TOKEN')).toBe(secret);
  expect(JSON.parse(world.text()).TOKEN).toMatchObject({
    scope: 'namespace-wide',
    namespace: 'test-server',
    certSha256: keyOf('current').certSha256Hex,
    sealedOn: '2024-02-01',
  });
});

test('seals every byte of a file or an environment variable unchanged', async () => {
  const world = new FakeSealWorld().with({ environment: { VALUE: 'grün' } });
  const bytes = Buffer.from(Array.from({ length: 255 }, (_, at) => at + 1));
  writeFileSync(join(world.root, 'value'), bytes);
  await world.run(`set test-server TOKEN --from-file ${join(world.root, 'value')}`);
  expect(world.opened('TOKEN')).toBe(bytes.toString('latin1'));
  await world.run('set test-server TOKEN --from-env VALUE');
  expect(Buffer.from(world.opened('TOKEN'), 'latin1').toString()).toBe('grün');
});

test('leaves no plaintext on either output or on disk', async () => {
  const world = new FakeSealWorld();
  await world.run('set test-server TOKEN', secret);
  expect(world.printed.join()).toContain('TOKEN of test-server is sealed: 15 bytes');
  expect([...world.printed, ...world.said].join()).not.toContain('hunter2');
  const files = readdirSync(world.root, { recursive: true, encoding: 'utf8' }).filter((file) =>
    statSync(join(world.root, file)).isFile(),
  );
  expect(files).toContain(sealedPath('test-server', { name: 'fake-cluster' }));
  for (const file of files) expect(readFileSync(join(world.root, file), 'latin1')).not.toContain('hunter2');
  expect(readdirSync(join(world.root, 'servers/test-server/sealed'))).toEqual(['fake-cluster.json']);
});

test('leaves other keys unchanged', async () => {
  const world = new FakeSealWorld();
  await world.run('set test-server TOKEN', 'one');
  const before = JSON.parse(world.text()).TOKEN;
  await world.run('set test-server ARCADE_WORKER_SECRET', 'two');
  expect(JSON.parse(world.text()).TOKEN).toEqual(before);
  expect(Object.keys(JSON.parse(world.text()))).toEqual(['ARCADE_WORKER_SECRET', 'TOKEN']);
});

test('rejects /dev/zero, folders and missing files', async () => {
  const world = new FakeSealWorld();
  const from = (path: string) => world.problems(`set test-server TOKEN --from-file ${path}`);
  expect(await from('/dev/zero')).toMatchObject([{ code: 'SECRET-SIZE' }]);
  expect(await from(world.root)).toMatchObject([{ code: 'SECRET-INPUT' }]);
  expect(await from(join(world.root, 'nosuch'))).toMatchObject([
    {
      code: 'SECRET-INPUT',
      message: `Cannot read the value from the file ${join(world.root, 'nosuch')}: no such file or directory`,
    },
  ]);
  expect(await from('nosuch')).toMatchObject([{ message: expect.stringContaining(resolve('nosuch')) }]);
  expect(await world.problems('set test-server TOKEN --from-env NOSUCH')).toMatchObject([{ code: 'SECRET-INPUT' }]);
  world.with({ environment: { LOSSY: 'a\ufffd' } });
  expect(await world.problems('set test-server TOKEN --from-env LOSSY')).toMatchObject([{ code: 'SECRET-INPUT' }]);
});

test('says when it replaces a value, and refers to rotate for the worker secret', async () => {
  const world = new FakeSealWorld();
  await world.run('set test-server TOKEN', 'v');
  expect(world.printed.join()).toContain('is sealed: 1 byte, namespace-wide, for the namespace test-server');
  expect(world.printed.join()).not.toContain('replaces');
  await world.run('set test-server ARCADE_WORKER_SECRET', secret);
  world.with({ now: new Date('2024-02-09T00:00:00Z') });
  await world.run('set test-server TOKEN', 'w');
  expect(world.printed.join()).toMatch(/replaces the value sealed on 2024-02-01$/m);
  await world.run('set test-server ARCADE_WORKER_SECRET', secret);
  expect(world.printed.join()).toMatch(
    /sealed on 2024-02-01; if this is another value, the engine still has the previous one \(npm run seal -- rotate test-server/,
  );
  await world.run('set test-server TOKEN --json', 'x');
  expect(JSON.parse(world.printed.join())).toMatchObject({ replaces: '2024-02-09' });
});

test('suggests a server for a typo and rejects a path', async () => {
  const world = new FakeSealWorld();
  expect(await world.problems('set test-sever TOKEN', 'v')).toMatchObject([
    { code: 'SERVER-UNKNOWN', fix: 'write "test-server"' },
  ]);
  expect(await world.problems('set ../test-server TOKEN', 'v')).toMatchObject([{ code: 'SERVER-UNKNOWN' }]);
  expect(await world.problems('set certificates TOKEN', 'v')).toMatchObject([{ code: 'SERVER-UNKNOWN' }]);
});

test('warns about a key that the server does not declare', async () => {
  const world = new FakeSealWorld();
  await world.run('set test-server STRAY', 'v');
  expect(world.said.join()).toContain('SEAL-UNUSED');
});

test('rejects a typo of a declared key and suggests the key', async () => {
  const world = new FakeSealWorld();
  for (const [key, meant] of [
    ['TOKNE', 'TOKEN'],
    ['ARCADE_WORKER_SECERT', 'ARCADE_WORKER_SECRET'],
  ] as const) {
    expect(await world.problems(`set test-server ${key}`, 'v')).toMatchObject([
      { code: 'SEAL-UNUSED', level: 'error', message: expect.stringContaining(`did you mean ${meant}?`) },
    ]);
  }
  expect(existsSync(world.sealedFile())).toBe(false);
  await world.run('set test-server ARCADE_WORKER_SECRET_PREVIOUS', 'v');
  expect(world.opened('ARCADE_WORKER_SECRET_PREVIOUS')).toBe('v');
});

test('records a wider scope, warns about mixed scopes, and rejects a strict one', async () => {
  const world = new FakeSealWorld();
  await world.run('set test-server TOKEN --scope cluster-wide', 'v');
  expect(JSON.parse(world.text()).TOKEN.scope).toBe('cluster-wide');
  await world.run('set test-server ARCADE_WORKER_SECRET', 'a long enough value');
  expect(world.opened('ARCADE_WORKER_SECRET')).toBe('a long enough value');
  expect(world.said.join()).toContain('SEAL-MIXED');
  await world.run('set test-server TOKEN', 'v');
  expect(world.said).toEqual([]);
  expect(await world.problems('set test-server TOKEN --scope strict', 'v')).toMatchObject([
    { code: 'SEAL-SCOPE', message: expect.stringContaining('no pod keeps an old one') },
  ]);
});

test('values that are strict or under a replaced certificate can be sealed again one by one', async () => {
  const world = new FakeSealWorld();
  await world.run('set test-server TOKEN', 'v');
  await world.run('set test-server ARCADE_WORKER_SECRET', 'a long enough value');
  const old = JSON.parse(world.text());
  writeFileSync(
    world.sealedFile(),
    JSON.stringify({
      TOKEN: { ...old.TOKEN, scope: 'strict', name: 'test-server-worker-secret' },
      ARCADE_WORKER_SECRET: { ...old.ARCADE_WORKER_SECRET, certSha256: 'ab'.repeat(32) },
    }),
  );
  await world.run('status test-server');
  const commands = [...world.said.join('\n').matchAll(/npm run seal -- (set test-server \w+)/g)].map(
    ([, line]) => line,
  );
  expect(commands).toEqual(['set test-server ARCADE_WORKER_SECRET', 'set test-server TOKEN']);
  await world.run(commands[0] ?? '', 'again long enough');
  expect(world.said.join()).toMatch(/SEAL-SCOPE.*"TOKEN".*npm run seal -- set test-server TOKEN/s);
  await world.run(commands[1] ?? '', 'again');
  expect(world.said).toEqual([]);
  expect([world.opened('TOKEN'), world.opened('ARCADE_WORKER_SECRET')]).toEqual(['again', 'again long enough']);
  expect(world.text()).not.toContain('"name"');
});

test('--json reports the result and the problems, without the ciphertext', async () => {
  const world = new FakeSealWorld();
  await world.run('set test-server ARCADE_WORKER_SECRET --json', 'short');
  const result = JSON.parse(world.printed.join());
  expect(result).toMatchObject({ server: 'test-server', key: 'ARCADE_WORKER_SECRET', file: world.owner().sealedFile });
  expect(result.problems.map(({ code }: { code: string }) => code)).toContain('SECRET-SIZE');
  expect(world.said).toEqual([]);
});
