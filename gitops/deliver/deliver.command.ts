import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeProblems, runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { readPlatform } from '../../model/platforms';
import { Problem } from '../../model/problem';
import { readSealed, type Sealed, sealedPath } from '../../model/sealed';
import { carryOut, type Done, prepare } from './deliver';
import { describeDone, describeStudy, studyJson } from './report';

const options = {
  to: { type: 'string' },
  'dns-to': { type: 'string' },
  write: { type: 'boolean' },
  commit: { type: 'boolean' },
  discard: { type: 'string', multiple: true },
  'remove-namespace': { type: 'string', multiple: true },
} as const;

const usage = [
  `npm run deliver -- --to <checkout> [server …]   what would change in a checkout of the GitOps repository`,
  '  --dns-to <checkout>         and in a checkout of the repository with the DNS workspace',
  '  --write                     does it to the files there',
  '  --commit                    does it, and commits it on a branch of its own; never pushes',
  '  --discard <path>            overwrites a file there although it was edited by hand',
  '  --remove-namespace <name>   lets a namespace go, with everything in it',
  '  --json                      the same for machines',
  '',
  'Exits with 0 when there is nothing to do or it is done, 2 when there are differences, 1 when something is in the way.',
].join('\n');

runCommand({
  usage,
  options,
  async run(
    { to, 'dns-to': dnsTo, write, commit, discard = [], 'remove-namespace': removeNamespaces = [], json },
    names,
  ) {
    const platform = readPlatform(root);
    if (to === undefined && dnsTo === undefined) {
      throw new Problem('USAGE', 'Cannot deliver: no checkout is named', { fix: usage });
    }
    const commits = commit === true;
    const writes = write === true || commits;
    const places = { ...(to === undefined ? {} : { to }), ...(dnsTo === undefined ? {} : { dnsTo }) };
    const delivery = await prepare(root, platform, { ...places, names, discard, removeNamespaces, writes, commits });
    const { studies, problems } = delivery;
    const isBlocked = problems.some(({ level }) => level === 'error');

    if (!json) for (const study of studies) console.log(describeStudy(study, sealedOf));
    if (!json && problems.length > 0) console.error(describeProblems(problems));
    const done: readonly Done[] =
      writes && !isBlocked ? carryOut(root, delivery, platform, { commits }) : studies.map((study) => ({ study }));
    if (json) {
      const targets = done.map(({ study, committed }) => studyJson(study, sealedOf, committed));
      console.log(JSON.stringify({ targets, problems }, null, 2));
    }
    if (isBlocked) return 1;
    if (!writes) {
      if (done.every(({ study }) => isDone(study))) return 0;
      if (!json)
        console.log('Nothing is written yet: add --write to do it to the files, or --commit to commit it as well.');
      return 2;
    }
    if (!json) for (const { study, committed } of done) console.log(describeDone(study, committed, commits));
    return 0;
  },
});

function isDone({ changes }: Done['study']): boolean {
  return changes.every(({ state }) => state === 'unchanged');
}

/** The sealed values of a server, to tell what a ciphertext is; none for a server that is gone. */
function sealedOf(server: string): Sealed {
  const file = join(root, sealedPath(server, readPlatform(root)));
  return existsSync(file) ? readSealed(readFileSync(file, 'utf8'), file, server).sealed : new Map();
}
