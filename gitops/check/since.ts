import { Problem } from '../../model/problem';
import { blobTexts, git, zeroSeparated } from '../git/git';
import { Published } from '../tools/published';
import { type ServerChanges, serverChanges, versionProblems } from '../tools/version-rule';

/** What has changed for callers since a commit, and the versions that do not say so. */
export interface Since {
  /** The commit that both histories have. */
  readonly commit: string;
  readonly servers: readonly ServerChanges[];
  readonly problems: readonly Problem[];
}

/**
 * Compares the tools with those of the last commit that this branch shares with another: what has happened there since is
 * not this branch's doing.
 * @param tools by server, as the sources have them now
 * @throws Problem SINCE-REF when the commit is not there, or what was written then cannot be read
 */
export function changesSince(root: string, ref: string, tools: ReadonlyMap<string, Published>): Since {
  const commit = sharedCommit(root, ref);
  const servers = serverChanges(toolsAt(root, commit), tools);
  return { commit, servers, problems: versionProblems(servers) };
}

function sharedCommit(root: string, ref: string): string {
  const ask = (...args: readonly string[]) => git(root, args, { answers: [0, 1, 128] }).trim();
  const isShallow = ask('rev-parse', '--is-shallow-repository') === 'true';
  const tip = ask('rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`).split('\n').at(-1) ?? '';
  if (tip === '') {
    const branch = ref.replace(/^origin\//, '');
    const fix = isShallow ? 'git fetch --unshallow' : `git fetch origin ${branch}, and write ${ref} as git knows it`;
    throw cannotCompare(ref, isShallow ? 'this clone is shallow and does not have it' : 'no such commit is here', fix);
  }
  const shared = ask('merge-base', tip, 'HEAD');
  if (shared !== '') return shared;
  throw isShallow
    ? cannotCompare(ref, 'this clone is shallow: its history is cut before the two meet', 'git fetch --unshallow')
    : cannotCompare(ref, 'it has no commit in common with this branch', 'name the branch that this one goes into');
}

function cannotCompare(ref: string, reason: string, fix: string): Problem {
  return new Problem('SINCE-REF', `Cannot compare the tools with "${ref}": ${reason}`, { fix });
}

/** The tools by server as they were committed; none before they were written down. */
function toolsAt(root: string, commit: string): ReadonlyMap<string, Published> {
  // Relative to this folder, which may lie inside a repository.
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
    // Damaged, or of another form; which part of it is of no use to anybody.
    const file = `dist/tools/${server}.json`;
    const fix = 'compare with a later commit, in which npm run synth has written it';
    throw cannotCompare(commit.slice(0, 12), `its ${file} cannot be read`, fix);
  }
}
