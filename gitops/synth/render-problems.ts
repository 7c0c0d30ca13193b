import type { Platform } from '../../model/platform';
import { type Problem, Problems } from '../../model/problem';
import { outputProblems } from '../rules/index';
import { outputFiles } from './output-files';
import type { SealedServer } from './topology';

/**
 * The problems that only rendering finds. The servers may still have other problems, such as missing secrets, and need not
 * exist yet.
 */
export function renderProblems(servers: readonly SealedServer[], platforms: readonly Platform[]): readonly Problem[] {
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

/** The same for servers without sealed values. */
export function unsealedRenderProblems(
  servers: readonly SealedServer['server'][],
  platforms: readonly Platform[],
): readonly Problem[] {
  return renderProblems(
    servers.map((server) => ({ server, sealed: new Map() })),
    platforms,
  );
}
