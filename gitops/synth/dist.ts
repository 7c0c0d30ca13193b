import { createHash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { identityOf } from '../../charts/render';
import { Problem } from '../../model/problem';
import { systemCode } from '../../model/system-error';
import type { OutputFile } from '../rules/output-file';

/** What a run does to one file of `dist/`. */
export interface Change {
  readonly path: string;
  readonly state: 'new' | 'changed' | 'unchanged' | 'removed';
  /** In bytes; of the old file when it is removed. */
  readonly size: number;
}

/** The files of a folder by path with slashes; none when the folder is not there. */
export type Tree = ReadonlyMap<string, string>;

export function readTree(folder: string): Tree {
  if (!existsSync(folder)) return new Map();
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(paths.map((path) => [relative(folder, path).split(sep).join('/'), readFileSync(path, 'utf8')]));
}

/** A line of `dist/index.json`: one file, what is in it, and whose it is. */
export interface Entry {
  /** Its path below `dist/`, with slashes. */
  readonly path: string;
  readonly sha256: string;
  /** @default - it belongs to all of them */
  readonly server?: string | undefined;
  /** @default - it belongs to all of them */
  readonly platform?: string | undefined;
  /** `<group/version>/<kind>/<namespace>/<name>` of each object; the namespace is empty for what has none. */
  readonly objects?: readonly string[] | undefined;
}

/** What a run is limited to. Without a limit it is about every server on every platform. */
export interface Limit {
  /** @default - every server */
  readonly names?: readonly string[];
  /** @default - every platform */
  readonly platform?: string | undefined;
}

/** Whether a run with this limit is about something, alone; what belongs to all servers or platforms is beyond any. */
function isWithin({ server = '', platform }: Pick<Entry, 'server' | 'platform'>, limit: Limit): boolean {
  const { names = [], platform: only = platform } = limit;
  return (names.length === 0 || names.includes(server)) && platform === only;
}

/**
 * The whole of `dist/` after a run: what was rendered, the files of what was left out, and the index.
 * @param existing what lies there now
 * @param limit what was rendered. @default - everything; nothing else is kept
 */
export function wholeTree(files: readonly OutputFile[], existing: Tree, limit: Limit = {}): Tree {
  const fresh = files.map(({ path, text, server, platform, objects }): Entry => {
    const sha256 = createHash('sha256').update(text).digest('hex');
    return { path, sha256, server, platform, objects: objects?.map(identityOf) };
  });
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  // A whole run keeps nothing, and so repairs a damaged index.
  const before = limit.platform === undefined && !limit.names?.length ? [] : indexOf(existing);
  const kept = before.filter((entry) => !isWithin(entry, limit) && !texts.has(entry.path));
  const entries = [...fresh, ...kept].sort((a, b) => (a.path < b.path ? -1 : 1));
  const tree = new Map(entries.map(({ path }) => [path, texts.get(path) ?? existing.get(path) ?? '']));
  return tree.set('index.json', `${JSON.stringify({ files: entries }, null, 1)}\n`);
}

/** The difference between what lies there and what shall lie there, sorted by path. */
export function changes(existing: Tree, wanted: Tree): readonly Change[] {
  const paths = [...new Set([...existing.keys(), ...wanted.keys()])].sort();
  return paths.map((path) => {
    const [before, after] = [existing.get(path), wanted.get(path)];
    const size = Buffer.byteLength(after ?? before ?? '');
    if (before === after) return { path, state: 'unchanged', size };
    return { path, state: after === undefined ? 'removed' : before === undefined ? 'new' : 'changed', size };
  });
}

/** How many files there are of each state, such as `2 new, 1 unchanged`; empty when there is none. */
export function countsOf(changes: readonly Pick<Change, 'state'>[]): string {
  const counts = (['new', 'changed', 'removed', 'unchanged'] as const).flatMap((state) => {
    const count = changes.filter((change) => change.state === state).length;
    return count === 0 ? [] : [`${count} ${state}`];
  });
  return counts.join(', ');
}

/**
 * One problem for every file of `dist/` that a run would write or remove, since one command ends them all; none when
 * there is no such file.
 */
export function staleDist(dist: Tree, files: readonly OutputFile[], limit: Limit = {}): readonly Problem[] {
  const stale = changes(dist, wholeTree(files, dist, limit)).filter(({ state }) => state !== 'unchanged');
  const [first, ...others] = stale;
  if (first === undefined) return [];
  const reasons = { new: 'is missing', changed: 'differs', removed: 'is made from nothing', unchanged: '' };
  const listed = stale.slice(0, 5).map(({ path, state }) => `dist/${path} ${reasons[state]}`);
  const more = stale.length > 5 ? [`… and ${stale.length - 5} more`] : [];
  const count = others.length === 0 ? '1 file' : `${stale.length} files`;
  const message = [`dist/ is not what the sources say, in ${count}:`, ...listed, ...more].join('\n');
  const fix = 'npm run synth, look at what changed, and commit dist/ with its cause';
  return [new Problem('DIST-STALE', message, { file: others.length === 0 ? `dist/${first.path}` : 'dist', fix })];
}

/**
 * Puts a tree in the place of the folder: all of it or none. Files that stay are linked, not written.
 * @throws Problem DIST-WRITE when the disk refuses; the old folder is then as it was
 */
export function replaceTree(folder: string, wanted: Tree, plan: readonly Change[]): void {
  const fresh = `${folder}.new-${process.pid}`;
  const old = `${folder}.old-${process.pid}`;
  const kept = plan.filter(({ state }) => state !== 'removed');
  try {
    for (const name of new Set(kept.map(({ path }) => dirname(path))))
      mkdirSync(join(fresh, name), { recursive: true });
    for (const { path, state } of kept) {
      if (state === 'unchanged') linkSync(join(folder, path), join(fresh, path));
      else writeFileSync(join(fresh, path), wanted.get(path) ?? '');
    }
    if (existsSync(folder)) renameSync(folder, old);
    renameSync(fresh, folder);
  } catch (cause) {
    if (!existsSync(folder) && existsSync(old)) renameSync(old, folder);
    const reason = cause instanceof Error ? cause.message : String(cause);
    const fix = 'make room and leave to write beside dist/, and let one run end before the next';
    throw new Problem('DIST-WRITE', `Cannot write dist/: ${reason}`, { fix, cause });
  } finally {
    if (existsSync(fresh)) rmSync(fresh, { recursive: true });
    if (existsSync(folder)) rmSync(old, { recursive: true, force: true });
  }
}

/** Repairs what a run that was killed has left beside the folder. What belongs to a run under way stays. */
export function recoverTree(folder: string): void {
  for (const name of readdirSync(dirname(folder))) {
    const [, base, kind, pid] = /^(.+)\.(new|old)-(\d+)$/.exec(name) ?? [];
    if (base !== basename(folder) || isRunning(Number(pid))) continue;
    const leftover = join(dirname(folder), name);
    if (kind === 'old' && !existsSync(folder)) renameSync(leftover, folder);
    rmSync(leftover, { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process cannot be asked, and runs.
    return systemCode(error) === 'EPERM';
  }
}

/**
 * The lines of the index of `dist/`; none when it has no index.
 * @throws Problem DIST-STALE when it is damaged
 */
export function indexOf(tree: Tree): readonly Entry[] {
  try {
    // Our own writing: its shape is that of Entry unless the file is damaged, which the parser notices.
    return (JSON.parse(tree.get('index.json') ?? '{"files":[]}') as { files: readonly Entry[] }).files;
  } catch (cause) {
    throw new Problem('DIST-STALE', 'Cannot read dist/index.json: it is damaged', { fix: 'npm run synth', cause });
  }
}
