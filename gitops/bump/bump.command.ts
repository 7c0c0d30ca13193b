import { firstForm, runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { parseImage } from '../../model/image';
import { pickPlatform, readPlatforms } from '../../model/platforms';
import { Problem, stopOnErrors } from '../../model/problem';
import { pickOn, readServers } from '../../model/servers';
import { bumpOf } from './bump';
import { carryOutBumps } from './carry-out';
import { builtImages, proposedImages } from './collected';
import { newest } from './newest';

const usage = [
  'npm run bump -- <server> <tag>              another image into servers/<server>/server.ts, and rendered into dist/',
  'npm run bump -- <server> <image>@<digest>   the same by digest',
  '  --platform <name>                         on one platform alone',
  'npm run bump -- <server> … --from <platform> --to <platform>',
  '                                            the image that one platform runs, on another',
  'npm run bump -- --built <folder>            the images that builds have left there, one JSON file for each',
  '  --also <ref>                              with those that the commits of a ref propose already',
  '  --commit                                  commits it on a branch of its own',
  '  --json                                    the same for machines',
  '',
  'Nothing else of server.ts changes. The difference is shown, and everything is written or nothing is.',
  'Without --platform it is the image of all platforms that have none of their own under platforms.<name>.image; with it,',
  'it is that one, which is added where the server runs on other platforms too.',
  'With --built, an image that is older than the one declared is left out.',
].join('\n');

runCommand({
  usage,
  options: {
    platform: { type: 'string' },
    from: { type: 'string' },
    to: { type: 'string' },
    built: { type: 'string' },
    also: { type: 'string' },
    commit: { type: 'boolean' },
  },
  run({ platform, from, to, built, also, commit: commits = false, json }, words) {
    const [name, image] = words;
    const isPromotion = from !== undefined && to !== undefined;
    const isValid =
      built !== undefined
        ? words.length === 0 && [platform, from, to].every((flag) => flag === undefined)
        : also === undefined &&
          (isPromotion ? words.length > 0 && platform === undefined : words.length === 2 && (from ?? to) === undefined);
    if (!isValid) throw new Problem('USAGE', 'Cannot bump: name one server and its image', { fix: firstForm(usage) });
    const platforms = readPlatforms(root);
    for (const chosen of [platform, from, to]) if (chosen !== undefined) pickPlatform(platforms, chosen);
    const { servers, problems } = readServers(root, platforms);
    stopOnErrors(problems);
    const settings = { root, platforms, servers, commits, json };
    if (built !== undefined) {
      const fresh = builtImages(built, servers);
      const proposed = also === undefined ? [] : proposedImages(root, also);
      const { bumps, skipped } = newest(root, servers, [...proposed, ...fresh.candidates]);
      return carryOutBumps(settings, bumps, [...fresh.problems, ...skipped]);
    }
    const requests = isPromotion
      ? pickOn({ name: from }, servers, words).map((server) => {
          return { server: server.name, image: versionOf(server.image), platform: to };
        })
      : [{ server: name ?? '', image: image ?? '', platform }];
    const bumps = requests.map((request) => bumpOf(root, servers, request));
    return carryOutBumps(settings, bumps, []);
  },
});

/** The part of an image that is the same in every registry: its tag, its digest, or both. */
function versionOf(image: string): string {
  const { tag, digest } = parseImage(image) ?? {};
  return [tag, digest].filter(Boolean).join('@');
}
