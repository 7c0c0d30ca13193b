import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { problemsOf } from '../../testing/problems';
import { checkPlaintextPath, isOutOfGit, outletFor, writePlaintext } from './plaintext-out';
import { Secret } from './secret';

const refused = expect.objectContaining({ code: 'SECRET-OUTPUT' });

test('in a git work tree, accepts only an ignored path', () => {
  const tree = workTree();
  expect(() => checkPlaintextPath(join(tree, 'value.txt'))).toThrow(refused);
  expect(checkPlaintextPath(join(tree, 'value.plaintext'))).toBe(join(tree, 'value.plaintext'));
  expect(isOutOfGit(join(tree, 'folder', 'value.txt'))).toBe(false);
});

test('a tracked file is never ignored, whatever its name', () => {
  const tree = workTree();
  writeFileSync(join(tree, 'known.plaintext'), '');
  git(tree, 'add', '--force', 'known.plaintext');
  expect(isOutOfGit(join(tree, 'known.plaintext'))).toBe(false);
});

test('follows a link into a work tree and ignores GIT_DIR', () => {
  const tree = workTree();
  const outside = mkdtempSync(join(tmpdir(), 'outside-'));
  symlinkSync(join(tree, 'folder'), join(outside, 'link'));
  expect(() => checkPlaintextPath(join(outside, 'link', 'value.txt'))).toThrow(refused);
  withEnvironment('GIT_DIR', join(outside, 'nosuch'), () => {
    expect(() => checkPlaintextPath(join(tree, 'value.txt'))).toThrow(refused);
  });
});

test('needs git only inside a work tree', () => {
  const tree = workTree();
  const outside = mkdtempSync(join(tmpdir(), 'outside-'));
  withEnvironment('PATH', outside, () => {
    expect(() => isOutOfGit(join(tree, 'value.plaintext'))).toThrow(expect.objectContaining({ code: 'TOOL-MISSING' }));
    expect(isOutOfGit(join(outside, 'value.plaintext'))).toBe(true);
  });
});

test('treats a work tree that git does not trust as a work tree', () => {
  const folder = mkdtempSync(join(tmpdir(), 'broken-'));
  writeFileSync(join(folder, '.git'), 'gitdir: /nosuch\n');
  expect(() => checkPlaintextPath(join(folder, 'value.plaintext'))).toThrow(refused);
});

test('outside every work tree, writes a new file that only its owner can read', () => {
  const path = checkPlaintextPath(join(mkdtempSync(join(tmpdir(), 'outside-')), 'value'));
  writePlaintext(path, new Secret(Buffer.from('v')));
  expect(readFileSync(path, 'utf8')).toBe('v');
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('never overwrites a file or follows a link', () => {
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

test('proposes a file that does not exist yet, named after the server and, with several platforms, the platform', () => {
  const folder = mkdtempSync(join(tmpdir(), 'proposed-'));
  const before = process.cwd();
  const fixFor = (flag: string) => {
    const [problem] = problemsOf(() =>
      outletFor(
        undefined,
        { name: 'weather', platform: { name: 'staging', flag } },
        { isTerminal: false, isJson: false },
      ),
    );
    return problem?.fix.split(' ')[2];
  };
  process.chdir(folder);
  try {
    expect([fixFor(''), fixFor(' --platform staging')]).toEqual(['weather.plaintext', 'weather-staging.plaintext']);
    for (const taken of ['', '-2']) writeFileSync(`weather-staging${taken}.plaintext`, '');
    expect(fixFor(' --platform staging')).toBe('weather-staging-3.plaintext');
  } finally {
    process.chdir(before);
  }
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
