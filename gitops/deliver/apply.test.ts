import fs from 'node:fs';
import { join } from 'node:path';
import { repository } from '../../testing/temp-repository';
import { apply, temporaryOf, type WriteCalls } from './apply';
import type { FileChange } from './plan';

const changes: readonly FileChange[] = [
  { path: 'apps/mcp/a/new.yaml', state: 'new', after: 'new' },
  { path: 'apps/mcp/a/changed.yaml', state: 'changed', before: 'old', after: 'fresh' },
  { path: 'apps/mcp/a/same.yaml', state: 'unchanged', before: 'same', after: 'same' },
  { path: 'apps/mcp/gone/gone.yaml', state: 'removed', before: 'gone' },
];

const start = () =>
  repository({
    'apps/mcp/a/changed.yaml': 'old',
    'apps/mcp/a/same.yaml': 'same',
    'apps/mcp/gone/gone.yaml': 'gone',
    'theirs.txt': 'theirs',
  });

/** The real calls; the one with the given number throws before or after its work. */
function failingAt(number: number, when: 'before' | 'after'): { calls: WriteCalls; count: () => number } {
  let made = 0;
  const failing =
    <A extends unknown[], R>(call: (...args: A) => R) =>
    (...args: A): R => {
      made += 1;
      if (made === number && when === 'before') throw new Error('the disk is full');
      const result = call(...args);
      if (made === number) throw new Error('the power failed');
      return result;
    };
  const calls = Object.fromEntries(
    names.map((name) => [name, failing((...args: unknown[]) => Reflect.apply(fs[name], fs, args))]),
  );
  // Each name maps to the call of that name, which the compiler cannot follow through fromEntries.
  return { calls: calls as unknown as WriteCalls, count: () => made };
}

const names = [
  'lstatSync',
  'mkdirSync',
  'openSync',
  'writeSync',
  'closeSync',
  'renameSync',
  'unlinkSync',
  'rmdirSync',
] as const;

const whole = failingAt(0, 'before');
apply(start().root, changes, whole.calls);

test('applying makes enough calls for the failures below', () => {
  expect(whole.count()).toBeGreaterThan(20);
});

describe.each(['before', 'after'] as const)('a failure %s call', (when) => {
  test.each(Array.from({ length: whole.count() }, (_, index) => index + 1))(
    'number %i leaves every file complete, and a second run finishes',
    (number) => {
      const { root, read, git } = start();
      expect(() => apply(root, changes, failingAt(number, when).calls)).toThrow(
        expect.objectContaining({ code: 'TARGET-WRITE' }),
      );
      expect(['old', 'fresh']).toContain(read('apps/mcp/a/changed.yaml'));
      if (fs.existsSync(join(root, 'apps/mcp/a/new.yaml'))) expect(read('apps/mcp/a/new.yaml')).toBe('new');

      const left = changes.filter(({ path, after }) => {
        const now = fs.existsSync(join(root, path)) ? read(path) : undefined;
        return now !== after;
      });
      apply(root, left);
      for (const { path } of changes) fs.rmSync(join(root, temporaryOf(path)), { force: true });
      expect(read('apps/mcp/a/changed.yaml')).toBe('fresh');
      expect(read('apps/mcp/a/new.yaml')).toBe('new');
      expect(git('status', '--porcelain', '--untracked-files=all')).toBe(
        ' M apps/mcp/a/changed.yaml\n D apps/mcp/gone/gone.yaml\n?? apps/mcp/a/new.yaml\n',
      );
    },
  );
});

test('rejects a folder that became a link after planning', () => {
  const { root } = start();
  const outside = repository().root;
  fs.rmSync(join(root, 'apps/mcp/a'), { recursive: true });
  fs.symlinkSync(outside, join(root, 'apps/mcp/a'));
  expect(() => apply(root, changes)).toThrow(expect.objectContaining({ code: 'TARGET-PATH' }));
  expect(fs.readdirSync(outside)).toEqual(['.git']);
});

test('replaces a link at the path of the temporary file instead of following it', () => {
  const { root, read } = start();
  const outside = repository({ victim: 'untouched' });
  fs.symlinkSync(join(outside.root, 'victim'), join(root, temporaryOf('apps/mcp/a/changed.yaml')));
  apply(root, changes);
  expect(outside.read('victim')).toBe('untouched');
  expect(read('apps/mcp/a/changed.yaml')).toBe('fresh');
});
