import { runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { table } from '../../cli/table';
import { usageText } from '../../cli/usage';
import { pickPlatforms, readPlatforms } from '../../model/platforms';
import { Problem, stopOnErrors } from '../../model/problem';
import { readServers } from '../../model/servers';
import { git, zeroSeparated } from '../git/git';
import { imagesOf, reasonToBuild } from './images';

runCommand({
  usage: usageText({
    forms: {
      'npm run images -- --since <commit>': 'lists the images that have to be built after the changes since a commit',
      'npm run images -- <server> …': 'lists those of these servers',
      'npm run images -- --all': 'lists those of every server with tools/',
    },
    flags: {
      '--since <commit>': 'compares with this commit; one that does not exist means all images',
      '--all': 'every server with tools/',
      '--platform <name>': 'only for the registry of this platform',
      '--json': 'one line, the matrix of a workflow: { "include": [ … ] }',
    },
    examples: ['npm run images -- --since origin/main'],
  }),
  options: { since: { type: 'string' }, all: { type: 'boolean' }, platform: { type: 'string' } },
  run({ since, all = false, platform, json }, names) {
    if (Number(since !== undefined) + Number(all) + Number(names.length > 0) !== 1) {
      const fix = 'npm run images -- --since <commit>, or names, or --all';
      throw new Problem('USAGE', 'Cannot list images: choose either --since, --all or names', { fix });
    }
    const platforms = readPlatforms(root);
    const chosen = pickPlatforms(platforms, platform);
    const { servers, problems } = readServers(root, platforms);
    stopOnErrors(problems);
    const changed = since === undefined ? undefined : changedSince(since);
    const reasonFor = (server: string) => (changed === undefined ? 'requested' : reasonToBuild(server, changed));
    const builds = imagesOf(servers, chosen, names).filter(({ server }) => reasonFor(server) !== undefined);
    const rows = builds.map(({ image, version, server }) => [image, version, reasonFor(server) ?? '']);
    if (json) console.log(JSON.stringify({ include: builds }));
    else console.log(rows.length === 0 ? 'no image has changed' : table(['image', 'tools', 'because of'], rows));
    return 0;
  },
});

/** The paths changed since a commit. Undefined when the commit is unknown. */
function changedSince(commit: string): readonly string[] | undefined {
  const known = git(root, ['rev-parse', '--verify', '--quiet', `${commit}^{commit}`], {
    exitCodes: [0, 1, 128],
  }).trim();
  if (known === '') {
    console.error(`unknown commit "${commit}": all images count as changed`);
    return undefined;
  }
  // Without renames, so that moving a tool changes both servers.
  return zeroSeparated(git(root, ['diff-tree', '-r', '--name-only', '--no-renames', '-z', known, 'HEAD']));
}
