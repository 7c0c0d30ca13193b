import { shellWord } from '../../cli/shell-word';
import { isUnedited, unstamped } from '../../model/marker';
import { nearest } from '../../model/nearest';
import type { Platform } from '../../model/platform';
import { Problem } from '../../model/problem';
import type { DistFile } from '../synth/fresh';
import { type Entry, type Existing, foldersOf } from './existing';
import { type OriginOf, serverOf, sourceOf } from './ownership';

/** What a delivery does to one file. */
export interface FileChange {
  readonly path: string;
  readonly state: 'new' | 'changed' | 'removed' | 'unchanged';
  /** @default - it belongs to all of them */
  readonly server?: string | undefined;
  /** Its text now. @default - it is not there */
  readonly before?: string | undefined;
  /** Its text afterwards. @default - it goes */
  readonly after?: string | undefined;
}

/** What the plan for a target depends on, beside the target. */
export interface PlanOptions {
  /** The root of this repository. */
  readonly root: string;
  readonly platform: Platform;
  /** The servers to deliver. @default - all of them, those included that are gone from the declarations */
  readonly names?: readonly string[] | undefined;
  /** Paths whose hand-made edits may be overwritten. */
  readonly discard: ReadonlySet<string>;
  readonly originOf: OriginOf;
}

/** What is known when the plan for one target is made. */
export interface Situation extends PlanOptions {
  /** The files that it shall hold, by their path from its root. */
  readonly wanted: readonly DistFile[];
  readonly existing: Existing;
  /** The folder of the target that holds our files. */
  readonly base: string;
}

/** What is to do in one target. */
export interface Plan {
  readonly changes: readonly FileChange[];
  /** The servers that have files there, or shall have. */
  readonly servers: readonly string[];
  readonly problems: readonly Problem[];
}

/**
 * Decides what happens to each file of a target: ours are written and removed, nobody else's are touched.
 * The problems tell of everything that is in the way.
 */
export function plan(situation: Situation): Plan {
  const { wanted, names } = situation;
  const isChosen = ({ server = '' }: Pick<FileChange, 'server'>) => names?.includes(server) ?? true;
  const chosen = wanted.filter(isChosen);
  const removed = removals(situation);
  const planned = [...chosen.map((file) => changeOf(file, situation)), ...removed.filter(isChosen)];
  const inside = planned.flatMap((change) => changeProblems(change, situation));
  const problems = [...ancestorProblems(situation, chosen), ...inside, ...unknownOrigins(planned, situation)];
  // Somebody else's file is not in the plan at all: nothing of it is shown.
  const foreign = new Set(problems.flatMap(({ code, file }) => (code === 'NOT-OURS' ? file : [])));
  const changes = planned.filter(({ path }) => !foreign.has(path)).sort((a, b) => (a.path < b.path ? -1 : 1));
  const servers = [...wanted, ...removed].flatMap(({ server }) => server ?? []);
  return { changes, servers: [...new Set(servers)].sort(), problems };
}

/** Names on the command line that neither the declarations nor the targets know. */
export function unknownNames(names: readonly string[], known: readonly string[]): readonly Problem[] {
  const unknown = names.filter((name) => !known.includes(name));
  return unknown.map((name) => {
    const meant = nearest(name, known);
    const fix = meant === undefined ? `choose one of: ${known.join(', ')}` : `write "${meant}"`;
    return new Problem('SERVER-UNKNOWN', `Cannot deliver "${name}": neither dist/ nor the target has such a server`, {
      fix,
    });
  });
}

function changeOf({ path, text, server }: DistFile, { existing }: Situation): FileChange {
  const entry = existing.get(path);
  const common = { path, after: text, server };
  if (entry?.kind !== 'file') return { ...common, state: 'new' };
  // A merge that was resolved by hand may leave the hash of another text: it is put right before it is taken for an edit.
  const isSame = unstamped(entry.text) === unstamped(text) && isUnedited(entry.text) !== false;
  return { ...common, state: isSame ? 'unchanged' : 'changed', before: entry.text };
}

