import { isRecord } from '../../model/json';
import { Problem } from '../../model/problem';

/**
 * The package.json of the release plus the packages that the team has added for its tools.
 * @param base its text in the release that the team started from
 * @throws Problem UPGRADE-CHANGED when the team has changed anything else
 */
export function mergedPackages(base: string, team: string, release: string): string {
  const [before, here, next] = [base, team, release].map((text): Packages => JSON.parse(text));
  if (before === undefined || here === undefined || next === undefined) return release;
  const rest = ({ dependencies, devDependencies, ...others }: Packages) => JSON.stringify(others);
  if (rest(before) !== rest(here) && rest(here) !== rest(next)) throw changedHere();
  const result: Record<string, unknown> = { ...next };
  for (const kind of ['dependencies', 'devDependencies'] as const) {
    const [old, own, offered] = [before, here, next].map((packages) => table(packages[kind]));
    const isKept = ([name, version]: readonly [string, string]) =>
      own?.[name] === old?.[name] || own?.[name] === version;
    if (Object.entries(offered ?? {}).some((entry) => own?.[entry[0]] !== undefined && !isKept(entry)))
      throw changedHere();
    const added = Object.entries(own ?? {}).filter(([name]) => old?.[name] === undefined);
    const all = { ...offered, ...Object.fromEntries(added) };
    result[kind] = Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
  }
  return `${JSON.stringify(result, null, 2)}\n`;
}

type Packages = Readonly<Record<string, unknown>>;

function table(value: unknown): Readonly<Record<string, string>> {
  // npm accepts only names and versions here.
  return isRecord(value) ? (value as Record<string, string>) : {};
}

function changedHere(): Problem {
  return new Problem('UPGRADE-CHANGED', 'Cannot upgrade package.json: it has local changes other than added packages', {
    file: 'package.json',
    fix: 'revert those changes; packages that tools import may stay',
  });
}
