import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../cli/root';
import { version } from '../../package.json';
import { changelogFaults, newsSince, releasesIn } from './changelog';

const unreleased = '## [Unreleased]\n\n### Added\n\n- A thing.\n';
const second = '## [2.0.0] - 2026-03-01\n\n### Changed\n\n- A field.\n';
const first = '## [1.0.0] - 2026-02-01\n\n### Added\n\n- All of it.\n';
const changelog = (...sections: readonly string[]) => ['# Changelog\n', ...sections].join('\n');

test('CHANGELOG.md has the form that people and npm run upgrade expect', () => {
  const text = readFileSync(join(root, 'CHANGELOG.md'), 'utf8');
  expect(changelogFaults(text, version)).toEqual([]);
  expect(releasesIn(text).map((release) => release.version)).toEqual(expect.arrayContaining([version]));
});

test('accepts a changelog with and without unreleased changes', () => {
  expect(changelogFaults(changelog(unreleased, second, first), '2.0.0')).toEqual([]);
  expect(changelogFaults(changelog(second, first), '2.0.0')).toEqual([]);
});

test.each([
  ['versions that ascend', changelog(first, second), ['the versions do not descend', 'the first version is not 2.0.0']],
  ['versions of which one has more digits', changelog(second, second.replace('2.0.0', '10.0.0')), ['do not descend']],
  ['a version twice', changelog(second, second), ['the versions do not descend']],
  ['no section for the version of package.json', changelog(unreleased, first), ['the first version is not 2.0.0']],
  ['unreleased changes below a release', changelog(second, unreleased), ['Unreleased is not the first section']],
  ['a date that no calendar has', changelog(second.replace('03-01', '02-30')), ['2.0.0 has no date']],
  ['a date in a thirteenth month', changelog(second.replace('03-01', '13-01')), ['2.0.0 has no date']],
  ['no date', changelog(second.replace(' - 2026-03-01', '')), ['2.0.0 has no date']],
  [
    'a name for a version',
    changelog(unreleased.replace('Unreleased', 'next'), second),
    ['next is not a version', 'next has no date', '2.0.0'],
  ],
  ['an unknown heading', changelog(second.replace('Changed', 'Improved')), ['2.0.0 has the heading "Improved"']],
  ['a heading without an entry', changelog(second.replace('- A field.', '')), ['Changed of 2.0.0 lists nothing']],
  ['an empty release', changelog('## [2.0.0] - 2026-03-01\n'), ['2.0.0 is empty']],
])('rejects %s', (_, text, faults) => {
  const found = changelogFaults(text, '2.0.0');
  for (const fault of faults) expect(found.join('\n')).toContain(fault);
});

test('news are the sections that an older changelog has not, or has with other words', () => {
  const older = changelog(unreleased, first);
  expect(newsSince(changelog(unreleased, second, first), older)).toBe(
    '[2.0.0] - 2026-03-01\n### Changed\n\n- A field.',
  );
  expect(newsSince(changelog(unreleased.replace('thing', 'tool'), first), older)).toContain('- A tool.');
  expect(newsSince(older, older)).toBe('');
  expect(newsSince(changelog(first))).toContain('- All of it.');
});
