import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FakeSealWorld } from '../../testing/fake-seal-world';

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
