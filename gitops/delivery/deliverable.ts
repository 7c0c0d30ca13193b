import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Platform } from '../../servers/platform';
import { Problem, type ProblemCode, Problems } from '../../servers/problem';
import { git } from './git';

/** One file of `dist/` as its index tells of it. */
export interface DistFile {
  /** Its path below `dist/`, with slashes. */
  readonly path: string;
  readonly text: string;
  /** @default - it belongs to all of them */
  readonly server?: string;
  /** The identities of the Kubernetes objects in it. */
  readonly objects: readonly string[];
}

/** What stands against delivering a server, or, without one, against delivering anything. */
export interface Objection {
  readonly server?: string;
  readonly problem: Problem;
}

/** What may go out: the files of `dist/`, which are what the sources say, and what has to be settled before. */
export interface Deliverable {
  readonly files: readonly DistFile[];
  readonly objections: readonly Objection[];
}

/**
 * Reads `dist/` and makes sure that it is what the sources say. Rendering everything again to see that takes a second
 * per thousand servers, so a state of the repository that git knows by one name is rendered once and remembered.
 * @throws Problems DIST-STALE, and whatever rendering the sources finds
 */
export function deliverable(root: string, platform: Platform): Deliverable {
  const { key, isDistCommitted } = repositoryState(root);
  const remembered = key === undefined ? undefined : recall(root, key);
  const objections = remembered ?? renderedObjections(root, platform);
  if (key !== undefined && remembered === undefined) remember(root, key, objections);
  return { files: readDist(root), objections: [...objections, ...(isDistCommitted ? [] : [uncommitted()])] };
}

function renderedObjections(root: string, platform: Platform): readonly Objection[] {
  // Loads cdk8s and every declaration, which is only worth it when the answer is not known.
  const { freshObjections } = require('./fresh') as typeof import('./fresh');
  return freshObjections(root, platform);
}

/** Every file of the index, with the bytes that the index promises. */
function readDist(root: string): readonly DistFile[] {
  const dist = join(root, 'dist');
  const index: { files: { path: string; sha256: string; server?: string; objects?: string[] }[] } = JSON.parse(
    readFileSync(join(dist, 'index.json'), 'utf8'),
  );
  const problems: Problem[] = [];
  const files = index.files.flatMap(({ path, sha256, server, objects = [] }) => {
    const text = existsSync(join(dist, path)) ? readFileSync(join(dist, path), 'utf8') : undefined;
    if (text !== undefined && createHash('sha256').update(text).digest('hex') === sha256) {
      return [{ path, text, objects, ...(server === undefined ? {} : { server }) }];
    }
    const found = text === undefined ? 'is missing' : 'is not what dist/index.json says';
    problems.push(new Problem('DIST-STALE', `dist/${path} ${found}`, { file: `dist/${path}`, fix: 'npm run synth' }));
    return [];
  });
  if (problems.length > 0) throw new Problems(problems);
  return files;
}

/**
 * The one name of everything the output depends on: the commit's tree and the installed packages. There is none while
 * anything differs from the commit, or when this is no git repository.
 */
function repositoryState(root: string): { key?: string; isDistCommitted: boolean } {
  try {
    const prefix = git(root, ['rev-parse', '--show-prefix']).trim();
    const changed = git(root, ['status', '--porcelain', '-z', '--untracked-files=normal', '--', '.']).split('\0');
    const isDistCommitted = !changed.some((line) => line.slice(3).startsWith(`${prefix}dist/`));
    if (changed.some(Boolean)) return { isDistCommitted };
    const tree = git(root, ['rev-parse', '--verify', `HEAD:${prefix}`]).trim();
    const packages = readFileSync(join(root, 'node_modules/.package-lock.json'));
    return { key: createHash('sha256').update(tree).update(packages).digest('hex'), isDistCommitted };
  } catch {
    // No git here, no commit yet, or packages that npm did not install: nothing is remembered then.
    return { isDistCommitted: false };
  }
}

function uncommitted(): Objection {
  const message =
    'dist/ is not committed here: what goes out is not in the history that reviews and later runs rely on';
  const fix = 'commit dist/ with the change that caused it';
  return { problem: new Problem('DIST-UNCOMMITTED', message, { file: 'dist', fix, level: 'warning' }) };
}

/** What is kept of an objection; the fields are those of `Problem.toJSON`. */
interface Kept {
  readonly server?: string;
  readonly problem: {
    code: ProblemCode;
    level: 'error' | 'warning';
    file?: string;
    path?: string;
    message: string;
    fix: string;
  };
}

function recall(root: string, key: string): readonly Objection[] | undefined {
  try {
    // Our own writing under a key that only the same sources have.
    const kept = JSON.parse(readFileSync(join(root, cacheFile), 'utf8')) as { key: string; objections: Kept[] };
    if (kept.key !== key) return undefined;
    return kept.objections.map(({ problem: { code, message, ...details }, ...rest }) => ({
      ...rest,
      problem: new Problem(code, message, details),
    }));
  } catch {
    // Nothing kept, or cut short: the sources are rendered again.
    return undefined;
  }
}

function remember(root: string, key: string, objections: readonly Objection[]): void {
  mkdirSync(dirname(join(root, cacheFile)), { recursive: true });
  writeFileSync(join(root, cacheFile), JSON.stringify({ key, objections }));
}

const cacheFile = '.cache/deliverable.json';
