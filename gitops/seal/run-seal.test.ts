import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { sealedPath } from '../../model/sealed';
import { FakeSealWorld, keyOf } from '../../testing/fake-seal-world';
import keys from './vectors/keys.throwaway.json';
import more from './vectors/more-certificates.json';

const secret = 'hunter2-hunter2';

test('a value from standard input ends in the sealed file and opens to the same bytes', async () => {
  const world = new FakeSealWorld();
  expect(await world.run(['made-up', 'TOKEN'], {}, secret)).toBe(0);
  expect(await world.opened('TOKEN')).toBe(secret);
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
  await world.run(['made-up', 'TOKEN'], { 'from-file': join(world.root, 'value') });
  expect(await world.opened('TOKEN')).toBe(bytes.toString('latin1'));
  await world.run(['made-up', 'TOKEN'], { 'from-env': 'VALUE' });
  expect(Buffer.from(await world.opened('TOKEN'), 'latin1').toString()).toBe('grün');
});

test('nothing of a value is in what is printed, said, or left on the disk', async () => {
  const world = new FakeSealWorld();
  await world.run(['made-up', 'TOKEN'], {}, `${secret}\n`);
  expect([...world.printed, ...world.said].join()).toContain('SECRET-NEWLINE');
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
  await world.run(['made-up', 'TOKEN'], {}, 'one');
  const before = JSON.parse(world.text()).TOKEN;
  await world.run(['made-up', 'ARCADE_WORKER_SECRET'], {}, 'two');
  expect(JSON.parse(world.text()).TOKEN).toEqual(before);
  expect(Object.keys(JSON.parse(world.text()))).toEqual(['ARCADE_WORKER_SECRET', 'TOKEN']);
});

test('an empty value is refused unless it is meant', async () => {
  const world = new FakeSealWorld();
  expect(await world.problems(['made-up', 'TOKEN'])).toMatchObject([{ code: 'SECRET-EMPTY' }]);
  await world.run(['made-up', 'TOKEN'], { 'allow-empty': true });
  expect(await world.opened('TOKEN')).toBe('');
});

test('a newline at the end is kept with a warning, and one goes when that is asked for', async () => {
  const world = new FakeSealWorld();
  await world.run(['made-up', 'TOKEN'], {}, 'v\n\n');
  expect(await world.opened('TOKEN')).toBe('v\n\n');
  await world.run(['made-up', 'TOKEN'], { 'trim-newline': true }, 'v\r\n');
  expect(await world.opened('TOKEN')).toBe('v');
});

test('one object takes one mebibyte and no byte more, all its keys together', async () => {
  const world = new FakeSealWorld();
  const most = Buffer.alloc(1024 * 1024, 'x');
  expect(await world.problems(['made-up', 'TOKEN'], {}, Buffer.concat([most, Buffer.from('x')]))).toMatchObject([
    { code: 'SECRET-SIZE' },
  ]);
  await world.run(['made-up', 'TOKEN'], {}, most);
  expect(await world.problems(['made-up', 'ARCADE_WORKER_SECRET'], {}, 'x')).toMatchObject([
    { code: 'SECRET-SIZE', level: 'error', message: expect.stringContaining('1048576 bytes of the other keys') },
  ]);
});

test('a device without an end, a folder and a missing file are no trap', async () => {
  const world = new FakeSealWorld();
  const from = (path: string) => world.problems(['made-up', 'TOKEN'], { 'from-file': path });
  expect(await from('/dev/zero')).toMatchObject([{ code: 'SECRET-SIZE' }]);
  expect(await from(world.root)).toMatchObject([{ code: 'SECRET-INPUT' }]);
  expect(await from(join(world.root, 'nosuch'))).toMatchObject([
    {
      code: 'SECRET-INPUT',
      message: `Cannot read the value from the file ${join(world.root, 'nosuch')}: it is not there`,
    },
  ]);
  expect(await from('nosuch')).toMatchObject([{ message: expect.stringContaining(resolve('nosuch')) }]);
  expect(await world.problems(['made-up', 'TOKEN'], { 'from-env': 'NOSUCH' })).toMatchObject([
    { code: 'SECRET-INPUT' },
  ]);
  world.with({ environment: { LOSSY: 'a\ufffd' } });
  expect(await world.problems(['made-up', 'TOKEN'], { 'from-env': 'LOSSY' })).toMatchObject([{ code: 'SECRET-INPUT' }]);
});

test('a worker secret longer than the engine takes is refused, and a short one is sealed with a warning', async () => {
  const world = new FakeSealWorld();
  const key = ['made-up', 'ARCADE_WORKER_SECRET'];
  expect(await world.problems(key, {}, 'x'.repeat(101))).toMatchObject([
    {
      code: 'SECRET-SIZE',
      level: 'error',
      message: expect.stringContaining('101 characters, and the engine takes 100'),
    },
  ]);
  expect(existsSync(world.sealedFile())).toBe(false);
  await world.run(key, {}, 'x'.repeat(15));
  expect(world.said.join()).toMatch(/SECRET-SIZE.*shorter than 16 characters/);
  for (const length of [16, 100]) {
    await world.run(key, {}, 'ü'.repeat(length));
    expect(world.said.join()).not.toContain('SECRET-SIZE');
  }
  await world.run(['made-up', 'TOKEN'], {}, 'x'.repeat(101));
  expect(world.said.join()).not.toContain('SECRET-SIZE');
});

