import type { Checkout } from '../deliver/checkout';
import { git, zeroSeparated } from '../git/git';

/** Whether files of a server, or without one of all servers, are committed only on the branch of a delivery. */
type OnlyHere = (paths: readonly string[], server?: string) => boolean;

/**
 * Compares HEAD, if it is on a branch that a delivery created, with the default branch: as it is here, and as it was last
 * fetched. A merge into either counts, also a squashed one. Without a default branch, everything is only on the branch.
 * @param base the folder that holds our files
 */
export function onlyHere(
  { root, head, branch }: Checkout,
  base: string,
  { tool }: { readonly tool: string },
): OnlyHere {
  if (head === undefined || branch?.startsWith(`${tool}/`) !== true) return () => false;
  const differences = defaultBranches(root).map((ref) => differing(root, ref, base));
  return (paths, server) => {
    const isRemoved = ({ path, isGone }: Difference) =>
      isGone && server !== undefined && path.startsWith(`${base}/${server}/`) && path.endsWith('.yaml');
    return (
      paths.length > 0 &&
      differences.every((found) => found.some((each) => paths.includes(each.path) || isRemoved(each)))
    );
  };
}

/** A file that HEAD and the default branch do not have alike. */
interface Difference {
  readonly path: string;
  /** Whether HEAD does not have it. */
  readonly isGone: boolean;
}

function differing(root: string, ref: string, base: string): readonly Difference[] {
  const args = ['diff-tree', '-r', '-z', '--name-status', '--no-renames', ref, 'HEAD', '--', `:(literal)${base}`];
  const fields = zeroSeparated(git(root, args));
  return fields.flatMap((path, index) => (index % 2 === 0 ? [] : [{ path, isGone: fields[index - 1] === 'D' }]));
}

/** The default branch: the one that a remote names, otherwise `main` or `master`; here and at each remote. */
function defaultBranches(root: string): readonly string[] {
  const format = '--format=%(refname) %(symref)';
  const lines = git(root, ['for-each-ref', format, 'refs/heads', 'refs/remotes']).split('\n');
  const refs = lines.map((line) => line.split(' '));
  const nameOf = (ref = '') => /^refs\/(?:heads|remotes\/[^/]+)\/(.+)$/.exec(ref)?.[1] ?? '';
  const declared = refs.flatMap(([ref = '', target = '']) =>
    /^refs\/remotes\/[^/]+\/HEAD$/.test(ref) ? nameOf(target) : [],
  );
  const names = declared.length > 0 ? declared : ['main', 'master'];
  return refs.flatMap(([ref = '']) => (names.includes(nameOf(ref)) ? [ref] : []));
}
