import type { Platform } from '../../model/platform';
import { type Problem, Problems } from '../../model/problem';
import { readServers } from '../../model/servers';
import type { Server } from '../../model/spec';
import { outputProblems } from '../rules/index';
import { outputFiles } from '../synth/output-files';

/** What rendering will have against servers, their secrets aside, before a file of theirs is written. */
export function foreseen(servers: readonly Server[], platforms: readonly Platform[]): readonly Problem[] {
  try {
    const sealed = new Map();
    const files = outputFiles(
      servers.map((server) => ({ server, sealed })),
      platforms,
    );
    return outputProblems(files, servers);
  } catch (error) {
    if (!(error instanceof Problems)) throw error;
    return error.list;
  }
}

/**
 * What the servers that are there have against one more platform, beside what they have against those that are there.
 * @param root the repository's folder
 */
export function foreseenOn(root: string, added: Platform, others: readonly Platform[]): readonly Problem[] {
  // With a second platform each of them has to be named.
  const named = others.map((platform) => ({ ...platform, flag: ` --platform ${platform.name}` }));
  const all = [...named, added];
  const here = readServers(root, all).servers.filter(({ platform }) => platform === added);
  return [...newProblems(root, named, all), ...foreseen(here, [added])];
}

/** What the servers that are there have against platforms, beside what they have against those of now. */
export function newProblems(root: string, now: readonly Platform[], then: readonly Platform[]): readonly Problem[] {
  const known = new Set(readServers(root, now).problems.map((problem) => JSON.stringify(problem)));
  return readServers(root, then).problems.filter((problem) => !known.has(JSON.stringify(problem)));
}
