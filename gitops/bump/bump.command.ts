import { runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { readPlatform } from '../../model/platforms';
import { Problem, stopOnErrors } from '../../model/problem';
import { pick, readServers } from '../../model/servers';
import { bumpOf } from './bump';
import { carryOutBumps } from './carry-out';
import { builtImages, proposedImages } from './collected';
import { newest } from './newest';

const usage = [
  'npm run bump -- <server> <tag>              another image into servers/<server>/server.ts, and rendered into dist/',
  'npm run bump -- <server> <image>@<digest>   the same by digest',
  'npm run bump -- --built <folder>            the images that builds have left there, one JSON file a server',
  '  --also <ref>                              with those that the commits of a ref propose already',
  '  --commit                                  commits it on a branch of its own',
  '  --json                                    the same for machines',
  '',
  'Nothing else of server.ts changes. The difference is shown, and everything is written or nothing is. With --built,',
  'an image that is older than the one declared is left out.',
].join('\n');

runCommand({
  usage,
  options: { built: { type: 'string' }, also: { type: 'string' }, commit: { type: 'boolean' } },
  run({ built, also, commit: commits = false, json }, words) {
    const [name, image, ...more] = words;
    const isOne = name !== undefined && image !== undefined && more.length === 0 && built === undefined;
    if (!(isOne && also === undefined) && !(built !== undefined && words.length === 0)) {
      throw new Problem('USAGE', 'Cannot tell which image is meant for which server', { fix: usage });
    }
    const platform = readPlatform(root);
    const { servers, problems } = readServers(root, platform);
    stopOnErrors(problems);
    const settings = { root, platform, servers, commits, json };
    if (isOne) {
      const bumps = pick(servers, [name]).map((server) => bumpOf(root, server, image));
      return carryOutBumps(settings, bumps, []);
    }
    const proposed = also === undefined ? [] : proposedImages(root, also);
    const { bumps, leftOut } = newest(root, servers, [...proposed, ...builtImages(built ?? '', servers)]);
    return carryOutBumps(settings, bumps, leftOut);
  },
});
