import { isOlder, parseImage } from '../../model/image';
import { Problem } from '../../model/problem';
import type { Server } from '../../model/spec';
import { type Bump, bumpOf } from './bump';
import type { Candidate } from './collected';

/**
 * The newest image of each server among those that were built or proposed: what a run that came late brings is no step
 * back. Of two whose order nobody can tell, the later of the list.
 * @returns the bumps, and a warning for each candidate that is older than what is declared, or of no server any more
 * @throws Problem UNPINNED, IMAGE-FOREIGN or IMAGE-LITERAL
 */
export function newest(
  root: string,
  servers: readonly Server[],
  candidates: readonly Candidate[],
): { readonly bumps: readonly Bump[]; readonly leftOut: readonly Problem[] } {
  const bumps = new Map<string, Bump>();
  const leftOut: Problem[] = [];
  for (const { server: name, image } of candidates) {
    const server = servers.find((other) => other.name === name);
    if (server === undefined) {
      leftOut.push(warning('SERVER-UNKNOWN', `The image "${image}" of "${name}" is left out: there is no such server`));
      continue;
    }
    const bump = bumpOf(root, server, image);
    const best = bumps.get(name)?.to ?? server.image;
    if (bump.to !== best && isBefore(bump.to, best)) {
      leftOut.push(warning('IMAGE-OLDER', `The image "${bump.to}" is left out: "${name}" has ${best}, which is newer`));
    } else bumps.set(name, bump);
  }
  return { bumps: [...bumps.values()], leftOut };
}

function isBefore(image: string, than: string): boolean {
  const [first, second] = [parseImage(image), parseImage(than)];
  return first !== undefined && second !== undefined && isOlder(first, second);
}

function warning(code: 'SERVER-UNKNOWN' | 'IMAGE-OLDER', message: string): Problem {
  return new Problem(code, message, { fix: 'nothing, if that is meant', level: 'warning' });
}
