import { Problem } from '../../model/problem';
import type { Published } from './published';
import { type ToolChange, toolChanges } from './tool-changes';

/** The changes for callers of one server. */
export interface ServerChanges {
  readonly server: string;
  /** The version of its tools before. @default - the server is new */
  readonly before?: string | undefined;
  /** The version of its tools now. @default - the server was removed */
  readonly after?: string | undefined;
  readonly changes: readonly ToolChange[];
}

/** The servers whose tools differ between two states, sorted by name. A new or removed server lists all its tools. */
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
 * Reports versions that are too low for their changes. A breaking change requires a new major version, below 1.0.0 a new
 * minor one; an addition requires a new minor version; wording requires none. New and removed servers are exempt.
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
    const what = level === 'breaking' ? 'breaks callers of' : 'adds to';
    const message = `Cannot publish ${server} ${after}: it ${what} ${before}:`;
    const file = `servers/${server}/server.ts`;
    const instead = level === 'breaking' ? ', or keep the old tool or field next to the new one' : '';
    return [
      new Problem(level === 'breaking' ? 'TOOL-BREAKING' : 'TOOL-ADDED', [message, ...listed, ...more].join('\n'), {
        file,
        path: 'version',
        fix: `set version: '${wanted}'${instead}; then npm run synth`,
      }),
    ];
  });
}

/** A change as a sentence, such as `Forecast input.city is now required`. */
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

/** The three numbers of a version; a declaration allows no suffix (model/server-entry.ts). */
function numbersOf(version: string): readonly number[] {
  return version.split('.').map(Number);
}
