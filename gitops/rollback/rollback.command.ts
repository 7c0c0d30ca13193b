import { firstForm, runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { usageText } from '../../cli/usage';
import { pickPlatform, readPlatforms } from '../../model/platforms';
import { Problem, stopOnErrors } from '../../model/problem';
import { pick, pickOn, readServers } from '../../model/servers';
import { bumpOf } from '../bump/bump';
import { carryOutBumps } from '../bump/carry-out';
import { openCheckout } from '../deliver/checkout';
import { previousImage } from './previous-image';

const usage = usageText({
  forms: { 'npm run rollback -- <server>': 'declares the previous image of a server, and shows the difference' },
  flags: {
    '--to <checkout>': 'looks for it in the history of a GitOps checkout; without it, in the history of dist/',
    '--platform <name>': 'on this platform only, where the server runs on several',
    '--commit': 'commits the change on its own branch',
  },
  notes: [
    'The previous image is the last one in the history that differs from the declared one. A second rollback undoes the first. To go further back: npm run bump -- <server> <tag>.',
  ],
  examples: ['npm run rollback -- weather --commit'],
});

runCommand({
  usage,
  options: { to: { type: 'string' }, platform: { type: 'string' }, commit: { type: 'boolean' } },
  run({ to, platform: given, commit: commits = false, json }, [name, ...more]) {
    if (name === undefined || more.length > 0) {
      throw new Problem('USAGE', 'Cannot roll back: name one server', { fix: firstForm(usage) });
    }
    const platforms = readPlatforms(root);
    const { servers, problems } = readServers(root, platforms);
    stopOnErrors(problems);
    const here = pick(servers, [name]).map((server) => server.platform);
    // One platform only: platforms have different histories, even with a shared image.
    const platform = pickPlatform(given === undefined ? here : platforms, given);
    const { repository, appsPath: base } = platform.gitops;
    const history = to === undefined ? root : openCheckout({ option: '--to', folder: to, repository, base }, root).root;
    const path = `${to === undefined ? `dist/${repository}/` : ''}${base}/${name}/server.yaml`;
    const bumps = pickOn(platform, servers, [name]).map((server) => {
      const previous = previousImage(history, path, server.image);
      if (previous === undefined) throw noPreviousImage(name, path);
      if (!json) console.log(`${path} had ${previous.image} in ${previous.commit}`);
      return bumpOf(root, servers, { server: name, image: previous.image, platform: platform.name });
    });
    return carryOutBumps({ root, platforms, servers, commits, json }, bumps, []);
  },
});

function noPreviousImage(name: string, file: string): Problem {
  return new Problem('ROLLBACK-NONE', `Cannot roll back "${name}": no commit of ${file} has a different image`, {
    file,
    fix: `npm run bump -- ${name} <tag>, with the version to return to; a shallow clone has no history`,
  });
}
