import { join } from 'node:path';
import type { Platform } from '../../model/platform';
import { Problem } from '../../model/problem';
import { uncommittedBelow } from '../deliver/git-facts';
import { changes, type Entry, indexOf, readTree, type Tree, wholeTree } from '../synth/dist';
import { type Synthesis, synthesize } from '../synth/synthesize';
import type { Rendered } from './row';

/** What the sources render to, and how `dist/` compares. */
export interface RenderedState extends Pick<Synthesis, 'servers' | 'tools'> {
  /** The current content of `dist/`. */
  readonly dist: Tree;
  /** The state of a server's files on a platform; without a server or a platform, of the files that all share. */
  of(server?: string, platform?: string): Rendered;
}

/**
 * Renders everything and writes nothing.
 * @throws Problems of sources that do not render
 */
export function readRendered(root: string, platforms: readonly Platform[]): RenderedState {
  const dist = readTree(join(root, 'dist'));
  const { files, servers, tools } = synthesize(root, platforms);
  const wanted = wholeTree(files, dist);
  const owners = new Map([...indexOf(dist), ...indexOf(wanted)].map((entry) => [entry.path, entry]));
  const stale = changes(dist, wanted).flatMap(({ path, state }) => (state === 'unchanged' ? [] : path));
  const uncommitted = uncommittedIn(root);
  const isOf = (path: string, server?: string, platform?: string) => {
    const owner: Pick<Entry, 'server' | 'platform'> = owners.get(path) ?? {};
    // A server's file without a platform belongs to every platform that the server runs on.
    const everywhere = server === undefined ? undefined : platform;
    return owner.server === server && (owner.platform ?? everywhere) === platform;
  };
  return {
    dist,
    servers,
    tools,
    of(server, platform) {
      const own = (paths: readonly string[]) => paths.filter((path) => isOf(path, server, platform));
      const [older, open] = [own(withoutIndex(stale)), own(withoutIndex(uncommitted))];
      const state = older.length > 0 ? 'stale' : open.length > 0 ? 'uncommitted' : 'same';
      return { state, files: (older.length > 0 ? older : open).map((path) => `dist/${path}`) };
    },
  };
}

/** The index changes with every file, so it is listed only when nothing else is. */
function withoutIndex(paths: readonly string[]): readonly string[] {
  return paths.length > 1 ? paths.filter((path) => path !== 'index.json') : paths;
}

/** The files of `dist/` with uncommitted changes. */
function uncommittedIn(root: string): readonly string[] {
  try {
    return [...uncommittedBelow(root, 'dist').keys()].map((path) => path.replace(/^dist\//, ''));
  } catch (error) {
    // Status works without git; a delivery reports the missing repository.
    if (error instanceof Problem) return [];
    throw error;
  }
}