test('a value in the place of another says so, and of the worker secret how it is done without an outage', async () => {
  const world = new FakeSealWorld();
  await world.run(['made-up', 'TOKEN'], {}, 'v');
  expect(world.printed.join()).toContain('is sealed: 1 byte, strict');
  expect(world.printed.join()).not.toContain('replaces');
  await world.run(['made-up', 'ARCADE_WORKER_SECRET'], {}, secret);
  world.with({ now: new Date('2024-02-09T00:00:00Z') });
  await world.run(['made-up', 'TOKEN'], {}, 'w');
  expect(world.printed.join()).toMatch(/replaces the value sealed on 2024-02-01$/m);
  await world.run(['made-up', 'ARCADE_WORKER_SECRET'], {}, secret);
  expect(world.printed.join()).toMatch(/sealed on 2024-02-01; the engine still has the old one: --rotate changes it/);
  await world.with({ isJson: true }).run(['made-up', 'TOKEN'], {}, 'x');
  expect(JSON.parse(world.printed.join())).toMatchObject({ replaces: '2024-02-09' });
});

test('an unknown server is answered with the one that was meant, and a path is none', async () => {
  const world = new FakeSealWorld();
  expect(await world.problems(['made-pu', 'TOKEN'], {}, 'v')).toMatchObject([
    { code: 'SERVER-UNKNOWN', fix: 'write "made-up"' },
  ]);
  expect(await world.problems(['../made-up', 'TOKEN'], {}, 'v')).toMatchObject([{ code: 'SERVER-UNKNOWN' }]);
  expect(await world.problems(['certificates', 'TOKEN'], {}, 'v')).toMatchObject([{ code: 'SERVER-UNKNOWN' }]);
});

test('a key that the server does not declare is sealed with a warning', async () => {
  const world = new FakeSealWorld();
  await world.run(['made-up', 'STRAY'], {}, 'v');
  expect(world.said.join()).toContain('SEAL-UNUSED');
});

test('a key that is nearly one of the server is refused with the one that was meant', async () => {
  const world = new FakeSealWorld();
  for (const [key, meant] of [
    ['TOKNE', 'TOKEN'],
    ['ARCADE_WORKER_SECERT', 'ARCADE_WORKER_SECRET'],
  ] as const) {
    expect(await world.problems(['made-up', key], {}, 'v')).toMatchObject([
      { code: 'SEAL-UNUSED', level: 'error', message: expect.stringContaining(`did you mean ${meant}?`) },
    ]);
  }
  expect(existsSync(world.sealedFile())).toBe(false);
  await world.run(['made-up', 'ARCADE_WORKER_SECRET_PREVIOUS'], {}, 'v');
  expect(await world.opened('ARCADE_WORKER_SECRET_PREVIOUS')).toBe('v');
});

test('scopes are kept apart in one object, and a wider one is written down', async () => {
  const world = new FakeSealWorld();
  await world.run(['made-up', 'TOKEN'], { scope: 'cluster-wide' }, 'v');
  expect(JSON.parse(world.text()).TOKEN.scope).toBe('cluster-wide');
  expect(await world.problems(['made-up', 'ARCADE_WORKER_SECRET'], {}, 'v')).toMatchObject([
    { code: 'SEAL-MIXED', fix: expect.stringContaining('--drop') },
  ]);
  await world.run(['made-up', 'TOKEN'], { drop: true });
  await world.run(['made-up', 'ARCADE_WORKER_SECRET'], {}, 'v');
  expect(await world.problems(['made-up', 'TOKEN'], { drop: true })).toMatchObject([{ code: 'SEAL-MISSING' }]);
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
  const [problem] = await world.problems(['made-up', 'TOKEN'], {}, secret);
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
  if (level === 'error') expect(await world.problems(['made-up', 'TOKEN'], {}, 'v')).toMatchObject([{ code }]);
  else {
    expect(await world.run(['made-up', 'TOKEN'], {}, 'v')).toBe(0);
    expect(world.said.join()).toContain(code);
  }
});

test('of two certificates in a file the first is used, with a warning', async () => {
  const world = pinning('current', keyOf('current').certPem + keyOf('retired').certPem);
  await world.run(['made-up', 'TOKEN'], {}, 'v');
  expect(world.said.join()).toContain('CERT-EXTRA');
  expect(JSON.parse(world.text()).TOKEN.certSha256).toBe(keyOf('current').certSha256Hex);
});

