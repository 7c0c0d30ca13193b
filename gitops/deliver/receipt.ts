import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Problem, type ProblemCode } from '../../model/problem';

/** What stands against delivering a server, or, without one, against delivering anything. */
export interface Objection {
  readonly server?: string;
  readonly problem: Problem;
}

/**
 * What was found when exactly these sources were last rendered and `dist/` was what they say: rendering a thousand servers
 * again, only to see the same, takes seconds. Returns nothing when a byte of them has changed since.
 */
export function recall(root: string): readonly Objection[] | undefined {
  try {
    // Our own writing, under a name that only the same sources have.
    const kept = JSON.parse(readFileSync(join(root, receiptFile), 'utf8')) as { key: string; objections: Kept[] };
    return kept.key === fingerprint(root) ? kept.objections.map(objectionFrom) : undefined;
  } catch {
    // No receipt, one cut short, or sources that cannot be read: rendering tells.
    return undefined;
  }
}

/** Keeps what was found. Only for who has just seen that `dist/` is what the sources say. */
export function remember(root: string, objections: readonly Objection[]): void {
  try {
    const file = join(root, receiptFile);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify({ key: fingerprint(root), objections }));
  } catch {
    // Without a receipt the next delivery renders again: slower, and as right.
  }
}

/** An objection after a journey through JSON; the fields are those of `Problem.toJSON`. */
export interface Kept {
  readonly server?: string;
  readonly problem: {
    readonly code: ProblemCode;
    readonly level: 'error' | 'warning';
    readonly file?: string;
    readonly path?: string;
    readonly message: string;
    readonly fix: string;
  };
}

export function objectionFrom({ problem: { code, message, ...details }, ...rest }: Kept): Objection {
  return { ...rest, problem: new Problem(code, message, details) };
}

/** SHA-256 over everything that the output is made from or decided by, and over the index of the output. */
function fingerprint(root: string): string {
  const hash = createHash('sha256');
  for (const path of [...sourceFolders.flatMap((folder) => filesIn(root, folder)), ...sourceFiles]) {
    const bytes = readFileSync(join(root, path));
    hash.update(`${path}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

function filesIn(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return entry.name === 'vectors' ? [] : filesIn(root, path);
      return entry.name.endsWith('.test.ts') ? [] : [path];
    })
    .sort();
}

const sourceFolders = ['charts', 'cli', 'dns', 'gitops', 'imports', 'servers'];
const sourceFiles = ['worker/contract.ts', 'node_modules/.package-lock.json', 'dist/index.json'];
const receiptFile = '.cache/rendered.json';
