import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Platform } from '../../model/platform';
import { Problem, stopOnErrors } from '../../model/problem';
import { type Entry, indexOf, readTree, staleDist, type Tree } from './dist';
import { type Synthesis, synthesize } from './synthesize';

/** A file of `dist/`: its entry in the index, and its text. */
export interface DistFile extends Pick<Entry, 'path' | 'server' | 'platform'> {
  readonly text: string;
  /** The identities of the Kubernetes objects in it. */
  readonly objects: readonly string[];
}

/** The files of an up-to-date `dist/`, and the problems of their sources. */
export type FreshDist = Pick<Synthesis, 'problems'> & { readonly files: readonly DistFile[] };

/**
 * Reads `dist/` and checks that it is up to date. Caches the result by a hash of the sources and the files: rendering a
 * thousand servers again takes five times as long as everything else.
 * @throws Problems DIST-STALE when it is out of date, or the problems of rendering the sources
 */
export function freshDist(root: string, platforms: readonly Platform[]): FreshDist {
  const dist = readTree(join(root, 'dist'));
  const state = stateOf(root, dist);
  let problems = recall(root, state);
  if (problems === undefined) {
    const rendered = synthesize(root, platforms);
    stopOnErrors(staleDist(dist, rendered.files));
    problems = rendered.problems;
    remember(root, state, problems);
  }
  return { files: distFiles(dist), problems };
}

/** The files of `dist/`, without comparing them with the sources. @throws Problem DIST-STALE when its index is damaged */
export function distFiles(dist: Tree): readonly DistFile[] {
  return indexOf(dist).map(({ objects = [], ...entry }) => ({ ...entry, objects, text: dist.get(entry.path) ?? '' }));
}

/**
 * SHA-256 over the output and everything that determines it. The running bundle contains the code, the libraries, and every
 * declaration and platform. The rest are sealed values, certificates, the servers' tools, the worker and the package lock.
 */
function stateOf(root: string, dist: Tree): string {
  const hash = createHash('sha256').update(readFileSync(__filename));
  for (const folder of ['servers', 'platforms', 'worker'].filter((folder) => existsSync(join(root, folder)))) {
    for (const path of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).sort()) {
      hash.update(`${folder}/${path}\0`);
      if (/\.(json|pem|ts)$/.test(path)) hash.update(readFileSync(join(root, folder, path)));
    }
  }
  hash.update(readFileSync(join(root, 'package-lock.json')));
  for (const [path, text] of dist) hash.update(`${path}\0${text}\0`);
  return hash.digest('hex');
}

function recall(root: string, state: string): readonly Problem[] | undefined {
  try {
    const text = readFileSync(join(root, cacheFile), 'utf8');
    const cached: { state: string; problems: ReturnType<Problem['toJSON']>[] } = JSON.parse(text);
    if (cached.state !== state) return undefined;
    return cached.problems.map(({ code, message, ...details }) => new Problem(code, message, details));
  } catch {
    // There is no cache, or its file is damaged: render again.
    return undefined;
  }
}

function remember(root: string, state: string, problems: readonly Problem[]): void {
  try {
    mkdirSync(dirname(join(root, cacheFile)), { recursive: true });
    writeFileSync(join(root, cacheFile), JSON.stringify({ state, problems }));
  } catch {
    // Without a cache, the next delivery renders again.
  }
}

const cacheFile = '.cache/compared-dist.json';
