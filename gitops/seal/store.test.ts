import { spawnSync } from 'node:child_process';
import fs, { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type Sealed, sealedText } from '../../model/sealed';
import { FakeSealWorld } from '../../testing/fake-seal-world';
import { withLock } from './lock';
import { changeSealedFile, readSealedFile } from './store';

test.each([
  ['ENOSPC', 'the disk is full'],
  ['EROFS', 'the disk is read-only'],
  ['EIO', 'EIO'],
])('a disk that answers %s is reported as that, and the file is as it was', async (code, reason) => {
  const { world, values } = await sealedWorld();
  const before = world.text();
  const fail = () => {
    throw Object.assign(new Error('made up'), { code });
  };
  const changing = changeSealedFile(world.root, world.owner(), ['TOKEN'], () => values, { ...fs, writeSync: fail });
  await expect(changing).rejects.toMatchObject({
    code: 'SEAL-WRITE',
    message: expect.stringMatching(new RegExp(`${reason}$`)),
  });
  expect(world.text()).toBe(before);
  expect(readdirSync(join(world.root, 'servers/made-up/sealed'))).toEqual(['made-up-cluster.json']);
});

test('a server without a folder is reported', async () => {
  const { root } = new FakeSealWorld();
  await expect(
    changeSealedFile(
      root,
      { name: 'nosuch', sealedFile: 'servers/nosuch/sealed/x.json' },
      [],
      (sealed) => new Map(sealed),
    ),
  ).rejects.toMatchObject({
    code: 'SEAL-WRITE',
    message: expect.stringContaining('its folder is not there'),
  });
});

test('what interrupted commands left behind is cleared away: half-written files and locks of processes that are gone', async () => {
  const { world, values } = await sealedWorld();
  const folder = join(world.root, 'servers/made-up/sealed');
  const { pid } = spawnSync(process.execPath, ['--version']);
  writeFileSync(join(folder, '.made-up-cluster.json.new-0123'), 'half');
  writeFileSync(join(folder, 'made-up-cluster.json.lock'), `${pid} ${hostname()} 0123\n`);
  await changeSealedFile(world.root, world.owner(), ['TOKEN'], () => new Map(values));
  expect(readdirSync(folder)).toEqual(['made-up-cluster.json']);
});

test('a lock that was made and never written counts after five seconds', async () => {
  const { world } = await sealedWorld();
  const lock = `${world.sealedFile()}.lock`;
  writeFileSync(lock, '');
  await expect(withLock(lock, 'shown', () => 1, { waitMs: 60 })).rejects.toMatchObject({ code: 'SEAL-BUSY' });
  utimesSync(lock, 0, 0);
  expect(await withLock(lock, 'shown', () => 1, { waitMs: 60 })).toBe(1);
});

test('a lock of a living process, or of another machine, is respected and named', async () => {
  const { world } = await sealedWorld();
  const lock = `${world.sealedFile()}.lock`;
  for (const holder of [`${process.pid} ${hostname()} x\n`, '1 another-machine x\n']) {
    writeFileSync(lock, holder);
    await expect(withLock(lock, 'servers/x/sealed.json.lock', () => 1, { waitMs: 60 })).rejects.toMatchObject({
      code: 'SEAL-BUSY',
      fix: expect.stringContaining('delete servers/x/sealed.json.lock'),
    });
    expect(readFileSync(lock, 'utf8')).toBe(holder);
  }
});

test('the lock is gone after the work, also when the work fails', async () => {
  const { world } = await sealedWorld();
  const lock = `${world.sealedFile()}.lock`;
  const work = () => {
    throw new Error('made up');
  };
  await expect(withLock(lock, 'shown', work)).rejects.toThrow('made up');
  expect(existsSync(lock)).toBe(false);
});

test('a change that changes nothing writes nothing', async () => {
  const { world } = await sealedWorld();
  const before = fs.statSync(world.sealedFile()).ino;
  await changeSealedFile(world.root, world.owner(), [], (sealed) => sealed);
  expect(fs.statSync(world.sealedFile()).ino).toBe(before);
});

async function sealedWorld(): Promise<{ world: FakeSealWorld; values: Sealed }> {
  const world = new FakeSealWorld();
  await world.run(['made-up', 'TOKEN'], {}, 'v');
  const { sealed } = readSealedFile(world.root, world.owner());
  expect(sealedText(sealed)).toBe(world.text());
  return { world, values: new Map(sealed) };
}
