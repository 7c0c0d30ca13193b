import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { testPlatform as platform } from '../../testing/fixtures';
import { problemsOf } from '../../testing/problems';
import { repository } from '../../testing/temp-repository';
import { proposedImages } from '../bump/collected';
import { changesSince } from '../check/since';
import { openCheckout } from '../deliver/checkout';
import { commit, commitProblems } from '../deliver/commit';
import { fluxKustomizations } from '../deliver/flux/flux-kustomizations';
import { readGitFacts } from '../deliver/git-facts';
import { originsAt } from '../deliver/ownership';
import { previousImage } from '../rollback/previous-image';
import { git } from './git';

/** A user configuration in which every setting would change git's output. */
const hostileConfig = (ignored: string) => `
[color]
  ui = always
  grep = always
  status = always
  diff = always
[core]
  quotePath = true
  abbrev = 40
  safecrlf = true
  autocrlf = true
  excludesFile = ${ignored}
  hooksPath = ${ignored}
  fsmonitor = /bin/false
  pager = /bin/false
[diff]
  relative = true
  orderFile = ${ignored}
  noprefix = true
  external = /bin/false
  ignoreSubmodules = all
[format]
  pretty = oneline
[grep]
  lineNumber = true
  column = true
  patternType = fixed
[i18n]
  commitEncoding = ISO-8859-1
  logOutputEncoding = ISO-8859-1
[log]
  follow = true
  showRoot = false
  showSignature = true
  diffMerges = off
[merge]
  renames = false
[status]
  showUntrackedFiles = no
  renames = copies
  relativePaths = true
  short = true
  branch = true
  showStash = true
[submodule]
  recurse = true
`;

const release = (tag: string) =>
  `kind: HelmRelease\nspec:\n  values:\n    image:\n      repository: registry.example.com/weather\n      tag: ${tag}\n`;
const declared = (tag: string) => `export default defineServer({ image: '${tag}' });\n`;
const flux = 'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec:\n  path: ./apps\n';

/** The results of all git queries of the product in one repository. */
function answers() {
  const made = repository({
    'dist/fleet/server.yaml': release('1.0.0'),
    'servers/weather/server.ts': declared('1.0.0'),
    'clusters/flux.yaml': flux,
    '.gitattributes': '*.yaml -diff\n',
  });
  made.git('switch', '--quiet', '--create', 'proposed');
  made.write('servers/weather/server.ts', declared('1.0.2'));
  made.commit();
  made.git('switch', '--quiet', 'main');
  made.write('dist/fleet/server.yaml', release('1.0.1'));
  made.write('café.txt', 'staged');
  made.commit();
  made.write('café.txt', 'changed');
  made.git('stash', '--quiet');
  made.write('café.txt', 'changed again');
  made.write('new/café.yaml', 'new');
  const target = { option: '--to', repository: 'fleet', base: 'apps', folder: made.root } as const;
  const checkout = openCheckout(target, tmpdir());
  const { tracked, ...facts } = readGitFacts(checkout);
  const origins = [release('1.0.0'), release('1.0.1'), release('9')].map(originsAt(made.root));
  const { commit: previousCommit = '', ...previous } = previousImage(made.root, 'dist/fleet/server.yaml', '') ?? {};
  const since = changesSince(made.root, 'proposed', new Map());
  const problems = commitProblems(checkout, platform);
  const done = commit(checkout, ['new/café.yaml'], { tool: platform.tool, summary: 'Grüße' });
  return {
    facts,
    tracked: [...tracked],
    origins,
    previous,
    previousCommitLength: previousCommit.length,
    kustomizations: fluxKustomizations(made.root, 'fleet'),
    proposed: proposedImages(made.root, 'proposed'),
    hasShared: since.commit === made.git('merge-base', 'main', 'proposed').trim(),
    problems,
    branch: done?.branch,
    committed: made.git('log', '-1', '--format=%s', '--name-status', '-z'),
    left: made.git('status', '--porcelain'),
  };
}

test('user configuration and locale do not change any answer', () => {
  const folder = mkdtempSync(join(tmpdir(), 'configuration-'));
  const ignored = join(folder, 'ignored');
  writeFileSync(ignored, '*.yaml\n*.txt\n');
  writeFileSync(join(folder, 'config'), hostileConfig(ignored));
  const plain = withEnvironment({ GIT_CONFIG_GLOBAL: devNull }, answers);
  expect(plain).toMatchObject({ origins: ['rendered', 'rendered', 'edited'], hasShared: true, problems: [] });
  expect(plain.kustomizations).toHaveLength(1);
  expect(plain.proposed).toHaveLength(1);
  const environment = {
    GIT_CONFIG_GLOBAL: join(folder, 'config'),
    LANG: 'de_DE.UTF-8',
    LANGUAGE: 'de',
    LC_ALL: 'de_DE.UTF-8',
  };
  expect(withEnvironment(environment, answers)).toEqual(plain);
});

test('reports a repository of another user with the command that trusts it', () => {
  const made = repository();
  const folder = mkdtempSync(join(tmpdir(), 'git-'));
  // Git's own tests simulate another owner like this (2.35.2 and later).
  const real = process.env.PATH?.split(delimiter).join(delimiter);
  const script = `#!/bin/sh\nPATH='${real}' GIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec git "$@"\n`;
  writeFileSync(join(folder, 'git'), script);
  chmodSync(join(folder, 'git'), 0o755);
  const [problem] = withEnvironment({ PATH: `${folder}${delimiter}${real}`, GIT_CONFIG_GLOBAL: devNull }, () =>
    problemsOf(() => git(made.root, ['status'])),
  );
  expect(problem).toMatchObject({
    code: 'TARGET-GIT',
    message: expect.stringContaining('dubious ownership'),
    fix: expect.stringContaining(`git config --global --add safe.directory ${made.root}`),
  });
});

test('suggests removing a stale lock, and quotes folders with spaces in commands', () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'git-')), "it's here");
  mkdirSync(folder);
  const made = repository({ 'a.txt': 'a' }, folder);
  made.write('.git/index.lock', '');
  made.write('a.txt', 'b');
  const input = 'a.txt\0';
  const [locked] = problemsOf(() =>
    git(made.root, ['update-index', '-z', '--add', '--stdin'], { input, mayLock: true }),
  );
  expect(locked).toMatchObject({ code: 'TARGET-GIT', fix: expect.stringContaining('remove the lock') });
  made.git('config', 'user.useConfigOnly', 'true');
  made.git('config', '--unset', 'user.email');
  const [nameless] = withEnvironment({ GIT_CONFIG_GLOBAL: devNull }, () =>
    problemsOf(() => git(made.root, ['var', 'GIT_COMMITTER_IDENT'])),
  );
  expect(nameless?.fix).toContain(`git -C '${made.root.replace("'", "'\\''")}' config user.email`);
});

/** Runs `work` with environment variables set, then restores them. */
function withEnvironment<T>(changed: Readonly<Record<string, string>>, work: () => T): T {
  const before = { ...process.env };
  Object.assign(process.env, changed);
  try {
    return work();
  } finally {
    for (const name of Object.keys(changed)) delete process.env[name];
    Object.assign(process.env, before);
  }
}
