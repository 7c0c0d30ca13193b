import type { Platform } from '../../model/platform';
import { Problem, stopOnErrors } from '../../model/problem';
import { type Checkout, openCheckout, type Target } from '../deliver/checkout';
import { readExisting } from '../deliver/existing';
import { uncommittedBelow } from '../deliver/git-facts';
import type { OriginOf } from '../deliver/ownership';
import { plan } from '../deliver/plan';
import { targetsOf } from '../deliver/prepare';
import { wantedIn } from '../deliver/target';
import { imageIn } from '../rollback/previous-image';
import type { DistFile } from '../synth/fresh';
import type { Delivered } from './row';

/** A checkout from the command line, as a target of one platform. */
export interface Opened {
  readonly target: Target;
  readonly checkout: Checkout;
  readonly platform: Platform;
}

/**
 * Assigns each checkout to the platforms that name its repository. If two checkouts match one platform, status reads the
 * first.
 * @throws Problems TARGET-PATH or TARGET-GIT for a checkout that matches no platform
 */
export function openTargets(
  root: string,
  platforms: readonly Platform[],
  folders: { readonly to: readonly string[]; readonly dnsTo: readonly string[] },
): readonly Opened[] {
  const asked = [...folders.to.map((to) => ({ to })), ...folders.dnsTo.map((dnsTo) => ({ dnsTo }))];
  const attempts = asked.map((options) => platforms.flatMap((platform) => opened(root, platform, options)));
  stopOnErrors(
    attempts.flatMap((each) => {
      const refusals = each.filter((attempt) => attempt instanceof Problem);
      return refusals.length === each.length ? refusals.slice(0, 1) : [];
    }),
  );
  return attempts.flat().filter((attempt): attempt is Opened => !(attempt instanceof Problem));
}

function opened(
  root: string,
  platform: Platform,
  options: Parameters<typeof targetsOf>[1],
): readonly (Opened | Problem)[] {
  try {
    const targets = targetsOf(platform, options);
    return targets.map((target) => ({ target, platform, checkout: openCheckout(target, root) }));
  } catch (error) {
    if (error instanceof Problem) return [error];
    throw error;
  }
}

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
      const hasOwnBranch = branch?.startsWith(`${platform.tool}/`) === true && own.length > 0;
      const settled = open.length > 0 ? 'uncommitted' : hasOwnBranch ? 'unmerged' : 'same';
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
