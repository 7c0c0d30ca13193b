import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { sealedPath } from '../../../model/sealed';
import { FakeSealWorld, keyOf } from '../../../testing/fake-seal-world';
import keys from '../vectors/keys.throwaway.json';
import more from '../vectors/more-certificates.json';

const secret = 'hunter2-hunter2';

test('a value from standard input ends in the sealed file and opens to the same bytes', async () => {
  const world = new FakeSealWorld();
  expect(await world.run('set made-up TOKEN', secret)).toBe(0);
  expect(world.opened('TOKEN')).toBe(secret);
  expect(JSON.parse(world.text()).TOKEN).toMatchObject({
    scope: 'strict',
    namespace: 'made-up',
    name: 'made-up-worker-secret',
    certSha256: keyOf('current').certSha256Hex,
    sealedOn: '2024-02-01',
  });
});

test('a value comes from a file or an environment variable too, with every byte as it is', async () => {
  const world = new FakeSealWorld().with({ environment: { VALUE: 'grün' } });
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, at) => at));
  writeFileSync(join(world.root, 'value'), bytes);
  await world.run(`set made-up TOKEN --from-file ${join(world.root, 'value')}`);
  expect(world.opened('TOKEN')).toBe(bytes.toString('latin1'));
  await world.run('set made-up TOKEN --from-env VALUE');
  expect(Buffer.from(world.opened('TOKEN'), 'latin1').toString()).toBe('grün');
});

test('nothing of a value is in what is printed, said, or left on the disk', async () => {
  const world = new FakeSealWorld();
  await world.run('set made-up TOKEN', secret);
  expect(world.printed.join()).toContain('TOKEN of made-up is sealed: 15 bytes');
  expect([...world.printed, ...world.said].join()).not.toContain('hunter2');
  const files = readdirSync(world.root, { recursive: true, encoding: 'utf8' }).filter((file) =>
    statSync(join(world.root, file)).isFile(),
  );
  expect(files).toContain(sealedPath('made-up', { name: 'made-up-cluster' }));
  for (const file of files) expect(readFileSync(join(world.root, file), 'latin1')).not.toContain('hunter2');
  expect(readdirSync(join(world.root, 'servers/made-up/sealed'))).toEqual(['made-up-cluster.json']);
});

test('other keys keep their bytes when one is sealed', async () => {
  const world = new FakeSealWorld();
  await world.run('set made-up TOKEN', 'one');
  const before = JSON.parse(world.text()).TOKEN;
  await world.run('set made-up ARCADE_WORKER_SECRET', 'two');
  expect(JSON.parse(world.text()).TOKEN).toEqual(before);
  expect(Object.keys(JSON.parse(world.text()))).toEqual(['ARCADE_WORKER_SECRET', 'TOKEN']);
});

test('an empty value is refused unless it is meant', async () => {
  const world = new FakeSealWorld();
  expect(await world.problems('set made-up TOKEN')).toMatchObject([{ code: 'SECRET-EMPTY' }]);
  await world.run('set made-up TOKEN --allow-empty');
  expect(world.opened('TOKEN')).toBe('');
});

test('a newline at the end is refused, whether it is piped or in a file, until it is dropped or kept on purpose', async () => {
  const world = new FakeSealWorld().with({ environment: { VALUE: 'v\n' } });
  const path = join(world.root, 'value.txt');
  for (const text of ['v\n', 'v\r\n']) {
    writeFileSync(path, text);
    for (const flags of ['', `--from-file ${path}`, '--from-env VALUE']) {
      expect(await world.problems(`set made-up TOKEN ${flags}`, text)).toMatchObject([
        { code: 'SECRET-NEWLINE', level: 'error', fix: expect.stringMatching(/--trim-newline.*--keep-newline/) },
      ]);
      expect(existsSync(world.sealedFile())).toBe(false);
    }
    await world.run(`set made-up TOKEN --from-file ${path} --trim-newline`);
    expect(world.opened('TOKEN')).toBe('v');
    await world.run('set made-up TOKEN --keep-newline', text);
    expect(world.opened('TOKEN')).toBe(text);
    rmSync(world.sealedFile());
  }
  expect(await world.problems('set made-up TOKEN --trim-newline', 'v\n\n')).toMatchObject([{ code: 'SECRET-NEWLINE' }]);
  await world.run('set made-up TOKEN --trim-newline', 'no newline');
  expect(world.opened('TOKEN')).toBe('no newline');
});

test('one object takes one mebibyte and no byte more, all its keys together', async () => {
  const world = new FakeSealWorld();
  const most = Buffer.alloc(1024 * 1024, 'x');
  expect(await world.problems('set made-up TOKEN', Buffer.concat([most, Buffer.from('x')]))).toMatchObject([
    { code: 'SECRET-SIZE' },
  ]);
  await world.run('set made-up TOKEN', most);
  expect(await world.problems('set made-up ARCADE_WORKER_SECRET', 'x')).toMatchObject([
    { code: 'SECRET-SIZE', level: 'error', message: expect.stringContaining('1048576 bytes of the other keys') },
  ]);
});

