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
  /** @default - the file belongs to all servers */
  readonly server?: string | undefined;
  /** Its current text. @default - the file does not exist */
  readonly before?: string | undefined;
  /** Its new text. @default - the file is removed */
  readonly after?: string | undefined;
}

/** What the plan for a target depends on besides the target. */
export interface PlanOptions {
  /** The root of this repository. */
  readonly root: string;
  readonly platform: Platform;
  /** The servers to deliver. @default - all, including those no longer declared */
  readonly names?: readonly string[] | undefined;
  /** Paths whose manual edits may be overwritten. */
  readonly discard: ReadonlySet<string>;
  readonly originOf: OriginOf;
}

/** Everything that the plan for one target is computed from. */
export interface PlanInput extends PlanOptions {
  /** The files that the target should contain; paths are relative to its root. */
  readonly wanted: readonly DistFile[];
  readonly existing: Existing;
  /** The folder of the target that holds our files. */
  readonly base: string;
}

/** The planned changes in one target. */
export interface Plan {
  readonly changes: readonly FileChange[];
  /** The servers that have files there now or afterwards. */
  readonly servers: readonly string[];
  readonly problems: readonly Problem[];
}

/**
 * Decides what happens to each file of a target: writes and removes our files, never touches others.
 * The problems list everything that blocks the plan.
 */
export function plan(input: PlanInput): Plan {
  const { wanted, names } = input;
  const isChosen = ({ server = '' }: Pick<FileChange, 'server'>) => names?.includes(server) ?? true;
  const chosen = wanted.filter(isChosen);
  const removed = removals(input);
  const planned = [...chosen.map((file) => changeOf(file, input)), ...removed.filter(isChosen)];
  const inside = planned.flatMap((change) => changeProblems(change, input));
  const problems = [...ancestorProblems(input, chosen), ...inside, ...unknownOrigins(planned, input)];
  // A file that is not ours is left out of the plan, so that its content is never shown.
  const foreign = new Set(problems.flatMap(({ code, file }) => (code === 'NOT-OURS' ? file : [])));
  const changes = planned.filter(({ path }) => !foreign.has(path)).sort((a, b) => (a.path < b.path ? -1 : 1));
  const servers = [...wanted, ...removed].flatMap(({ server }) => server ?? []);
  return { changes, servers: [...new Set(servers)].sort(), problems };
}

/** A problem for each name on the command line that neither `dist/` nor a target has. */
export function unknownNames(names: readonly string[], known: readonly string[]): readonly Problem[] {
  const unknown = names.filter((name) => !known.includes(name));
  return unknown.map((name) => {
    const meant = nearest(name, known);
    const fix = meant === undefined ? `choose one of: ${known.join(', ')}` : `write "${meant}"`;
    return new Problem('SERVER-UNKNOWN', `Cannot deliver "${name}": neither dist/ nor the target has this server`, {
      fix,
    });
  });
}

function changeOf({ path, text, server }: DistFile, { existing }: PlanInput): FileChange {
  const entry = existing.get(path);
  const common = { path, after: text, server };
  if (entry?.kind !== 'file') return { ...common, state: 'new' };
  // A manually resolved merge may leave a stale hash: rewrite the file before a later run takes it for an edit.
  const isSame = unstamped(entry.text) === unstamped(text) && isUnedited(entry.text) !== false;
  return { ...common, state: isSame ? 'unchanged' : 'changed', before: entry.text };
}

/** Files with our marker that are no longer rendered, if marker and path name the same server. */
function removals({ wanted, existing, base, platform: { tool } }: PlanInput): readonly FileChange[] {
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

function changeProblems({ path, state, before, after = '' }: FileChange, input: PlanInput): readonly Problem[] {
  const { existing, platform, originOf, discard } = input;
  const entry = existing.get(path);
  if (entry !== undefined && entry.kind !== 'file') return [blockedBy(path, entry)];
  if (before === undefined || state === 'unchanged') return [];
  if (sourceOf(before, path, platform.tool) === undefined) {
    const fix = 'move the file away, or give the server another name; a file without our marker is never overwritten';
    return [
      new Problem('NOT-OURS', `Cannot write ${path}: a file without our marker exists there`, { file: path, fix }),
    ];
  }
  if (discard.has(path) || unstamped(before) === unstamped(after) || originOf(before) !== 'edited') return [];
  const keeping = 'to keep the edit, make it in the declaration and run npm run synth until no difference is left';
  const fix = `${keeping};\nto discard it, add --discard ${shellWord(path)}`;
  const message = `Cannot ${state === 'removed' ? 'remove' : 'overwrite'} ${path}: it was edited by hand`;
  return [new Problem('HAND-EDITED', message, { file: path, fix })];
}

/** One problem for all files whose marker has no hash while the history that could reveal an edit is missing. */
function unknownOrigins(
  planned: readonly FileChange[],
  { platform, originOf, discard }: PlanInput,
): readonly Problem[] {
  const unknown = planned.filter(({ path, state, before }) => {
    if (before === undefined || state === 'unchanged' || discard.has(path)) return false;
    return sourceOf(before, path, platform.tool) !== undefined && originOf(before) === 'unknown';
  });
  const [first] = unknown;
  if (first === undefined) return [];
  const files = unknown.length === 1 ? 'it was' : `it and ${unknown.length - 1} more were`;
  const message = `Cannot overwrite ${first.path}: cannot tell whether ${files} edited by hand, because this clone lacks the history of dist/`;
  const fix =
    'git fetch --unshallow in this repository; files delivered from now on carry a hash and do not need the history';
  return [new Problem('HISTORY-MISSING', message, { file: first.path, fix })];
}

/** A problem for each parent of our files that is not a plain folder. */
function ancestorProblems({ existing, base }: PlanInput, chosen: readonly DistFile[]): readonly Problem[] {
  const folders = new Set([`${base}/`, ...chosen.map(({ path }) => path)].flatMap(foldersOf));
  return [...folders].flatMap((path) => {
    const entry = existing.get(path);
    return entry === undefined || entry.kind === 'folder' ? [] : [blockedBy(path, entry)];
  });
}

function blockedBy(path: string, { kind }: Entry): Problem {
  const found = {
    file: 'is a file where a folder is needed',
    folder: 'is a folder where a file is needed',
    link: 'is a symbolic link, which could lead outside the checkout',
    repository: 'is a separate repository, such as a submodule',
    other: 'is neither a file nor a folder',
  }[kind];
  const fix = 'remove it, or replace it with a plain folder; deliver never writes through it';
  return new Problem('TARGET-PATH', `Cannot write to ${path}: it ${found}`, { file: path, fix });
}
