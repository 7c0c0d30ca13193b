import { Problem } from '../../model/problem';
import type { Server } from '../../model/spec';
import { type Bump, bumpOf, isBefore } from './bump';
import type { Candidate } from './collected';

/**
 * Picks the newest candidate for each server, so that a late build never causes a downgrade. If versions cannot be compared, the
 * later candidate wins.
 * @returns the bumps, and a warning for each skipped candidate, which is older than the declared one or invalid
 */
export function newest(
  root: string,
  servers: readonly Server[],
  candidates: readonly Candidate[],
): { readonly bumps: readonly Bump[]; readonly skipped: readonly Problem[] } {
  const bumps = new Map<string, Bump>();
  const skipped: Problem[] = [];
  for (const candidate of candidates) {
    try {
      const bump = bumpOf(root, servers, candidate);
      const best = bumps.get(candidate.server)?.to ?? bump.from;
      if (bump.to === best || !isBefore(bump.to, best)) bumps.set(candidate.server, bump);
      else skipped.push(older(bump, best));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      skipped.push(error.as('warning'));
    }
  }
  return { bumps: [...bumps.values()].sort((a, b) => (a.server < b.server ? -1 : 1)), skipped };
}

function older({ server, file, to }: Bump, best: string): Problem {
  const fix = 'nothing, if that is intended';
  const message = `Skipped the image ${to}: "${server}" has ${best}, which is newer`;
  return new Problem('IMAGE-OLDER', message, { file, path: 'image', fix, level: 'warning' });
}
