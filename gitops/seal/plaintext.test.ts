import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FakeSealWorld } from '../../testing/fake-seal-world';

test('rejects an empty value without --allow-empty', async () => {
  const world = new FakeSealWorld();
  expect(await world.problems('set test-server TOKEN')).toMatchObject([{ code: 'SECRET-EMPTY' }]);
  await world.run('set test-server TOKEN --allow-empty');
  expect(world.opened('TOKEN')).toBe('');
});

test.each([
  ['ARCADE_WORKER_SECRET', /^generate one: npm run seal -- set test-server ARCADE_WORKER_SECRET --generate$/],
  ['ARCADE_WORKER_SECRET_PREVIOUS', /^give the value that the engine has; or generate one: .* --generate$/],
])('rejects an empty %s even with --allow-empty', async (key, fix) => {
  const world = new FakeSealWorld();
  for (const [flags, value] of [
    ['', ''],
    ['--allow-empty', ''],
    ['--allow-empty --trim-newline', '\n'],
  ]) {
    expect(await world.problems(`set test-server ${key} ${flags}`, value)).toMatchObject([
      { code: 'SECRET-EMPTY', level: 'error', fix: expect.stringMatching(fix) },
    ]);
  }
  expect(existsSync(world.sealedFile())).toBe(false);
});

test('rejects a trailing newline from any source without --trim-newline or --keep-newline', async () => {
  const world = new FakeSealWorld().with({ environment: { VALUE: 'v\n' } });
  const path = join(world.root, 'value.txt');
  for (const text of ['v\n', 'v\r\n']) {
    writeFileSync(path, text);
    for (const flags of ['', `--from-file ${path}`, '--from-env VALUE']) {
      expect(await world.problems(`set test-server TOKEN ${flags}`, text)).toMatchObject([
        { code: 'SECRET-NEWLINE', level: 'error', fix: expect.stringMatching(/--trim-newline.*--keep-newline/) },
      ]);
      expect(existsSync(world.sealedFile())).toBe(false);
    }
    await world.run(`set test-server TOKEN --from-file ${path} --trim-newline`);
    expect(world.opened('TOKEN')).toBe('v');
    await world.run('set test-server TOKEN --keep-newline', text);
    expect(world.opened('TOKEN')).toBe(text);
    rmSync(world.sealedFile());
  }
  expect(await world.problems('set test-server TOKEN --trim-newline', 'v\n\n')).toMatchObject([
    { code: 'SECRET-NEWLINE' },
  ]);
  await world.run('set test-server TOKEN --trim-newline', 'no newline');
  expect(world.opened('TOKEN')).toBe('no newline');
});

test('accepts a value up to the limit of an environment variable, its name included', async () => {
  const world = new FakeSealWorld();
  const most = 131_072 - 'TOKEN=\0'.length;
  expect(await world.problems('set test-server TOKEN', 'x'.repeat(most + 1))).toMatchObject([
    {
      code: 'SECRET-SIZE',
      level: 'error',
      message: expect.stringContaining(`with this name holds at most ${most} bytes`),
    },
  ]);
  expect(existsSync(world.sealedFile())).toBe(false);
  await world.run('set test-server TOKEN', 'x'.repeat(most));
  expect(world.opened('TOKEN')).toHaveLength(most);
});

test('accepts up to one mebibyte for all keys of an object together', async () => {
  const world = new FakeSealWorld();
  for (let key = 0; key < 8; key += 1) await world.run(`set test-server KEY_${key}`, 'x'.repeat(131_000));
  const left = 1024 * 1024 - 8 * 131_000;
  expect(await world.problems('set test-server TOKEN', 'x'.repeat(left + 1))).toMatchObject([
    { code: 'SECRET-SIZE', level: 'error', message: expect.stringContaining('1048000 bytes of the other keys') },
  ]);
  await world.run('set test-server TOKEN', 'x'.repeat(left));
  expect(world.opened('TOKEN')).toHaveLength(left);
});

const utf16 = (text: string) => Buffer.from(text, 'utf16le');

test.each([
  ['UTF-16 as PowerShell 5 writes it', Buffer.concat([Buffer.of(0xff, 0xfe), utf16('hunter2\r\n')]), /is UTF-16$/],
  ['UTF-16 in the other order', Buffer.concat([Buffer.of(0xff, 0xfe), utf16('hunter2')]).swap16(), /is UTF-16$/],
  ['UTF-16 without a mark', utf16('hunter2'), /is UTF-16$/],
  ['UTF-8 with a byte order mark', Buffer.from('\ufeffhunter2'), /byte order mark \(BOM\)$/],
  ['a NUL byte', Buffer.from('hunter2\0hunter2'), /contains a NUL byte/],
])('rejects %s, from a pipe or a file, for any key', async (_, bytes, message) => {
  const world = new FakeSealWorld();
  const path = join(world.root, 'value.txt');
  writeFileSync(path, bytes);
  for (const line of ['TOKEN', `TOKEN --from-file ${path}`, 'ARCADE_WORKER_SECRET', 'TOKEN --trim-newline']) {
    const problems = await world.problems(`set test-server ${line}`, Buffer.from(bytes));
    expect(problems).toMatchObject([{ code: 'SECRET-ENCODING', message: expect.stringMatching(message) }]);
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  }
  expect(existsSync(world.sealedFile())).toBe(false);
});

test('seals bytes that are not UTF-8 unchanged with a warning, and keeps spaces around a value', async () => {
  const world = new FakeSealWorld();
  const bytes = Buffer.from(Array.from({ length: 255 }, (_, at) => at + 1));
  await world.run('set test-server TOKEN', bytes);
  expect(world.opened('TOKEN')).toBe(bytes.toString('latin1'));
  expect(world.said.join()).toContain('! SECRET-ENCODING');
  await world.run('set test-server TOKEN', ' x ');
  expect(world.opened('TOKEN')).toBe(' x ');
  expect(world.said.join()).not.toContain('SECRET-');
});

test('rejects a worker secret longer than the engine accepts, and warns about a short one', async () => {
  const world = new FakeSealWorld();
  const line = 'set test-server ARCADE_WORKER_SECRET';
  expect(await world.problems(line, 'x'.repeat(101))).toMatchObject([
    {
      code: 'SECRET-SIZE',
      level: 'error',
      message: expect.stringContaining('101 characters; the engine accepts at most 100'),
    },
  ]);
  expect(existsSync(world.sealedFile())).toBe(false);
  await world.run(line, 'x'.repeat(15));
  expect(world.said.join()).toMatch(/SECRET-SIZE.*shorter than 16 characters/);
  for (const length of [16, 100]) {
    await world.run(line, 'ü'.repeat(length));
    expect(world.said.join()).not.toContain('SECRET-SIZE');
  }
  await world.run('set test-server TOKEN', 'x'.repeat(101));
  expect(world.said.join()).not.toContain('SECRET-SIZE');
});
