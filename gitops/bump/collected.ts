import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Problem } from '../../model/problem';
import type { Server } from '../../model/spec';
import { git, zeroSeparated } from '../deliver/git';
import { imageLiteral } from './image-literal';

/** An image that a server may run next, and who says so. */
export interface Candidate {
  readonly server: string;
  /** A tag, a digest, or both. */
  readonly image: string;
}

/** What a build leaves behind: one file a server. */
const Built = z.strictObject({
  server: z.string(),
  /** The version that was pushed. */
  image: z.string(),
  /** Of the manifest that was pushed, `sha256:…`. */
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
});

/**
 * The images that builds have left in the JSON files of a folder; none when there is no folder, since nothing was built then.
 * The chart st-app is not known to take a digest, so its servers run the version alone.
 * @throws Problem USAGE for a file that no build has written
 */
export function builtImages(folder: string, servers: readonly Server[]): readonly Candidate[] {
  const files = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
  return files
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => {
      const { server, image, digest } = readBuilt(join(folder, file));
      const isPlain = servers.find(({ name }) => name === server)?.runtime === 'plain';
      return { server, image: isPlain ? `${image}@${digest}` : image };
    });
}

/**
 * The images that the commits of a ref have put into declarations since they left this history: what an open pull request
 * proposes already, and a new one in its place must not lose.
 * @param ref none of that name is no proposal
 */
export function proposedImages(root: string, ref: string): readonly Candidate[] {
  const commit = answer(root, ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`]);
  const base = commit && answer(root, ['merge-base', commit, 'HEAD']);
  if (!base) return [];
  const args = [
    'diff',
    '--name-only',
    '--no-renames',
    '--diff-filter=M',
    '-z',
    base,
    commit,
    '--',
    'servers/*/server.ts',
  ];
  return zeroSeparated(git(root, args)).flatMap((file) => {
    const [before, after] = [base, commit].map((at) => imageLiteral(git(root, ['show', `${at}:${file}`]), file).value);
    const server = file.split('/')[1];
    return server === undefined || after === undefined || before === after ? [] : [{ server, image: after }];
  });
}

function readBuilt(path: string): z.output<typeof Built> {
  try {
    return Built.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    const fix = 'write { "server": "<name>", "image": "<version>", "digest": "sha256:…" }, or take the file out';
    throw new Problem('USAGE', `Cannot read ${path}: it does not say what was built`, { file: path, fix, cause });
  }
}

function answer(root: string, args: readonly string[]): string {
  return git(root, args, { answers: [0, 1, 128] }).trim();
}