test('rejects /dev/zero, folders and missing files', async () => {
  const world = new FakeSealWorld();
  const from = (path: string) => world.problems(`set made-up TOKEN --from-file ${path}`);
  expect(await from('/dev/zero')).toMatchObject([{ code: 'SECRET-SIZE' }]);
  expect(await from(world.root)).toMatchObject([{ code: 'SECRET-INPUT' }]);
  expect(await from(join(world.root, 'nosuch'))).toMatchObject([
    {
      code: 'SECRET-INPUT',
      message: `Cannot read the value from the file ${join(world.root, 'nosuch')}: no such file or directory`,
    },
  ]);
  expect(await from('nosuch')).toMatchObject([{ message: expect.stringContaining(resolve('nosuch')) }]);
  expect(await world.problems('set made-up TOKEN --from-env NOSUCH')).toMatchObject([{ code: 'SECRET-INPUT' }]);
  world.with({ environment: { LOSSY: 'a\ufffd' } });
  expect(await world.problems('set made-up TOKEN --from-env LOSSY')).toMatchObject([{ code: 'SECRET-INPUT' }]);
});

test('a worker secret longer than the engine takes is refused, and a short one is sealed with a warning', async () => {
  const world = new FakeSealWorld();
  const line = 'set made-up ARCADE_WORKER_SECRET';
  expect(await world.problems(line, 'x'.repeat(101))).toMatchObject([
    {
      code: 'SECRET-SIZE',
      level: 'error',
      message: expect.stringContaining('101 characters, and the engine takes 100'),
    },
  ]);
  expect(existsSync(world.sealedFile())).toBe(false);
  await world.run(line, 'x'.repeat(15));
  expect(world.said.join()).toMatch(/SECRET-SIZE.*shorter than 16 characters/);
  for (const length of [16, 100]) {
    await world.run(line, 'ü'.repeat(length));
    expect(world.said.join()).not.toContain('SECRET-SIZE');
  }
  await world.run('set made-up TOKEN', 'x'.repeat(101));
  expect(world.said.join()).not.toContain('SECRET-SIZE');
});

