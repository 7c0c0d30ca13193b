import { Problem } from '../../model/problem';
import { blobTexts, git, zeroSeparated } from '../git/git';
import { Published } from '../tools/published';
import { type ServerChanges, serverChanges, versionProblems } from '../tools/version-rule';

/** The changes for callers since a commit, and the versions that are too low for them. */
export interface Since {
  /** The merge base. */
  readonly commit: string;
  readonly servers: readonly ServerChanges[];
  readonly problems: readonly Problem[];
}

/**
 * Compares the tools with those at the merge base of this branch and another, which leaves out later changes on the other.
 * @param tools the current tools by server
 * @throws Problem SINCE-REF when the commit does not exist, or its tools cannot be read
 */
export function changesSince(root: string, ref: string, tools: ReadonlyMap<string, Published>): Since {
  const commit = sharedCommit(root, ref);
  const servers = serverChanges(toolsAt(root, commit), tools);
  return { commit, servers, problems: versionProblems(servers) };
}

function sharedCommit(root: string, ref: string): string {
  const run = (...args: readonly string[]) => git(root, args, { exitCodes: [0, 1, 128] }).trim();
  const isShallow = run('rev-parse', '--is-shallow-repository') === 'true';
  const tip = run('rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`).split('\n').at(-1) ?? '';
  if (tip === '') {
    const branch = ref.replace(/^origin\//, '');
    const fix = isShallow ? 'git fetch --unshallow' : `git fetch origin ${branch}, and check the spelling of ${ref}`;
    throw cannotCompare(ref, isShallow ? 'this clone is shallow and does not have it' : 'there is no such commit', fix);
  }
  const shared = run('merge-base', tip, 'HEAD');
  if (shared !== '') return shared;
  throw isShallow
    ? cannotCompare(ref, 'this clone is shallow: its history ends before the merge base', 'git fetch --unshallow')
    : cannotCompare(
        ref,
        'it has no commit in common with this branch',
        'name the branch that this one will be merged into',
      );
}

function cannotCompare(ref: string, reason: string, fix: string): Problem {
  return new Problem('SINCE-REF', `Cannot compare the tools with "${ref}": ${reason}`, { fix });
}

/** The tools by server at a commit; none before `dist/tools/` existed. */
function toolsAt(root: string, commit: string): ReadonlyMap<string, Published> {
  // The path is relative to `root`, which may be a subfolder of the repository.
  const listed = zeroSeparated(git(root, ['ls-tree', '-z', commit, 'dist/tools/']));
  const files = listed.flatMap((line) => {
    const [, id = '', server = ''] = /^\d+ blob ([0-9a-f]+)\tdist\/tools\/(.+)\.json$/.exec(line) ?? [];
    return server === '' ? [] : [{ id, server }];
  });
  const texts = blobTexts(
    root,
    files.map(({ id }) => id),
  );
  return new Map(files.map(({ server }, index) => [server, readAt(commit, server, texts[index] ?? '')]));
}

function readAt(commit: string, server: string, text: string): Published {
  try {
    return Published.parse(JSON.parse(text));
  } catch {
    // Damaged or in an unknown format; the details would not help.
    const file = `dist/tools/${server}.json`;
    const fix = 'compare with a later commit, where npm run synth has rewritten it';
    throw cannotCompare(commit.slice(0, 12), `its ${file} cannot be read`, fix);
  }
}