/** Files with our marker that nothing is rendered for any more, where the marker and the place name the same server. */
function removals({ wanted, existing, base, platform: { tool } }: Situation): readonly FileChange[] {
  const kept = new Set(wanted.map(({ path }) => path));
  return [...existing].flatMap(([path, entry]): readonly FileChange[] => {
    if (entry.kind !== 'file' || kept.has(path)) return [];
    const source = sourceOf(entry.text, path, tool);
    if (source === undefined) return [];
    const server = serverOf(source);
    const inside = path.slice(base.length + 1);
    const isInPlace =
      inside === `${server ?? 'main'}.tf.json` ||
      (server !== undefined && inside.startsWith(`${server}/`) && inside.endsWith('.yaml'));
    return isInPlace ? [{ path, state: 'removed', before: entry.text, server }] : [];
  });
}

function changeProblems({ path, state, before, after = '' }: FileChange, situation: Situation): readonly Problem[] {
  const { existing, platform, originOf, discard } = situation;
  const entry = existing.get(path);
  if (entry !== undefined && entry.kind !== 'file') return [inTheWay(path, entry)];
  if (before === undefined || state === 'unchanged') return [];
  if (sourceOf(before, path, platform.tool) === undefined) {
    const fix = 'move the file away, or give the server another name; a file without our marker is never overwritten';
    return [new Problem('NOT-OURS', `Cannot write ${path}: a file that is not ours is there`, { file: path, fix })];
  }
  if (discard.has(path) || unstamped(before) === unstamped(after) || originOf(before) !== 'edited') return [];
  const accepting =
    'to accept the edit, make it in the declaration and run npm run synth, so that there is no difference left';
  const fix = `${accepting};\nto discard it, add --discard ${shellWord(path)}`;
  const message = `Cannot ${state === 'removed' ? 'remove' : 'overwrite'} ${path}: it was edited by hand`;
  return [new Problem('HAND-EDITED', message, { file: path, fix })];
}

/** Files from before markers named a hash, where the history that could tell an edit is not here: one problem for all. */
function unknownOrigins(
  planned: readonly FileChange[],
  { platform, originOf, discard }: Situation,
): readonly Problem[] {
  const unknown = planned.filter(({ path, state, before }) => {
    if (before === undefined || state === 'unchanged' || discard.has(path)) return false;
    return sourceOf(before, path, platform.tool) !== undefined && originOf(before) === 'unknown';
  });
  const [first] = unknown;
  if (first === undefined) return [];
  const count = unknown.length === 1 ? 'it' : `it and ${unknown.length - 1} more`;
  const message = `Cannot overwrite ${first.path}: nobody can tell whether ${count} was edited there, because the history of dist/ is not here`;
  const fix = 'git fetch --unshallow in this repository; a file that is delivered from now on says it by itself';
  return [new Problem('HISTORY-MISSING', message, { file: first.path, fix })];
}

/** Every folder on the way to our files is a folder. */
function ancestorProblems({ existing, base }: Situation, chosen: readonly DistFile[]): readonly Problem[] {
  const folders = new Set([`${base}/`, ...chosen.map(({ path }) => path)].flatMap(foldersOf));
  return [...folders].flatMap((path) => {
    const entry = existing.get(path);
    return entry === undefined || entry.kind === 'folder' ? [] : [inTheWay(path, entry)];
  });
}

function inTheWay(path: string, { kind }: Entry): Problem {
  const found = {
    file: 'is a file where a folder is needed',
    folder: 'is a folder where a file is needed',
    link: 'is a symbolic link, which could lead outside the checkout',
    repository: 'is a repository of its own, such as a submodule',
    other: 'is neither a file nor a folder',
  }[kind];
  const fix = 'put a plain folder or nothing in its place; nothing is ever written through it';
  return new Problem('TARGET-PATH', `Cannot write below ${path}: it ${found}`, { file: path, fix });
}
