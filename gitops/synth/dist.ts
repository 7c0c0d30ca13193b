import { createHash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { identityOf } from '../../charts/render';
import { Problem } from '../../model/problem';
import { systemCode } from '../../model/system-error';
import type { OutputFile } from '../rules/output-file';

/** A change to one file of `dist/`. */
export interface Change {
  readonly path: string;
  readonly state: 'new' | 'changed' | 'unchanged' | 'removed';
  /** The size in bytes; for a removed file, of the old one. */
  readonly size: number;
}

/** The texts of the files in a folder by path, with slashes. Empty when the folder does not exist. */
export type Tree = ReadonlyMap<string, string>;

export function readTree(folder: string): Tree {
  if (!existsSync(folder)) return new Map();
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(paths.map((path) => [relative(folder, path).split(sep).join('/'), readFileSync(path, 'utf8')]));
}

/** An entry of `dist/index.json`: one file, its contents, and the server and platform that it belongs to. */
export interface Entry {
  /** Its path below `dist/`, with slashes. */
  readonly path: string;
  readonly sha256: string;
  /** @default - it belongs to all servers */
  readonly server?: string | undefined;
  /** @default - it belongs to all platforms */
  readonly platform?: string | undefined;
  /** `<group/version>/<kind>/<namespace>/<name>` of each object; the namespace is empty for cluster-scoped objects. */
  readonly objects?: readonly string[] | undefined;
}

/** The servers and the platform that a run is limited to. Without a limit it covers every server on every platform. */
export interface Limit {
  /** @default - every server */
  readonly names?: readonly string[];
  /** @default - every platform */
  readonly platform?: string | undefined;
}

/** Whether a limit covers a file. Limited to servers or a platform, it covers no file that belongs to all of them. */
function isWithin({ server = '', platform }: Pick<Entry, 'server' | 'platform'>, limit: Limit): boolean {
  const { names = [], platform: only = platform } = limit;
  return (names.length === 0 || names.includes(server)) && platform === only;
}

/**
 * The complete `dist/` after a run: the rendered files, the existing files outside the limit, and the index.
 * @param existing the current files
 * @param limit what was rendered. @default - everything, so that no existing file is kept
 */
export function wholeTree(files: readonly OutputFile[], existing: Tree, limit: Limit = {}): Tree {
  const fresh = files.map(({ path, text, server, platform, objects }): Entry => {
    const sha256 = createHash('sha256').update(text).digest('hex');
    return { path, sha256, server, platform, objects: objects?.map(identityOf) };
  });
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  // A run without a limit keeps nothing, which also repairs a damaged index.
  const before = limit.platform === undefined && !limit.names?.length ? [] : indexOf(existing);
  const kept = before.filter((entry) => !isWithin(entry, limit) && !texts.has(entry.path));
  const entries = [...fresh, ...kept].sort((a, b) => (a.path < b.path ? -1 : 1));
  const tree = new Map(entries.map(({ path }) => [path, texts.get(path) ?? existing.get(path) ?? '']));
  return tree.set('index.json', `${JSON.stringify({ files: entries }, null, 1)}\n`);
}

/** The differences between existing and wanted files, sorted by path. */
export function changes(existing: Tree, wanted: Tree): readonly Change[] {
  const paths = [...new Set([...existing.keys(), ...wanted.keys()])].sort();
  return paths.map((path) => {
    const [before, after] = [existing.get(path), wanted.get(path)];
    const size = Buffer.byteLength(after ?? before ?? '');
    if (before === after) return { path, state: 'unchanged', size };
    return { path, state: after === undefined ? 'removed' : before === undefined ? 'new' : 'changed', size };
  });
}

/** Counts the files by state, such as `2 new, 1 unchanged`; empty without any file. */
export function countsOf(changes: readonly Pick<Change, 'state'>[]): string {
  const counts = (['new', 'changed', 'removed', 'unchanged'] as const).flatMap((state) => {
    const count = changes.filter((change) => change.state === state).length;
    return count === 0 ? [] : [`${count} ${state}`];
  });
  return counts.join(', ');
}

/**
 * Reports the files of `dist/` that a run would write or remove. One problem covers all of them, since one command fixes them.
 */
export function staleDist(dist: Tree, files: readonly OutputFile[], limit: Limit = {}): readonly Problem[] {
  const stale = changes(dist, wholeTree(files, dist, limit)).filter(({ state }) => state !== 'unchanged');
  const [first, ...others] = stale;
  if (first === undefined) return [];
  const reasons = { new: 'is missing', changed: 'differs', removed: 'has no source', unchanged: '' };
  const listed = stale.slice(0, 5).map(({ path, state }) => `dist/${path} ${reasons[state]}`);
  const more = stale.length > 5 ? [`… and ${stale.length - 5} more`] : [];
  const count = others.length === 0 ? '1 file' : `${stale.length} files`;
  const message = [`dist/ does not match the sources, in ${count}:`, ...listed, ...more].join('\n');
  return [new Problem('DIST-STALE', message, { file: others.length === 0 ? `dist/${first.path}` : 'dist' })];
}

/**
 * Replaces a folder, all or nothing. Unchanged files are hard-linked, not rewritten.
 * @throws Problem DIST-WRITE when writing fails; the old folder is then unchanged
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
    const fix = 'free disk space, check write permission next to dist/, and run one synth at a time';
    throw new Problem('DIST-WRITE', `Cannot write dist/: ${reason}`, { fix, cause });
  } finally {
    if (existsSync(fresh)) rmSync(fresh, { recursive: true });
    if (existsSync(folder)) rmSync(old, { recursive: true, force: true });
  }
}

/** Cleans up after a killed run. Leaves the files of running processes alone. */
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
    // The process belongs to another user, so it is running.
    return systemCode(error) === 'EPERM';
  }
}

/**
 * The entries of the index of `dist/`; none when there is no index.
 * @throws Problem DIST-STALE when it is damaged
 */
export function indexOf(tree: Tree): readonly Entry[] {
  try {
    // Written by wholeTree: it has this shape unless the file is damaged, and then it does not parse.
    return (JSON.parse(tree.get('index.json') ?? '{"files":[]}') as { files: readonly Entry[] }).files;
  } catch (cause) {
    throw new Problem('DIST-STALE', 'Cannot read dist/index.json: it is damaged', { fix: 'npm run synth', cause });
  }
}
