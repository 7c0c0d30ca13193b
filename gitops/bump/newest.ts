import { Problem } from '../../model/problem';
import type { Server } from '../../model/spec';
import { type Bump, bumpOf, isBefore } from './bump';
import type { Candidate } from './collected';

/**
 * The newest image of each server among those that were built or proposed: what a run that came late brings is no step
 * back. Of two whose order nobody can tell, the later of the list.
 * @returns the bumps, and a warning for each candidate that is left out: it is older than what is declared, or cannot be
 *   declared; the others must not wait for it
 */
export function newest(
  root: string,
  servers: readonly Server[],
  candidates: readonly Candidate[],
): { readonly bumps: readonly Bump[]; readonly leftOut: readonly Problem[] } {
  const bumps = new Map<string, Bump>();
  const leftOut: Problem[] = [];
  for (const wish of candidates) {
    try {
      const bump = bumpOf(root, servers, wish);
      const best = bumps.get(wish.server)?.to ?? bump.from;
      if (bump.to === best || !isBefore(bump.to, best)) bumps.set(wish.server, bump);
      else leftOut.push(older(bump, best));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      leftOut.push(error.as('warning'));
    }
  }
  return { bumps: [...bumps.values()].sort((a, b) => (a.server < b.server ? -1 : 1)), leftOut };
}

function older({ server, file, to }: Bump, best: string): Problem {
  const fix = 'nothing, if that is meant';
  const message = `The image ${to} is left out: "${server}" has ${best}, which is newer`;
  return new Problem('IMAGE-OLDER', message, { file, path: 'image', fix, level: 'warning' });
}