test('a value in the place of another says so, and of the worker secret how it is done without an outage', async () => {
  const world = new FakeSealWorld();
  await world.run('set made-up TOKEN', 'v');
  expect(world.printed.join()).toContain('is sealed: 1 byte, strict');
  expect(world.printed.join()).not.toContain('replaces');
  await world.run('set made-up ARCADE_WORKER_SECRET', secret);
  world.with({ now: new Date('2024-02-09T00:00:00Z') });
  await world.run('set made-up TOKEN', 'w');
  expect(world.printed.join()).toMatch(/replaces the value sealed on 2024-02-01$/m);
  await world.run('set made-up ARCADE_WORKER_SECRET', secret);
  expect(world.printed.join()).toMatch(
    /sealed on 2024-02-01; the engine still has the old one \(npm run seal -- rotate made-up/,
  );
  await world.run('set made-up TOKEN --json', 'x');
  expect(JSON.parse(world.printed.join())).toMatchObject({ replaces: '2024-02-09' });
});

test('an unknown server is answered with the one that was meant, and a path is none', async () => {
  const world = new FakeSealWorld();
  expect(await world.problems('set made-pu TOKEN', 'v')).toMatchObject([
    { code: 'SERVER-UNKNOWN', fix: 'write "made-up"' },
  ]);
  expect(await world.problems('set ../made-up TOKEN', 'v')).toMatchObject([{ code: 'SERVER-UNKNOWN' }]);
  expect(await world.problems('set certificates TOKEN', 'v')).toMatchObject([{ code: 'SERVER-UNKNOWN' }]);
});

test('a key that the server does not declare is sealed with a warning', async () => {
  const world = new FakeSealWorld();
  await world.run('set made-up STRAY', 'v');
  expect(world.said.join()).toContain('SEAL-UNUSED');
});

test('a key that is nearly one of the server is refused with the one that was meant', async () => {
  const world = new FakeSealWorld();
  for (const [key, meant] of [
    ['TOKNE', 'TOKEN'],
    ['ARCADE_WORKER_SECERT', 'ARCADE_WORKER_SECRET'],
  ] as const) {
    expect(await world.problems(`set made-up ${key}`, 'v')).toMatchObject([
      { code: 'SEAL-UNUSED', level: 'error', message: expect.stringContaining(`did you mean ${meant}?`) },
    ]);
  }
  expect(existsSync(world.sealedFile())).toBe(false);
  await world.run('set made-up ARCADE_WORKER_SECRET_PREVIOUS', 'v');
  expect(world.opened('ARCADE_WORKER_SECRET_PREVIOUS')).toBe('v');
});

test('scopes are kept apart in one object, and a wider one is written down', async () => {
  const world = new FakeSealWorld();
  await world.run('set made-up TOKEN --scope cluster-wide', 'v');
  expect(JSON.parse(world.text()).TOKEN.scope).toBe('cluster-wide');
  expect(await world.problems('set made-up ARCADE_WORKER_SECRET', 'v')).toMatchObject([
    { code: 'SEAL-MIXED', fix: expect.stringContaining('npm run seal -- drop made-up TOKEN') },
  ]);
  await world.run('drop made-up TOKEN');
  await world.run('set made-up ARCADE_WORKER_SECRET', 'v');
  expect(await world.problems('drop made-up TOKEN')).toMatchObject([{ code: 'SEAL-MISSING' }]);
});

test.each([
  ['nothing', '', 'CERT-NONE'],
  ['a web page', '<!doctype html><html>502</html>', 'CERT-NONE'],
  ['an elliptic key', certOf('ec-p256'), 'CERT-NOT-RSA'],
  ['a short key', certOf('weak'), 'CERT-WEAK'],
  ['another certificate', keyOf('other-cluster').certPem, 'CERT-PIN'],
])('nothing is sealed under %s', async (_, pem, code) => {
  const world = new FakeSealWorld();
  writeFileSync(join(world.certificates, 'current.pem'), pem);
  const [problem] = await world.problems('set made-up TOKEN', secret);
  expect(problem).toMatchObject({ code, file: 'platforms/certificates/current.pem' });
  expect(readdirSync(join(world.root, 'servers/made-up'))).toEqual([]);
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
])('the certificate "%s" at %s is told as %s', async (id, now, code, level) => {
  const world = pinning(id, certOf(id)).with({ now: new Date(`${now}T00:00:00Z`) });
  if (level === 'error') expect(await world.problems('set made-up TOKEN', 'v')).toMatchObject([{ code }]);
  else {
    expect(await world.run('set made-up TOKEN', 'v')).toBe(0);
    expect(world.said.join()).toContain(code);
  }
});

test('of two certificates in a file the first is used, with a warning', async () => {
  const world = pinning('current', keyOf('current').certPem + keyOf('retired').certPem);
  await world.run('set made-up TOKEN', 'v');
  expect(world.said.join()).toContain('CERT-EXTRA');
  expect(JSON.parse(world.text()).TOKEN.certSha256).toBe(keyOf('current').certSha256Hex);
});

test('a broken entry is no obstacle to sealing that key again, and one to sealing another', async () => {
  const world = new FakeSealWorld();
  await world.run('set made-up TOKEN', 'v');
  const text = world.text().replace(/"ciphertext": "[^"]*"/, '"ciphertext": "hunter2"');
  writeFileSync(world.sealedFile(), text);
  const problems = await world.problems('set made-up ARCADE_WORKER_SECRET', 'v');
  expect(problems).toMatchObject([{ code: 'SEAL-FORM', path: 'TOKEN' }]);
  expect(JSON.stringify(problems)).not.toContain('hunter2');
  expect(world.text()).toBe(text);
  await world.run('set made-up TOKEN', 'again');
  expect(world.opened('TOKEN')).toBe('again');
});

test('a file cut in half is left as it is until a person decides', async () => {
  const world = new FakeSealWorld();
  await world.run('set made-up TOKEN', 'v');
  const half = world.text().slice(0, 300);
  writeFileSync(world.sealedFile(), half);
  expect(await world.problems('set made-up TOKEN', 'v')).toMatchObject([{ code: 'SEAL-FORM' }]);
  expect(world.text()).toBe(half);
});

test('a link or a folder in the place of the sealed file is refused', async () => {
  const world = new FakeSealWorld();
  const elsewhere = join(world.root, 'elsewhere.json');
  writeFileSync(elsewhere, '{}');
  mkdirSync(dirname(world.sealedFile()));
  symlinkSync(elsewhere, world.sealedFile());
  expect(await world.problems('set made-up TOKEN', 'v')).toMatchObject([
    { code: 'SEAL-FORM', message: expect.stringContaining('symbolic link') },
  ]);
  expect(readFileSync(elsewhere, 'utf8')).toBe('{}');
  mkdirSync(world.sealedFile('other'), { recursive: true });
  expect(await world.problems('set other TOKEN', 'v')).toMatchObject([
    { code: 'SEAL-FORM', message: expect.stringContaining('a folder') },
  ]);
});

test('a program gets what a person is told, without the ciphertext', async () => {
  const world = new FakeSealWorld();
  await world.run('set made-up ARCADE_WORKER_SECRET --json', 'short');
  const told = JSON.parse(world.printed.join());
  expect(told).toMatchObject({ server: 'made-up', key: 'ARCADE_WORKER_SECRET', file: world.owner().sealedFile });
  expect(told.problems.map(({ code }: { code: string }) => code)).toContain('SECRET-SIZE');
  expect(world.said).toEqual([]);
});

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
