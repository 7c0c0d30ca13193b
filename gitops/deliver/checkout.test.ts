import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { problemsOf } from '../../testing/problems';
import { emptyFolder, project, type Repository, repository } from '../../testing/temp-repository';
import { openCheckout } from './checkout';

const elsewhere = realpathSync(mkdtempSync(join(tmpdir(), 'own-')));

/** The problems of a folder as the checkout of `fleet`. */
function rejections({ root }: Repository, { own = elsewhere, expected = 'fleet' } = {}): readonly string[] {
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
])('accepts a clone of %s', (url) => {
  expect(rejections(cloneOf(url))).toEqual([]);
});

test.each([
  'https://github.com/org/zones.git',
  'git@github.com:fleet/zones',
  '/srv/fleet/zones/.git',
  'https://host/org/fleet-2.git',
])('rejects a clone of %s, another repository', (url) => {
  expect(rejections(cloneOf(url))).toEqual([
    expect.stringMatching(/^TARGET-PATH .*its origin is "(zones|fleet-2)", not "fleet"/),
  ]);
});

test('does not show credentials in the URL of a remote', () => {
  expect(rejections(cloneOf('https://me:hunter2@host/org/zones.git')).join()).not.toContain('hunter2');
});

test('accepts a checkout if any remote has the right name', () => {
  const checkout = cloneOf('https://github.com/me/fleet-fork.git');
  checkout.git('remote', 'add', 'upstream', 'https://github.com/org/fleet.git');
  expect(rejections(checkout)).toEqual([]);
  checkout.git('remote', 'set-url', 'upstream', 'https://github.com/org/zones.git');
  expect(rejections(checkout)).toEqual([
    expect.stringMatching(/^TARGET-PATH .*its origin is "fleet-fork", not "fleet"/),
  ]);
  checkout.git('remote', 'remove', 'origin');
  expect(rejections(checkout)).toEqual([expect.stringMatching(/^TARGET-PATH .*its upstream is "zones", not "fleet"/)]);
});

test('without a remote, uses the folder name; rejects an unattended commit if that differs', () => {
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

test('rejects this repository as a target, whatever its remote', () => {
  const own = cloneOf('https://github.com/org/fleet.git');
  expect(rejections(own, { own: own.root })).toEqual([expect.stringMatching(/^TARGET-PATH .*this repository itself/)]);
});

test('rejects swapped checkouts, and one folder for both targets unless its name matches both', () => {
  const sources = project();
  const apps = cloneOf('https://github.com/org/fleet.git');
  const names = cloneOf('https://github.com/org/dns-workspaces.git');
  const deliver = (to: Repository, dnsTo: Repository) => {
    const { status, stdout } = sources.run('deliver', '--to', to.root, '--dns-to', dnsTo.root, '--write', '--json');
    const { problems }: { problems: { code: string; message: string }[] } = JSON.parse(stdout);
    return { status, found: problems.map(({ code, message }) => `${code} ${message}`) };
  };
  expect(deliver(names, apps)).toEqual({
    status: 1,
    found: [
      expect.stringMatching(/^TARGET-PATH .*--to .*"dns-workspaces", not "fleet"/),
      expect.stringMatching(/^TARGET-PATH .*--dns-to .*"fleet", not "dns-workspaces"/),
    ],
  });
  expect(deliver(apps, apps)).toEqual({ status: 1, found: [expect.stringMatching(/^TARGET-PATH .*--dns-to /)] });
  expect(deliver(sources, names)).toEqual({
    status: 1,
    found: [expect.stringMatching(/^TARGET-PATH .*this repository itself/)],
  });
  for (const target of [apps, names]) expect(target.git('status', '--porcelain')).toBe('');
  expect(deliver(apps, names)).toEqual({ status: 0, found: [] });
});
