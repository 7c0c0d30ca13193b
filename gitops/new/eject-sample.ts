import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Platform } from '../../model/platform';
import { Problem, stopOnErrors } from '../../model/problem';
import { sealedPath } from '../../model/sealed';
import { git, zeroSeparated } from '../git/git';
import { newProblems } from './new-problems';

/** `sample.json`: which servers and platforms came with the repository. It goes with them. */
const Sample = z.strictObject({ servers: z.array(z.string()), platforms: z.array(z.string()) });

/**
 * Removes the sample: its servers, its platforms with their certificates, what is sealed for them and rendered, its list.
 * @param platforms those that are declared
 * @param isForced whether files go that are in no commit
 * @returns what was removed, from the root
 * @throws Problem USAGE when there is no sample, Problems of servers that stay and name a platform of it, TARGET-DIRTY, or
 *   TARGET-GIT where git cannot tell
 */
export function ejectSample(root: string, platforms: readonly Platform[], isForced: boolean): readonly string[] {
  const paths = sampleFiles(root, platforms);
  if (!isForced) for (const platform of platforms) checkUnused(platform, paths);
  stopOnErrors(missedBy(root, platforms, paths));
  if (!isForced) checkCommitted(root, paths);
  for (const path of paths) rmSync(join(root, path), { recursive: true });
  return paths;
}

/** What the servers that stay have against doing without the platforms that go; nothing when all of those go. */
function missedBy(root: string, platforms: readonly Platform[], paths: readonly string[]): readonly Problem[] {
  const left = platforms.filter(({ source }) => !paths.includes(source));
  if (left.length === 0) return [];
  const isLeft = ({ file = '' }: Problem) => !paths.some((path) => `${file}/`.startsWith(`${path}/`));
  return newProblems(root, platforms, left).filter(isLeft);
}

function sampleFiles(root: string, declared: readonly Platform[]): readonly string[] {
  if (!existsSync(join(root, 'sample.json'))) {
    const fix = 'nothing is left to do: without sample.json, everything here is yours';
    throw new Problem('USAGE', 'Cannot take out the sample: there is none', { fix });
  }
  const { servers, platforms } = Sample.parse(JSON.parse(readFileSync(join(root, 'sample.json'), 'utf8')));
  const pinsOf = (isSample: boolean) =>
    declared
      .filter(({ name }) => platforms.includes(name) === isSample)
      .flatMap(({ certificate, retiredCertificates }) => [certificate, ...retiredCertificates])
      .flatMap((pin) => pin?.file ?? []);
  const kept = pinsOf(false);
  const others = readdirSync(join(root, 'servers')).filter((name) => !servers.includes(name));
  return [
    ...servers.map((name) => `servers/${name}`),
    ...platforms.flatMap((name) => [`platforms/${name}.ts`, ...others.map((server) => sealedPath(server, { name }))]),
    ...new Set(pinsOf(true).filter((file) => !kept.includes(file))),
    ...(declared.some(({ name }) => platforms.includes(name)) ? ['dist'] : []),
    'sample.json',
  ].filter((path) => existsSync(join(root, path)));
}

/** A platform with a certificate of its own, or a store, runs servers, whoever wrote its first version. */
function checkUnused({ source: file, certificate, secrets }: Platform, paths: readonly string[]): void {
  const isSealed = secrets.kind === 'sealed';
  if (!paths.includes(file) || (isSealed && certificate?.isSample)) return;
  const why = isSealed
    ? 'its certificate is no sample any more'
    : `its secrets are ${secrets.kind}, which no sample has`;
  const fix = 'take the platform out of sample.json to keep it; --force removes it with what is sealed for it';
  throw new Problem('TARGET-DIRTY', `Cannot remove ${file}: ${why}`, { file, fix });
}

/** Refuses to remove what git could not bring back. What is rendered can be rendered again. */
function checkCommitted(root: string, paths: readonly string[]): void {
  const fix = 'commit it or put it elsewhere; --force removes it';
  const kept = paths.filter((path) => path !== 'dist');
  stopOnErrors(
    zeroSeparated(statusOf(root, kept)).map((line) => {
      const file = line.slice(3);
      return new Problem('TARGET-DIRTY', `Cannot remove ${file}: it has uncommitted changes`, { file, fix });
    }),
  );
}

function statusOf(root: string, paths: readonly string[]): string {
  try {
    // Ignored files too: a secret that was written for its owner to read is in no commit either.
    const flags = ['--porcelain', '-z', '--no-renames', '--untracked-files=all', '--ignored=matching'];
    return git(root, ['status', ...flags, '--', ...paths]);
  } catch (cause) {
    if (!(cause instanceof Problem)) throw cause;
    const fix = 'npm run new -- eject-sample --force, when nothing of it is to be kept';
    throw new Problem(cause.code, `Cannot tell whether the sample is committed: ${cause.message}`, { fix, cause });
  }
}
