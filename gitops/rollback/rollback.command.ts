import { firstForm, runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { pickPlatform, readPlatforms } from '../../model/platforms';
import { Problem, stopOnErrors } from '../../model/problem';
import { pick, pickOn, readServers } from '../../model/servers';
import { bumpOf } from '../bump/bump';
import { carryOutBumps } from '../bump/carry-out';
import { openCheckout } from '../deliver/checkout';
import { carriedBefore } from './carried';

const usage = [
  'npm run rollback -- <server>     back to the image before the one that is declared now, shown like a bump',
  '  --to <checkout>                of those that the GitOps repository has carried. @default - those of dist/ here',
  '  --platform <name>              on one platform alone, where the server runs on several',
  '  --commit                       commits it on a branch of its own',
  '  --json                         the same for machines',
  '',
  'The image is the last one in the history that is another than the one declared. A second rollback takes back the first;',
  'further back it is npm run bump -- <server> <tag>.',
].join('\n');

runCommand({
  usage,
  options: { to: { type: 'string' }, platform: { type: 'string' }, commit: { type: 'boolean' } },
  run({ to, platform: given, commit: commits = false, json }, [name, ...more]) {
    if (name === undefined || more.length > 0) {
      throw new Problem('USAGE', 'Cannot tell which server is meant', { fix: firstForm(usage) });
    }
    const platforms = readPlatforms(root);
    const { servers, problems } = readServers(root, platforms);
    stopOnErrors(problems);
    const here = pick(servers, [name]).map((server) => server.platform);
    // Named, or the only one that the server runs on: an image of all platforms was not delivered to all at once.
    const platform = pickPlatform(given === undefined ? here : platforms, given);
    const { repository, appsPath: base } = platform.gitops;
    const history = to === undefined ? root : openCheckout({ option: '--to', folder: to, repository, base }, root).root;
    const path = `${to === undefined ? `dist/${repository}/` : ''}${base}/${name}/server.yaml`;
    const bumps = pickOn(platform, servers, [name]).map((server) => {
      const carried = carriedBefore(history, path, server.image);
      if (carried === undefined) throw nothingBefore(name, path);
      if (!json) console.log(`${path} carried ${carried.image} in ${carried.commit}`);
      return bumpOf(root, servers, { server: name, image: carried.image, platform: platform.name });
    });
    return carryOutBumps({ root, platforms, servers, commits, json }, bumps, []);
  },
});

function nothingBefore(name: string, file: string): Problem {
  return new Problem('ROLLBACK-NONE', `Cannot take "${name}" back: no commit of ${file} carries another image`, {
    file,
    fix: `npm run bump -- ${name} <tag>, with the version to go back to; a shallow clone has no history`,
  });
}
