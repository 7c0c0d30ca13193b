import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeProblems, firstForm, runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { usageText } from '../../cli/usage';
import type { Platform } from '../../model/platform';
import { pickPlatform, readPlatforms } from '../../model/platforms';
import { Problem } from '../../model/problem';
import { readSealed, type Sealed, sealedPath } from '../../model/sealed';
import { carryOut, type Delivered } from './carry-out';
import { prepare } from './prepare';
import { describeDelivered, describePlan, planJson } from './report';

const options = {
  to: { type: 'string' },
  'dns-to': { type: 'string' },
  write: { type: 'boolean' },
  commit: { type: 'boolean' },
  discard: { type: 'string', multiple: true },
  'remove-namespace': { type: 'string', multiple: true },
  platform: { type: 'string' },
} as const;

const usage = usageText({
  forms: {
    'npm run deliver -- --to <checkout> [<server> …]': 'shows what would change in a checkout of the GitOps repository',
  },
  flags: {
    '--to <checkout>': 'a checkout of the GitOps repository',
    '--dns-to <checkout>': 'a checkout of the repository with the DNS workspace',
    '--platform <name>': 'whose files to deliver, where there are several platforms',
    '--write': 'changes the files there',
    '--commit': 'changes them and commits on its own branch; never pushes',
    '--discard <path>': 'overwrites a file that was edited by hand; repeatable',
    '--remove-namespace <name>': 'removes a namespace with everything in it; repeatable',
  },
  notes: [
    'Exits with 0 when nothing is left to do, 2 when there are differences to look at, 1 when a problem blocks the delivery.',
  ],
  examples: ['npm run deliver -- --to ../fleet --dns-to ../dns', 'npm run deliver -- --to ../fleet weather --commit'],
});

runCommand({
  usage,
  options,
  run(flags, names) {
    const { to, 'dns-to': dnsTo, write, commit, discard = [], 'remove-namespace': removeNamespaces = [], json } = flags;
    const platforms = readPlatforms(root);
    const platform = pickPlatform(platforms, flags.platform);
    const sealedOf = (server: string) => sealedOn(platform, server);
    if (to === undefined && dnsTo === undefined) {
      throw new Problem('USAGE', 'Cannot deliver: no checkout is named', { fix: firstForm(usage) });
    }
    const commits = commit === true;
    const writes = write === true || commits;
    const isCi = Boolean(process.env.CI);
    const delivery = prepare(root, platforms, platform, {
      to,
      dnsTo,
      names,
      discard,
      removeNamespaces,
      writes,
      commits,
      isCi,
    });
    const { plans, problems } = delivery;
    const isBlocked = problems.some(({ level }) => level === 'error');

    if (!json) for (const plan of plans) console.log(describePlan(plan, sealedOf));
    if (!json && problems.length > 0) console.error(describeProblems(problems));
    const delivered: readonly Delivered[] =
      writes && !isBlocked ? carryOut(root, delivery, platform, { commits }) : plans.map((plan) => ({ plan }));
    if (json) {
      const targets = delivered.map((target) => planJson(target, sealedOf));
      console.log(JSON.stringify({ platform: platform.name, targets, problems }, null, 2));
    }
    if (isBlocked) return 1;
    if (!writes) {
      if (plans.every(({ changes }) => changes.every(({ state }) => state === 'unchanged'))) return 0;
      if (!json)
        console.log('Nothing written yet: add --write to change the files, or --commit to commit them as well.');
      return 2;
    }
    if (!json) for (const target of delivered) console.log(describeDelivered(target, commits));
    return 0;
  },
});

/** The sealed values of a server, which describe a ciphertext in a diff; empty for a server that was removed. */
function sealedOn(platform: Platform, name: string): Sealed {
  const file = join(root, sealedPath(name, platform));
  return existsSync(file) ? readSealed(readFileSync(file, 'utf8'), file, { name, platform }).sealed : new Map();
}
