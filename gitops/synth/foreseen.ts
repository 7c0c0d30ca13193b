import type { Platform } from '../../model/platform';
import { type Problem, Problems } from '../../model/problem';
import { outputProblems } from '../rules/index';
import { outputFiles } from './output-files';
import type { SealedServer } from './topology';

/**
 * What rendering has against servers, whatever else is in its way: their secrets may be missing, and they need not be
 * there yet.
 */
export function foreseen(servers: readonly SealedServer[], platforms: readonly Platform[]): readonly Problem[] {
  try {
    const files = outputFiles(servers, platforms);
    return outputProblems(
      files,
      servers.map(({ server }) => server),
    );
  } catch (error) {
    if (!(error instanceof Problems)) throw error;
    return error.list;
  }
}

/** The same for servers that nothing is sealed for yet. */
export function foreseenUnsealed(
  servers: readonly SealedServer['server'][],
  platforms: readonly Platform[],
): readonly Problem[] {
  return foreseen(
    servers.map((server) => ({ server, sealed: new Map() })),
    platforms,
  );
}
