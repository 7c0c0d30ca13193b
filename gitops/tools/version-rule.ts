import { Problem } from '../../model/problem';
import type { Published } from './published';
import { type ToolChange, toolChanges } from './tool-changes';

/** What has changed for the callers of one server. */
export interface ServerChanges {
  readonly server: string;
  /** The version of its tools. @default - it had none, or has none any more */
  readonly before?: string | undefined;
  readonly after?: string | undefined;
  readonly changes: readonly ToolChange[];
}

/** The servers whose tools differ between two states, by name. One that is gone or new has all of its tools in the list. */
export function serverChanges(
  before: ReadonlyMap<string, Published>,
  after: ReadonlyMap<string, Published>,
): readonly ServerChanges[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.flatMap((server) => {
    const [old, now] = [before.get(server), after.get(server)];
    const some = old ?? now;
    if (some === undefined) return [];
    const none = { ...some, tools: [], resources: [] };
    const changes = toolChanges(old ?? none, now ?? none);
    return changes.length === 0 ? [] : [{ server, before: old?.toolkit.version, after: now?.toolkit.version, changes }];
  });
}

/**
 * The versions that changes want and do not have: from 1.0.0 on the first number for what breaks callers, below it the
 * second; the second for what is added; none for other words. A server that is new or gone has no version to raise.
 */
export function versionProblems(servers: readonly ServerChanges[]): readonly Problem[] {
  return servers.flatMap(({ server, before, after, changes }) => {
    if (before === undefined || after === undefined) return [];
    const level = changes.some((change) => change.level === 'breaking') ? 'breaking' : 'addition';
    const reasons = changes.filter((change) => change.level === level);
    const wanted = leastVersion(before, level);
    if (reasons.length === 0 || !isBelow(after, wanted)) return [];
    const listed = reasons.slice(0, 5).map(sentence);
    const more = reasons.length > 5 ? [`… and ${reasons.length - 5} more`] : [];
    const what = level === 'breaking' ? 'breaks its callers' : 'offers what the version before it did not';
    const message = `Cannot publish ${server} ${after}: it ${what} (${before}):`;
    const file = `servers/${server}/server.ts`;
    const instead = level === 'breaking' ? ', or keep what callers use beside what is new' : '';
    return [
      new Problem(level === 'breaking' ? 'TOOL-BREAKING' : 'TOOL-ADDED', [message, ...listed, ...more].join('\n'), {
        file,
        path: 'version',
        fix: `write version: '${wanted}'${instead}; then npm run synth`,
      }),
    ];
  });
}

/** A change in words, such as `Forecast input.city is required now`. */
export function sentence({ tool, path, what }: ToolChange): string {
  return [tool, path, what].filter(Boolean).join(' ');
}

function leastVersion(before: string, level: 'breaking' | 'addition'): string {
  const [major = 0, minor = 0] = numbersOf(before);
  return level === 'breaking' && major > 0 ? `${major + 1}.0.0` : `${major}.${minor + 1}.0`;
}

function isBelow(version: string, wanted: string): boolean {
  const [found, least] = [numbersOf(version), numbersOf(wanted)];
  const place = least.findIndex((number, index) => number !== found[index]);
  return place !== -1 && (found[place] ?? 0) < (least[place] ?? 0);
}

/** The three numbers, which is all that a declaration may have (model/server-entry.ts). */
function numbersOf(version: string): readonly number[] {
  return version.split('.').map(Number);
}
