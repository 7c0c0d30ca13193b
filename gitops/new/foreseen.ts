import type { Platform } from '../../model/platform';
import type { Problem } from '../../model/problem';
import { readServers } from '../../model/servers';
import { unsealedRenderProblems } from '../synth/render-problems';

/**
 * What the servers that are there have against one more platform, beside what they have against those that are there.
 * @param root the repository's folder
 */
export function foreseenOn(root: string, added: Platform, others: readonly Platform[]): readonly Problem[] {
  // With a second platform each of them has to be named.
  const named = others.map((platform) => ({ ...platform, flag: ` --platform ${platform.name}` }));
  const all = [...named, added];
  const here = readServers(root, all).servers.filter(({ platform }) => platform === added);
  return [...newProblems(root, named, all), ...unsealedRenderProblems(here, [added])];
}

/** What the servers that are there have against platforms, beside what they have against those of now. */
export function newProblems(root: string, now: readonly Platform[], then: readonly Platform[]): readonly Problem[] {
  // What is wrong in one place already is that all the same, although its sentence lists other platforms now.
  const place = ({ code, file, path }: Problem) => JSON.stringify([code, file, path]);
  const known = new Set(readServers(root, now).problems.map(place));
  return readServers(root, then).problems.filter((problem) => !known.has(place(problem)));
}
