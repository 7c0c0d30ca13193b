import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Sealed, sealedText } from '../../model/sealed';
import { FakeSealWorld } from '../../testing/fake-seal-world';
import { problemsOf } from '../../testing/problems';
import { readSealedFile, type SealedFile, writeSealedFile } from './sealed-file';

test('reads back what it wrote and leaves no other file', async () => {
  const { world, file } = await sealedWorld();
  expect(file.text).toBe(world.text());
  writeSealedFile(world.root, world.owner(), file, new Map());
  expect(readSealedFile(world.root, world.owner())).toMatchObject({ text: '{}\n', sealed: new Map(), problems: [] });
  expect(readdirSync(dirname(world.sealedFile()))).toEqual(['fake-cluster.json']);
});

test('ignores the field "check" of earlier versions and removes it on the next write', async () => {
  const { world } = await sealedWorld();
  const { TOKEN } = JSON.parse(world.text());
  writeFileSync(world.sealedFile(), JSON.stringify({ TOKEN: { ...TOKEN, check: '0f'.repeat(16) } }));
  await world.run('set test-server ARCADE_WORKER_SECRET', 'a long enough value');
  expect(JSON.parse(world.text())).toMatchObject({ TOKEN, ARCADE_WORKER_SECRET: { scope: 'namespace-wide' } });
  expect(world.text()).not.toContain('check');
});

test.each([
  ['changed', (world: FakeSealWorld) => writeFileSync(world.sealedFile(), '{}\n'), '{}\n'],
  ['appeared', (world: FakeSealWorld) => writeFileSync(world.sealedFile(), 'hunter2'), 'hunter2'],
])('does not overwrite a file that has %s since it was read', async (what, change, text) => {
  const { world, file, values } = await sealedWorld();
  const before = what === 'appeared' ? { ...file, text: undefined } : file;
  change(world);
  const problems = problemsOf(() => writeSealedFile(world.root, world.owner(), before, values));
  expect(problems).toMatchObject([
    { code: 'SEAL-WRITE', message: expect.stringContaining('another command changed them in the meantime') },
  ]);
  expect(JSON.stringify(problems)).not.toContain('hunter2');
  expect(world.text()).toBe(text);
  expect(readdirSync(dirname(world.sealedFile()))).toEqual(['fake-cluster.json']);
});

test('writes nothing while a .new file exists, and says when to delete it', async () => {
  const { world, file, values } = await sealedWorld();
  writeFileSync(`${world.sealedFile()}.new`, 'half');
  expect(problemsOf(() => writeSealedFile(world.root, world.owner(), file, values))).toMatchObject([
    { code: 'SEAL-WRITE', fix: expect.stringContaining(`delete ${world.owner().sealedFile}.new first`) },
  ]);
  expect(world.text()).toBe(file.text);
  expect(readFileSync(`${world.sealedFile()}.new`, 'utf8')).toBe('half');
});

test('reports the reason of the system when the folder cannot be created', () => {
  const world = new FakeSealWorld();
  const owner = world.owner();
  const file = readSealedFile(world.root, owner);
  writeFileSync(dirname(world.sealedFile()), 'in the way');
  expect(problemsOf(() => writeSealedFile(world.root, owner, file, new Map()))).toMatchObject([
    { code: 'SEAL-WRITE', message: 'Cannot write the sealed values of "test-server": file already exists' },
  ]);
});

test('rejects its change when another command has sealed a value while it waited for input', async () => {
  const { world } = await sealedWorld();
  const other = new FakeSealWorld(world.root);
  const whileWaiting = (async function* () {
    await other.run('set test-server TOKEN', 'from the other command');
    yield Buffer.from('a long enough value');
  })();
  expect(await world.problems('set test-server ARCADE_WORKER_SECRET', whileWaiting)).toMatchObject([
    { code: 'SEAL-WRITE', fix: 'run it again; nothing was written' },
  ]);
  expect(world.opened('TOKEN')).toBe('from the other command');
  await world.run('set test-server ARCADE_WORKER_SECRET', 'a long enough value');
  expect([world.opened('TOKEN'), world.opened('ARCADE_WORKER_SECRET')]).toEqual([
    'from the other command',
    'a long enough value',
  ]);
});

test('a broken entry can be sealed again, and blocks sealing another key', async () => {
  const world = new FakeSealWorld();
  await world.run('set test-server TOKEN', 'v');
  const text = world.text().replace(/"ciphertext": "[^"]*"/, '"ciphertext": "hunter2"');
  writeFileSync(world.sealedFile(), text);
  const problems = await world.problems('set test-server ARCADE_WORKER_SECRET', 'v');
  expect(problems).toMatchObject([{ code: 'SEAL-FORM', path: 'TOKEN' }]);
  expect(JSON.stringify(problems)).not.toContain('hunter2');
  expect(world.text()).toBe(text);
  await world.run('set test-server TOKEN', 'again');
  expect(world.opened('TOKEN')).toBe('again');
});

test('does not overwrite a truncated file', async () => {
  const world = new FakeSealWorld();
  await world.run('set test-server TOKEN', 'v');
  const half = world.text().slice(0, 300);
  writeFileSync(world.sealedFile(), half);
  expect(await world.problems('set test-server TOKEN', 'v')).toMatchObject([{ code: 'SEAL-FORM' }]);
  expect(world.text()).toBe(half);
});

test('rejects a symbolic link or a folder instead of the sealed file', async () => {
  const world = new FakeSealWorld();
  const elsewhere = join(world.root, 'elsewhere.json');
  writeFileSync(elsewhere, '{}');
  mkdirSync(dirname(world.sealedFile()));
  symlinkSync(elsewhere, world.sealedFile());
  expect(await world.problems('set test-server TOKEN', 'v')).toMatchObject([
    { code: 'SEAL-FORM', message: expect.stringContaining('symbolic link') },
  ]);
  expect(readFileSync(elsewhere, 'utf8')).toBe('{}');
  mkdirSync(world.sealedFile('other'), { recursive: true });
  expect(await world.problems('set other TOKEN', 'v')).toMatchObject([
    { code: 'SEAL-FORM', message: expect.stringContaining('a folder') },
  ]);
});

async function sealedWorld(): Promise<{ world: FakeSealWorld; file: SealedFile; values: Sealed }> {
  const world = new FakeSealWorld();
  await world.run('set test-server TOKEN', 'v');
  const file = readSealedFile(world.root, world.owner());
  expect(sealedText(file.sealed)).toBe(world.text());
  return { world, file, values: file.sealed };
}
