import { firstForm, runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { usageText } from '../../cli/usage';
import { parseImage } from '../../model/image';
import { pickPlatform, readPlatforms } from '../../model/platforms';
import { Problem, stopOnErrors } from '../../model/problem';
import { pickOn, readServers } from '../../model/servers';
import { bumpOf } from './bump';
import { carryOutBumps } from './carry-out';
import { builtImages, proposedImages } from './collected';
import { newest } from './newest';

const usage = usageText({
  forms: {
    'npm run bump -- <server> <tag>': 'declares another image for a server',
    'npm run bump -- <server> <image>@<digest>': 'the same by digest',
    'npm run bump -- <server> … --from <platform> --to <platform>':
      'declares the image that one platform runs on another',
    'npm run bump -- --built <folder>': 'declares the images that builds describe there, one JSON file each',
  },
  flags: {
    '--platform <name>': 'on this platform only',
    '--from <platform>': 'the platform whose image is taken',
    '--to <platform>': 'the platform that gets it',
    '--built <folder>': 'the folder with the JSON files of builds',
    '--also <ref>': 'with --built: also the images that the commits of a ref propose',
    '--commit': 'commits the change on its own branch',
  },
  notes: [
    'Changes the image in servers/<server>/server.ts and nothing else there, renders dist/, and shows the difference. Writes everything or nothing.',
    'Without --platform it changes the image of all platforms that have none under platforms.<name>.image. With --platform it changes that one, and adds it where the server runs on other platforms too.',
    'With --built, an image that is older than the declared one is left out.',
  ],
  examples: ['npm run bump -- weather 1.0.2', 'npm run bump -- weather --from staging --to production --commit'],
});

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
