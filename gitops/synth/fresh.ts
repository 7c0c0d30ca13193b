import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Platform } from '../../model/platform';
import { Problem, stopOnErrors } from '../../model/problem';
import { type Entry, indexOf, readTree, staleDist, type Tree } from './dist';
import { type Synthesis, synthesize } from './synthesize';

/** One file of `dist/` as its index describes it, with what is in it. */
export interface DistFile extends Pick<Entry, 'path' | 'server' | 'platform'> {
  readonly text: string;
  /** The identities of the Kubernetes objects in it. */
  readonly objects: readonly string[];
}

/** What may go out: the files of `dist/`, and the problems of the sources that they are made from. */
export type FreshDist = Pick<Synthesis, 'problems'> & { readonly files: readonly DistFile[] };

/**
 * `dist/` as it lies there, which is what the sources say. What was found when the very same sources and files were last
 * compared is remembered: to render a thousand servers only to see the same takes five times as long as all the rest.
 * @throws Problems DIST-STALE when it is not, or whatever rendering the sources finds
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
  const files = indexOf(dist).map(({ objects = [], ...entry }) => {
    return { ...entry, objects, text: dist.get(entry.path) ?? '' };
  });
  return { files, problems };
}

/**
 * SHA-256 over everything that the output is made from or decided by, and over the output. The bundle that runs this holds
 * the code, the libraries, every declaration and platform; beside it there are sealed values and certificates, the
 * tools of servers, and the worker and the packages that say what becomes of those.
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
    const text = readFileSync(join(root, keptFile), 'utf8');
    const kept: { state: string; problems: ReturnType<Problem['toJSON']>[] } = JSON.parse(text);
    if (kept.state !== state) return undefined;
    return kept.problems.map(({ code, message, ...details }) => new Problem(code, message, details));
  } catch {
    // Nothing is kept, or it was cut short: rendering tells.
    return undefined;
  }
}

function remember(root: string, state: string, problems: readonly Problem[]): void {
  try {
    mkdirSync(dirname(join(root, keptFile)), { recursive: true });
    writeFileSync(join(root, keptFile), JSON.stringify({ state, problems }));
  } catch {
    // The next delivery renders again: slower, and as right.
  }
}

const keptFile = '.cache/compared-dist.json';
