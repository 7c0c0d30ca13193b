import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { parseImage } from '../../model/image';
import { Problem } from '../../model/problem';
import type { Server } from '../../model/spec';
import { git, zeroSeparated } from '../git/git';
import { imageLiteral } from './image-literal';

/** An image that a server may run next, and who says so. */
export interface Candidate {
  readonly server: string;
  /** A tag, a digest, or both. */
  readonly image: string;
}

/** What a build leaves behind: one file for each image that was pushed. */
const Built = z.strictObject({
  server: z.string(),
  /** With the version, such as `registry.example.com/weather:1.0.7`. */
  image: z.string(),
  /** Of the manifest that was pushed, `sha256:…`. */
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
});

/**
 * The images that builds have left in the JSON files of a folder; none when there is no folder, since nothing was built then.
 * The digest comes along where it is one for all platforms, and every runtime takes it: st-app is not known to.
 * @returns with a warning for each server that some platform could not pull the image for
 * @throws Problem USAGE for a file that no build has written
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
 * The images that the commits of a ref have put into declarations since they left this history: what an open pull request
 * proposes already, and a new one in its place must not lose.
 * @param ref none of that name is no proposal
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

/** The image that is declared in a commit; undefined where it is no plain string, which no bump has written. */
function imageAt(root: string, commit: string, file: string): string | undefined {
  try {
    return imageLiteral(git(root, ['cat-file', 'blob', `${commit}:${file}`]), file).value;
  } catch (error) {
    if (error instanceof Problem && error.code === 'IMAGE-LITERAL') return undefined;
    throw error;
  }
}

function notPushed(server: string, tag: string, missing: string): Problem {
  const fix = 'see why that build failed, and run the workflow again';
  const message = `The image "${tag}" of "${server}" is left out: it was not pushed to ${missing}`;
  return new Problem('IMAGE-FOREIGN', message, { file: `servers/${server}/server.ts`, fix, level: 'warning' });
}

function readBuilt(path: string): z.output<typeof Built> {
  try {
    return Built.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    const fix =
      'write { "server": "<name>", "image": "<repository>:<version>", "digest": "sha256:…" }, or take the file out';
    throw new Problem('USAGE', `Cannot read ${path}: it does not say what was built`, { file: path, fix, cause });
  }
}

function answer(root: string, args: readonly string[]): string {
  return git(root, args, { answers: [0, 1, 128] }).trim();
}
