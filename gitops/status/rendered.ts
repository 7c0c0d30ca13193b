import { join } from 'node:path';
import type { Platform } from '../../model/platform';
import { Problem } from '../../model/problem';
import { uncommittedBelow } from '../deliver/git-facts';
import { changes, type Entry, indexOf, readTree, type Tree, wholeTree } from '../synth/dist';
import { type Synthesis, synthesize } from '../synth/synthesize';
import type { Rendered } from './row';

/** What the sources say, and how `dist/` stands to it. */
export interface RenderedState extends Pick<Synthesis, 'servers' | 'tools'> {
  /** `dist/` as it lies there. */
  readonly dist: Tree;
  /** Of a server on a platform; without one of the two, of what belongs to all of them. */
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
    // What a server has of its own, and no platform, counts on each that it runs on.
    const ofAll = server === undefined ? undefined : platform;
    return owner.server === server && (owner.platform ?? ofAll) === platform;
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

/** The index changes with any file: it is told of where it is alone. */
function withoutIndex(paths: readonly string[]): readonly string[] {
  return paths.length > 1 ? paths.filter((path) => path !== 'index.json') : paths;
}

/** The files of `dist/` that no commit has as they are. */
function uncommittedIn(root: string): readonly string[] {
  try {
    return [...uncommittedBelow(root, 'dist').keys()].map((path) => path.replace(/^dist\//, ''));
  } catch (error) {
    // Without git nothing is said of commits here: a delivery refuses it in its own words.
    if (error instanceof Problem) return [];
    throw error;
  }
}
