/** One release of CHANGELOG.md. */
export interface Release {
  /** `Unreleased`, or a version. */
  readonly version: string;
  /** When it was released. @default - not yet */
  readonly date: string | undefined;
  /** What changed, under its headings. */
  readonly parts: readonly { readonly heading: string; readonly text: string }[];
}

const headings = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security'];

/** The releases of a changelog in the form of keepachangelog.com 1.1.0. */
export function releasesIn(changelog: string): readonly Release[] {
  return sectionsOf(changelog, '## ').map(({ heading, text }) => {
    const [, version = heading, date] = /^\[(.+?)\](?: - (.+))?$/.exec(heading) ?? [];
    return { version, date, parts: sectionsOf(text, '### ') };
  });
}

/** What is wrong with a changelog, in one sentence each. @param version that of package.json */
export function changelogFaults(changelog: string, version: string): readonly string[] {
  const releases = releasesIn(changelog);
  const numbered = releases.filter((release) => release.version !== 'Unreleased');
  const faults = releases.flatMap((release, index) => {
    const isNumbered = numbered.includes(release);
    const { version: name, date, parts } = release;
    return [
      ...(isNumbered && !/^\d+\.\d+\.\d+$/.test(name) ? [`${name} is not a version such as 1.2.3`] : []),
      ...(isNumbered && !isDay(date) ? [`${name} has no date such as 2026-11-26`] : []),
      ...(!isNumbered && index > 0 ? ['Unreleased is not the first section'] : []),
      ...(parts.length === 0 ? [`${name} is empty`] : []),
      ...parts.flatMap(({ heading, text }) => [
        ...(headings.includes(heading)
          ? []
          : [`${name} has the heading "${heading}"; choose one of ${headings.join(', ')}`]),
        ...(/^- \S/m.test(text) ? [] : [`${heading} of ${name} lists nothing`]),
      ]),
    ];
  });
  const descends = numbered.every(
    ({ version: name }, at) => at === 0 || isNewer(numbered[at - 1]?.version ?? '', name),
  );
  return [
    ...faults,
    ...(descends ? [] : ['the versions do not descend']),
    ...(numbered[0]?.version === version ? [] : [`the first version is not ${version}, that of package.json`]),
  ];
}

/**
 * What a newer changelog tells that an older one does not, as text for a person.
 * @param before the changelog of the release that somebody is at. @default - it had none
 */
export function newsSince(after: string, before = ''): string {
  const known = new Set(sectionsOf(before, '## ').map(({ heading, text }) => heading + text));
  const fresh = sectionsOf(after, '## ').filter(({ heading, text }) => !known.has(heading + text));
  return fresh.map(({ heading, text }) => `${heading}\n${text}`).join('\n\n');
}

function sectionsOf(text: string, mark: string): { readonly heading: string; readonly text: string }[] {
  const [, ...sections] = `\n${text}`.split(`\n${mark}`);
  return sections.map((section) => {
    const [heading = '', ...lines] = section.split('\n');
    return { heading: heading.trim(), text: lines.join('\n').trim() };
  });
}

function isDay(text: string | undefined): boolean {
  if (text === undefined || !/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function isNewer(one: string, other: string): boolean {
  const [a, b] = [one, other].map((version) => version.split('.').map(Number));
  const at = (a ?? []).findIndex((number, index) => number !== b?.[index]);
  return at >= 0 && (a?.[at] ?? 0) > (b?.[at] ?? 0);
}
