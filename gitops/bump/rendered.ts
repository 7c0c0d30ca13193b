import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Platform } from '../../model/platform';
import { Problem } from '../../model/problem';
import type { FileChange } from '../deliver/plan';
import { changes, indexOf, readTree, recoverTree, replaceTree, type Tree, wholeTree } from '../synth/dist';
import { synthesize } from '../synth/synthesize';
import { type Bump, bumpedEntry, olderImage } from './bump';

/** The change of one file by a bump. Its path is relative to the repository's root. */
export interface BumpChange extends FileChange {
  /** @default - the file belongs to all platforms */
  readonly platform?: string | undefined;
}

/** The changes of bumps in the repository: the declarations first, then the changed files of `dist/`. */
export interface RenderedBumps {
  readonly changes: readonly BumpChange[];
  readonly problems: readonly Problem[];
  /** Writes all changes or none. @throws Problem DIST-WRITE when the file system fails */
  write(): void;
}

/**
 * Renders `dist/` with the bumped declarations; writes nothing yet.
 * @throws Problems when a declaration does not render with its new image
 */
export function renderBumps(root: string, platforms: readonly Platform[], bumps: readonly Bump[]): RenderedBumps {
  const folder = join(root, 'dist');
  recoverTree(folder);
  const byServer = new Map(bumps.map((bump) => [bump.server, bump]));
  const edit = (name: string, entry: unknown) => {
    const bump = byServer.get(name);
    return bump === undefined ? entry : bumpedEntry(entry, bump);
  };
  const { files, problems } = synthesize(root, platforms, {}, { edit });
  const [dist, wanted] = [readTree(folder), wholeTree(files, readTree(folder))];
  const plan = changes(dist, wanted);
  const declarations = bumps.map(({ file: path, server, before, after }) => {
    return { path, state: before === after ? 'unchanged' : 'changed', server, before, after } as const;
  });
  return {
    changes: [...declarations, ...distChanges(dist, wanted)].filter(({ state }) => state !== 'unchanged'),
    problems: [...bumps.filter(({ isOlder }) => isOlder).map(olderImage), ...problems],
    write: () => writeAll(root, bumps, () => replaceTree(folder, wanted, plan)),
  };
}

function distChanges(dist: Tree, wanted: Tree): readonly BumpChange[] {
  const owners = new Map([...indexOf(dist), ...indexOf(wanted)].map((entry) => [entry.path, entry]));
  return changes(dist, wanted).map(({ path, state }) => {
    const { server, platform } = owners.get(path) ?? {};
    return { path: `dist/${path}`, state, server, platform, before: dist.get(path), after: wanted.get(path) };
  });
}

/** Writes the declarations to temporary files, then `dist/`, then renames them, so that a full disk fails before any change. */
function writeAll(root: string, bumps: readonly Bump[], replaceDist: () => void): void {
  const written = bumps.map(({ file, after }) => {
    const path = join(root, file);
    return { path, temporary: path.replace(/[^/\\]+$/, `.$&.new-${process.pid}`), after };
  });
  try {
    for (const { temporary, after } of written) writeFileSync(temporary, after);
    replaceDist();
    for (const { path, temporary } of written) renameSync(temporary, path);
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const fix = 'free disk space, check write permission in servers/ and next to dist/, then run this again';
    throw new Problem('DIST-WRITE', `Cannot write the declaration: ${reason}`, { fix, cause });
  } finally {
    for (const { temporary } of written) rmSync(temporary, { force: true });
  }
}