test('a broken entry is no obstacle to sealing that key again, and one to sealing another', async () => {
  const world = new FakeSealWorld();
  await world.run(['made-up', 'TOKEN'], {}, 'v');
  const text = world.text().replace(/"ciphertext": "[^"]*"/, '"ciphertext": "hunter2"');
  writeFileSync(world.sealedFile(), text);
  const problems = await world.problems(['made-up', 'ARCADE_WORKER_SECRET'], {}, 'v');
  expect(problems).toMatchObject([{ code: 'SEAL-FORM', path: 'TOKEN' }]);
  expect(JSON.stringify(problems)).not.toContain('hunter2');
  expect(world.text()).toBe(text);
  await world.run(['made-up', 'TOKEN'], {}, 'again');
  expect(await world.opened('TOKEN')).toBe('again');
});

test('a file cut in half is left as it is until a person decides', async () => {
  const world = new FakeSealWorld();
  await world.run(['made-up', 'TOKEN'], {}, 'v');
  const half = world.text().slice(0, 300);
  writeFileSync(world.sealedFile(), half);
  expect(await world.problems(['made-up', 'TOKEN'], {}, 'v')).toMatchObject([{ code: 'SEAL-FORM' }]);
  expect(world.text()).toBe(half);
});

test('a link or a folder in the place of the sealed file is refused', async () => {
  const world = new FakeSealWorld();
  const elsewhere = join(world.root, 'elsewhere.json');
  writeFileSync(elsewhere, '{}');
  mkdirSync(dirname(world.sealedFile()));
  symlinkSync(elsewhere, world.sealedFile());
  expect(await world.problems(['made-up', 'TOKEN'], {}, 'v')).toMatchObject([
    { code: 'SEAL-FORM', message: expect.stringContaining('symbolic link') },
  ]);
  expect(readFileSync(elsewhere, 'utf8')).toBe('{}');
  mkdirSync(world.sealedFile('other'), { recursive: true });
  expect(await world.problems(['other', 'TOKEN'], {}, 'v')).toMatchObject([
    { code: 'SEAL-FORM', message: expect.stringContaining('a folder') },
  ]);
});

test('with a check key the same value keeps its ciphertext, and each change of the fields seals anew', async () => {
  const world = new FakeSealWorld().with({ environment: { SEAL_CHECK_KEY: 'k'.repeat(32) } });
  const sealing = async (value: string, flags = {}) => {
    await world.run(['other', 'ARCADE_WORKER_SECRET'], flags, value);
    return world.text('other');
  };
  const first = await sealing('v');
  expect(await sealing('v')).toBe(first);
  expect(world.printed.join()).toContain('its ciphertext is kept');
  const second = await sealing('w');
  const third = await sealing('w', { scope: 'cluster-wide' });
  world.with({ environment: { SEAL_CHECK_KEY: 'l'.repeat(32) } });
  const fourth = await sealing('w', { scope: 'cluster-wide' });
  world.with({ environment: {} });
  const fifth = await sealing('w', { scope: 'cluster-wide' });
  expect(new Set([first, second, third, fourth, fifth]).size).toBe(5);
  expect(JSON.parse(fifth).ARCADE_WORKER_SECRET.check).toBeUndefined();
  expect(await sealing('w', { scope: 'cluster-wide' })).not.toBe(fifth);
});

test('a check key that could be guessed, or that git would take along, is refused', async () => {
  const world = new FakeSealWorld().with({ environment: { SEAL_CHECK_KEY: 'short' } });
  expect(await world.problems(['made-up', 'TOKEN'], {}, 'v')).toMatchObject([{ code: 'SECRET-INPUT' }]);
  expect(await world.problems(['made-up', 'TOKEN'], { 'check-key-file': '/nosuch' }, 'v')).toMatchObject([
    {
      message: 'Cannot read the check key from the file /nosuch: it is not there',
      fix: expect.stringContaining('--check'),
    },
  ]);
  const inRepository = { 'check-key-file': __filename };
  expect(await world.problems(['made-up', 'TOKEN'], inRepository, 'v')).toMatchObject([
    { code: 'SECRET-INPUT', fix: expect.stringContaining('outside') },
  ]);
});

test('two values sealed at once are both there', async () => {
  const world = new FakeSealWorld();
  await Promise.all([
    world.run(['made-up', 'TOKEN'], {}, 'one'),
    world.run(['made-up', 'ARCADE_WORKER_SECRET'], {}, 'two'),
  ]);
  expect([await world.opened('TOKEN'), await world.opened('ARCADE_WORKER_SECRET')]).toEqual(['one', 'two']);
});

test('a program gets what a person is told, without the ciphertext', async () => {
  const world = new FakeSealWorld().with({ isJson: true });
  await world.run(['made-up', 'TOKEN'], {}, 'v\n');
  const told = JSON.parse(world.printed.join());
  expect(told).toMatchObject({ server: 'made-up', key: 'TOKEN', isKept: false, file: world.owner().sealedFile });
  expect(told.problems.map(({ code }: { code: string }) => code)).toContain('SECRET-NEWLINE');
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
