import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkPlaintextPath, isOutOfGit, writePlaintext } from './plaintext-out';
import { Secret } from './secret';

const refused = expect.objectContaining({ code: 'SECRET-OUTPUT' });

test('inside of a git work tree only what git ignores may receive plaintext', () => {
  const tree = workTree();
  expect(() => checkPlaintextPath(join(tree, 'value.txt'))).toThrow(refused);
  expect(checkPlaintextPath(join(tree, 'value.plaintext'))).toBe(join(tree, 'value.plaintext'));
  expect(isOutOfGit(join(tree, 'folder', 'value.txt'))).toBe(false);
});

test('a file that git knows already is not ignored, whatever its name', () => {
  const tree = workTree();
  writeFileSync(join(tree, 'known.plaintext'), '');
  git(tree, 'add', '--force', 'known.plaintext');
  expect(isOutOfGit(join(tree, 'known.plaintext'))).toBe(false);
});

test('a link into a work tree does not hide it, and the environment does not mislead git', () => {
  const tree = workTree();
  const outside = mkdtempSync(join(tmpdir(), 'outside-'));
  symlinkSync(join(tree, 'folder'), join(outside, 'link'));
  expect(() => checkPlaintextPath(join(outside, 'link', 'value.txt'))).toThrow(refused);
  withEnvironment('GIT_DIR', join(outside, 'nosuch'), () => {
    expect(() => checkPlaintextPath(join(tree, 'value.txt'))).toThrow(refused);
  });
});

test('without git nobody can say, and outside of a work tree nobody needs to', () => {
  const tree = workTree();
  const outside = mkdtempSync(join(tmpdir(), 'outside-'));
  withEnvironment('PATH', outside, () => {
    expect(() => isOutOfGit(join(tree, 'value.plaintext'))).toThrow(expect.objectContaining({ code: 'TOOL-MISSING' }));
    expect(isOutOfGit(join(outside, 'value.plaintext'))).toBe(true);
  });
});

test('a work tree that git does not trust is still one', () => {
  const folder = mkdtempSync(join(tmpdir(), 'broken-'));
  writeFileSync(join(folder, '.git'), 'gitdir: /nosuch\n');
  expect(() => checkPlaintextPath(join(folder, 'value.plaintext'))).toThrow(refused);
});

test('outside of every work tree a new file is fine, for its owner alone', () => {
  const path = checkPlaintextPath(join(mkdtempSync(join(tmpdir(), 'outside-')), 'value'));
  writePlaintext(path, new Secret(Buffer.from('v')));
  expect(readFileSync(path, 'utf8')).toBe('v');
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('nothing is written over a file or through a link', () => {
  const folder = mkdtempSync(join(tmpdir(), 'outside-'));
  writeFileSync(join(folder, 'there'), 'before');
  symlinkSync(join(folder, 'target'), join(folder, 'dangling'));
  expect(() => checkPlaintextPath(join(folder, 'there'))).toThrow(refused);
  expect(() => checkPlaintextPath(join(folder, 'nosuch', 'x'))).toThrow(refused);
  expect(() => writePlaintext(join(folder, 'there'), new Secret(Buffer.from('v')))).toThrow(refused);
  expect(() => writePlaintext(join(folder, 'dangling'), new Secret(Buffer.from('v')))).toThrow(refused);
  expect(readFileSync(join(folder, 'there'), 'utf8')).toBe('before');
  expect(existsSync(join(folder, 'target'))).toBe(false);
});

function withEnvironment(name: string, value: string, work: () => void): void {
  const before = process.env[name];
  process.env[name] = value;
  try {
    work();
  } finally {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  }
}

function workTree(): string {
  const tree = mkdtempSync(join(tmpdir(), 'tree-'));
  git(tree, 'init', '--quiet');
  mkdirSync(join(tree, 'folder'));
  writeFileSync(join(tree, '.gitignore'), '*.plaintext\n');
  return tree;
}

function git(cwd: string, ...args: string[]): void {
  execFileSync('git', args, { cwd });
}
