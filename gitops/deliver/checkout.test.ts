import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { problemsOf } from '../../testing/problems';
import { emptyFolder, project, type Repository, repository } from '../../testing/temp-repository';
import { openCheckout } from './checkout';

const elsewhere = realpathSync(mkdtempSync(join(tmpdir(), 'own-')));

/** What speaks against a folder as the checkout of `fleet`. */
function told({ root }: Repository, { own = elsewhere, expected = 'fleet' } = {}): readonly string[] {
  const problems = problemsOf(() =>
    openCheckout({ option: '--to', repository: expected, base: 'apps/mcp', folder: root }, own),
  );
  return problems.map(({ code, message, fix }) => `${code} ${message} ${fix}`);
}

const isNamed = (expected: string, { root }: Repository) =>
  openCheckout({ option: '--to', repository: expected, base: 'apps/mcp', folder: root }, elsewhere).isNamed;

function cloneOf(url: string): Repository {
  const made = repository();
  made.git('remote', 'add', 'origin', url);
  return made;
}

test.each([
  'https://github.com/org/fleet',
  'https://github.com/org/fleet.git/',
  'git@github.com:org/fleet.git',
  'host:fleet.git',
  'ssh://git@host:7999/~me/Fleet.git',
  '/srv/git/fleet.git',
  '../fleet/.git',
  'C:\\git\\fleet',
])('a clone of %s is the one that is meant', (url) => {
  expect(told(cloneOf(url))).toEqual([]);
});

test.each([
  'https://github.com/org/zones.git',
  'git@github.com:fleet/zones',
  '/srv/fleet/zones/.git',
  'https://host/org/fleet-2.git',
])('a clone of %s is another repository', (url) => {
  expect(told(cloneOf(url))).toEqual([
    expect.stringMatching(/^TARGET-PATH .*its origin is "(zones|fleet-2)", not "fleet"/),
  ]);
});

test('what an address holds beside the name is not shown', () => {
  expect(told(cloneOf('https://me:hunter2@host/org/zones.git')).join()).not.toContain('hunter2');
});

test('any remote of the right name is enough, and others alone are not', () => {
  const checkout = cloneOf('https://github.com/me/fleet-fork.git');
  checkout.git('remote', 'add', 'upstream', 'https://github.com/org/fleet.git');
  expect(told(checkout)).toEqual([]);
  checkout.git('remote', 'set-url', 'upstream', 'https://github.com/org/zones.git');
  expect(told(checkout)).toEqual([expect.stringMatching(/^TARGET-PATH .*its origin is "fleet-fork", not "fleet"/)]);
  checkout.git('remote', 'remove', 'origin');
  expect(told(checkout)).toEqual([expect.stringMatching(/^TARGET-PATH .*its upstream is "zones", not "fleet"/)]);
});

test('without a remote the name of the folder tells, and where it does not, a commit is stopped when nobody reads of it', () => {
  expect(isNamed('fleet', repository())).toBe(true);
  const other = repository({}, emptyFolder('other'));
  expect(isNamed('fleet', other)).toBe(false);
  const sources = project();
  const { CI } = process.env;
  try {
    process.env.CI = 'true';
    const refused = sources.run('deliver', '--to', other.root, '--commit');
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringMatching(/✗ TARGET-PATH .*no remote/) });
    delete process.env.CI;
    const done = sources.run('deliver', '--to', other.root, '--commit');
    expect(done).toMatchObject({ status: 0, stderr: expect.stringMatching(/! TARGET-PATH .*no remote/) });
  } finally {
    if (CI !== undefined) process.env.CI = CI;
  }
});

test('this repository itself is no target, whatever its remote', () => {
  const own = cloneOf('https://github.com/org/fleet.git');
  expect(told(own, { own: own.root })).toEqual([expect.stringMatching(/^TARGET-PATH .*this repository itself/)]);
});

test('checkouts that were swapped are refused, and one folder is both targets only as far as its name fits', () => {
  const sources = project();
  const apps = cloneOf('https://github.com/org/fleet.git');
  const names = cloneOf('https://github.com/org/dns-workspaces.git');
  const deliver = (to: Repository, dnsTo: Repository) => {
    const { status, stdout } = sources.run('deliver', '--to', to.root, '--dns-to', dnsTo.root, '--write', '--json');
    const { problems }: { problems: { code: string; message: string }[] } = JSON.parse(stdout);
    return { status, told: problems.map(({ code, message }) => `${code} ${message}`) };
  };
  expect(deliver(names, apps)).toEqual({
    status: 1,
    told: [
      expect.stringMatching(/^TARGET-PATH .*--to .*"dns-workspaces", not "fleet"/),
      expect.stringMatching(/^TARGET-PATH .*--dns-to .*"fleet", not "dns-workspaces"/),
    ],
  });
  expect(deliver(apps, apps)).toEqual({ status: 1, told: [expect.stringMatching(/^TARGET-PATH .*--dns-to /)] });
  expect(deliver(sources, names)).toEqual({
    status: 1,
    told: [expect.stringMatching(/^TARGET-PATH .*this repository itself/)],
  });
  for (const target of [apps, names]) expect(target.git('status', '--porcelain')).toBe('');
  expect(deliver(apps, names)).toEqual({ status: 0, told: [] });
});
