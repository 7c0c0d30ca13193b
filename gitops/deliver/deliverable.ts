import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Problems, stopOnErrors } from '../../model/problem';
import { type StaleFile, staleDist } from '../synth/stale';
import { type Kept, type Objection, objectionFrom, recall } from './receipt';

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

/** What may go out: the files of `dist/`, which are what the sources say, and what has to be settled before. */
export interface Deliverable {
  readonly files: readonly DistFile[];
  readonly objections: readonly Objection[];
}

/**
 * Reads `dist/` and makes sure that it is what the sources say.
 * @throws Problems DIST-STALE, and whatever rendering the sources finds
 */
export function deliverable(root: string): Deliverable {
  return { objections: recall(root) ?? renderAgain(root), files: readDist(root) };
}

/** In a process of its own: every declaration would have to be bundled into this one, in every run, for this one case. */
function renderAgain(root: string): readonly Objection[] {
  const args = [join(root, 'cli/run.mjs'), 'gitops/deliver/fresh.command.ts', '--json'];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 2 ** 30 });
  const answer: { objections?: Kept[]; problems?: Kept['problem'][] } = parsed(stdout) ?? {};
  if (status === 0 && answer.objections !== undefined) return answer.objections.map(objectionFrom);
  if (answer.problems !== undefined) {
    throw new Problems(answer.problems.map((problem) => objectionFrom({ problem }).problem));
  }
  throw new Error(`rendering the sources failed: ${stderr || stdout}`);
}

/** Every file of the index, with the bytes that the index promises. */
function readDist(root: string): readonly DistFile[] {
  const dist = join(root, 'dist');
  const index: { files: { path: string; sha256: string; server?: string; objects?: string[] }[] } = JSON.parse(
    readFileSync(join(dist, 'index.json'), 'utf8'),
  );
  const stale: StaleFile[] = [];
  const files = index.files.flatMap(({ path, sha256, server, objects = [] }) => {
    const text = existsSync(join(dist, path)) ? readFileSync(join(dist, path), 'utf8') : undefined;
    if (text !== undefined && createHash('sha256').update(text).digest('hex') === sha256) {
      return [{ path, text, objects, ...(server === undefined ? {} : { server }) }];
    }
    stale.push({ path, reason: text === undefined ? 'is missing' : 'is not what dist/index.json says' });
    return [];
  });
  stopOnErrors(staleDist(stale));
  return files;
}

function parsed(text: string): { objections?: Kept[]; problems?: Kept['problem'][] } | undefined {
  try {
    return JSON.parse(text);
  } catch {
    // The process said something else: the caller tells what.
    return undefined;
  }
}
