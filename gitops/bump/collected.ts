import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { parseImage } from '../../model/image';
import { Problem } from '../../model/problem';
import type { Server } from '../../model/spec';
import { git, zeroSeparated } from '../git/git';
import { imageLiteral } from './image-literal';

/** An image that a server may run next. */
export interface Candidate {
  readonly server: string;
  /** A tag, a digest, or both. */
  readonly image: string;
}

/** The file that a build writes for each pushed image. */
const Built = z.strictObject({
  server: z.string(),
  /** Includes the version, such as `registry.example.com/weather:1.0.7`. */
  image: z.string(),
  /** The digest of the pushed manifest, `sha256:…`. */
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
});

/**
 * Reads the images that builds have written as JSON files to a folder. A missing folder means that nothing was built.
 * Includes the digest if all platforms pull from one repository and run the server as plain objects; st-app rejects digests.
 * @returns the candidates, and a warning for each server whose image is missing in a registry
 * @throws Problem USAGE for a file in another format
 */
export function builtImages(
  folder: string,
  servers: readonly Server[],
): { readonly candidates: readonly Candidate[]; readonly problems: readonly Problem[] } {
  const files = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
  const built = files.filter((file) => file.endsWith('.json')).map((file) => readBuilt(join(folder, file)));
  const candidates: Candidate[] = [];
  const problems: Problem[] = [];
  for (const name of [...new Set(built.map(({ server }) => server))].sort()) {
    const own = built.filter(({ server }) => server === name);
    const wanted = servers.filter((server) => server.name === name);
    const repositories = new Set(wanted.map(({ image }) => parseImage(image)?.repository));
    const pushed = new Set(own.map(({ image }) => parseImage(image)?.repository));
    const missing = [...repositories].filter((repository) => !pushed.has(repository));
    const [{ image, digest } = { image: '', digest: '' }] = own;
    const takesDigest = repositories.size === 1 && wanted.every(({ runtime }) => runtime === 'plain');
    const tag = parseImage(image)?.tag ?? image;
    if (missing.length === 0) candidates.push({ server: name, image: takesDigest ? `${tag}@${digest}` : tag });
    else problems.push(notPushed(name, tag, missing.join(', ')));
  }
  return { candidates, problems };
}

/**
 * The images that the commits of a ref have declared since its merge base with HEAD. A pull request that replaces an open one
 * must keep them.
 * @param ref may be missing: then nothing is proposed
 */
export function proposedImages(root: string, ref: string): readonly Candidate[] {
  const commit = answer(root, ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`]);
  const base = commit && answer(root, ['merge-base', commit, 'HEAD']);
  if (!base) return [];
  const args = [
    'diff-tree',
    '-r',
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
    const [before, after] = [base, commit].map((at) => imageAt(root, at, file));
    const server = file.split('/')[1];
    return server === undefined || after === undefined || before === after ? [] : [{ server, image: after }];
  });
}

/** The image declared in a commit; undefined if it is not a plain string, so not written by a bump. */
function imageAt(root: string, commit: string, file: string): string | undefined {
  try {
    return imageLiteral(git(root, ['cat-file', 'blob', `${commit}:${file}`]), file).value;
  } catch (error) {
    if (error instanceof Problem && error.code === 'IMAGE-LITERAL') return undefined;
    throw error;
  }
}

function notPushed(server: string, tag: string, missing: string): Problem {
  const fix = 'find out why that build failed, and run the workflow again';
  const message = `Skipped the image "${tag}" of "${server}": it was not pushed to ${missing}`;
  return new Problem('IMAGE-FOREIGN', message, { file: `servers/${server}/server.ts`, fix, level: 'warning' });
}

function readBuilt(path: string): z.output<typeof Built> {
  try {
    return Built.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    const fix =
      'write { "server": "<name>", "image": "<repository>:<version>", "digest": "sha256:…" }, or remove the file';
    throw new Problem('USAGE', `Cannot read ${path}: it does not describe a built image`, { file: path, fix, cause });
  }
}

function answer(root: string, args: readonly string[]): string {
  return git(root, args, { exitCodes: [0, 1, 128] }).trim();
}
