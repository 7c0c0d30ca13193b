import { readExisting } from '../deliver/existing';
import { uncommittedBelow } from '../deliver/git-facts';
import type { OriginOf } from '../deliver/ownership';
import { plan } from '../deliver/plan';
import { wantedIn } from '../deliver/target';
import { imageIn } from '../rollback/previous-image';
import type { DistFile } from '../synth/fresh';
import type { Opened } from './opened';
import type { Delivered } from './row';
import { onlyHere } from './unmerged';

/** The state of a target, by server. */
export interface TargetState {
  /** The servers that have files there, or will have after a delivery. */
  readonly servers: readonly string[];
  /** The state of a server's files, or without one of the files that all servers share. */
  of(server?: string): Delivered;
}

/**
 * Compares a checkout with `dist/`; writes nothing.
 * @param files everything in `dist/`
 */
export function readTarget(
  { target, checkout, platform }: Opened,
  files: readonly DistFile[],
  root: string,
  originOf: OriginOf,
): TargetState {
  const { base, folder } = target;
  const { branch } = checkout;
  const isOnlyHere = onlyHere(checkout, base, platform);
  const wanted = wantedIn(target, files);
  const existing = readExisting(checkout.root, base);
  const { changes, servers, problems } = plan({
    root,
    platform,
    originOf,
    discard: new Set(),
    wanted,
    existing,
    base,
  });
  const uncommitted = uncommittedBelow(checkout.root, base);
  const serverAt = new Map([...wanted, ...changes].map(({ path, server }) => [path, server]));
  return {
    servers,
    of(server) {
      const own = changes.filter((change) => change.server === server);
      const other = own.filter(({ state }) => state !== 'unchanged');
      const open = own.filter(({ path }) => uncommitted.has(path));
      const isAbsent = own.length > 0 && own.every(({ state }) => state === 'new');
      const isUnmerged = isOnlyHere(
        own.map(({ path }) => path),
        server,
      );
      const settled = open.length > 0 ? 'uncommitted' : isUnmerged ? 'unmerged' : 'same';
      return {
        state: isAbsent ? 'absent' : other.length > 0 ? 'differs' : settled,
        folder,
        branch,
        files: (other.length > 0 ? other : open).map(({ path }) => path),
        image: imageIn(own.find(({ path }) => path.endsWith('/server.yaml'))?.before ?? ''),
        problems: problems.filter(({ file = '' }) => serverAt.get(file) === server),
      };
    },
  };
}
