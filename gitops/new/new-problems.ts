import type { Platform } from '../../model/platform';
import type { Problem } from '../../model/problem';
import { readServers } from '../../model/servers';
import { unsealedRenderProblems } from '../synth/render-problems';

/**
 * The problems that adding a platform would cause for the existing servers.
 * @param root the folder of the repository
 */
export function problemsAfterAdding(root: string, added: Platform, others: readonly Platform[]): readonly Problem[] {
  // With several platforms, commands require --platform.
  const named = others.map((platform) => ({ ...platform, flag: ` --platform ${platform.name}` }));
  const all = [...named, added];
  const here = readServers(root, all).servers.filter(({ platform }) => platform === added);
  return [...newProblems(root, named, all), ...unsealedRenderProblems(here, [added])];
}

/** The problems that the existing servers would have with the platforms `then`, but do not have with those of `now`. */
export function newProblems(root: string, now: readonly Platform[], then: readonly Platform[]): readonly Problem[] {
  // Compare places, not messages: the message of an old problem may list other platforms now.
  const place = ({ code, file, path }: Problem) => JSON.stringify([code, file, path]);
  const known = new Set(readServers(root, now).problems.map(place));
  return readServers(root, then).problems.filter((problem) => !known.has(place(problem)));
}
