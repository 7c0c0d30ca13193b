import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Platform } from '../../model/platform';
import { Problem, stopOnErrors } from '../../model/problem';
import { sealedPath } from '../../model/sealed';
import { git, zeroSeparated } from '../git/git';
import { newProblems } from './new-problems';

/** `sample.json` lists the servers and platforms of the sample, and is removed with them. */
const Sample = z.strictObject({ servers: z.array(z.string()), platforms: z.array(z.string()) });

/**
 * Removes the sample: its servers, its platforms with their certificates and sealed values, `dist/` and `sample.json`.
 * @param platforms the declared platforms
 * @param isForced also removes uncommitted files and platforms that are in use
 * @returns the removed paths, relative to the root
 * @throws Problem USAGE when there is no sample, Problems of remaining servers that name a removed platform, TARGET-DIRTY,
 *   or TARGET-GIT when git fails
 */
export function ejectSample(root: string, platforms: readonly Platform[], isForced: boolean): readonly string[] {
  const paths = sampleFiles(root, platforms);
  if (!isForced) for (const platform of platforms) checkUnused(platform, paths);
  stopOnErrors(problemsWithout(root, platforms, paths));
  if (!isForced) checkCommitted(root, paths);
  for (const path of paths) rmSync(join(root, path), { recursive: true });
  return paths;
}

/** The problems of the remaining servers without the removed platforms; none when no platform remains. */
function problemsWithout(root: string, platforms: readonly Platform[], paths: readonly string[]): readonly Problem[] {
  const left = platforms.filter(({ source }) => !paths.includes(source));
  if (left.length === 0) return [];
  const isLeft = ({ file = '' }: Problem) => !paths.some((path) => `${file}/`.startsWith(`${path}/`));
  return newProblems(root, platforms, left).filter(isLeft);
}

function sampleFiles(root: string, declared: readonly Platform[]): readonly string[] {
  if (!existsSync(join(root, 'sample.json'))) {
    const fix = 'there is nothing to do: without sample.json, everything here is yours';
    throw new Problem('USAGE', 'Cannot remove the sample: there is none', { fix });
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

/** A sample platform that was given a real certificate or a store is in use. */
function checkUnused({ source: file, certificate, secrets }: Platform, paths: readonly string[]): void {
  const isSealed = secrets.kind === 'sealed';
  if (!paths.includes(file) || (isSealed && certificate?.isSample)) return;
  const why = isSealed
    ? 'its certificate is no longer the sample'
    : `its secrets are ${secrets.kind}, unlike those of the sample`;
  const fix = 'remove the platform from sample.json to keep it; --force removes it with its sealed values';
  throw new Problem('TARGET-DIRTY', `Cannot remove ${file}: ${why}`, { file, fix });
}

/** Refuses to remove what git could not restore, except `dist/`, which can be rendered again. */
function checkCommitted(root: string, paths: readonly string[]): void {
  const fix = 'commit it or move it; --force removes it';
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
    // Ignored files too, such as a plaintext secret that its owner has not read yet.
    const flags = ['--porcelain', '-z', '--no-renames', '--untracked-files=all', '--ignored=matching'];
    return git(root, ['status', ...flags, '--', ...paths]);
  } catch (cause) {
    if (!(cause instanceof Problem)) throw cause;
    const fix = 'npm run new -- eject-sample --force removes it anyway';
    throw new Problem(cause.code, `Cannot tell whether the sample is committed: ${cause.message}`, { fix, cause });
  }
}
