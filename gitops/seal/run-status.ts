import { describeProblems } from '../../cli/command';
import { table } from '../../cli/table';
import { Problem } from '../../model/problem';
import type { SealedOwner } from '../../model/sealed';
import { pick } from '../../model/servers';
import { pinnedCertificates } from './pinned';
import { readPrivateKeys } from './private-keys';
import type { RequestOf } from './request';
import { openRotation, remainingSteps } from './rotation';
import { certificateProblems, type SealWorld } from './seal-world';
import { type StatusRow, sealedStatus } from './status';
import { readSealedFile } from './store';

/** Shows every sealed value and what is wrong with it. Exit code 1 when anything is. */
export async function runStatus({ server, privateKeyFiles }: RequestOf<'status'>, world: SealWorld): Promise<number> {
  const servers = pick(world.servers.servers, server === undefined ? [] : [server]);
  const privateKeys = privateKeyFiles.flatMap(readPrivateKeys);
  const { certificates, problems: pinProblems } = pinnedCertificates(world.root, world.platform);
  const dates = certificates
    .filter(({ isRetired }) => !isRetired)
    .flatMap((pinned) => certificateProblems(pinned, world.now));
  const all = servers.map((each) => ({ server: each, ...readGently(world.root, each) }));
  const status = sealedStatus(all, certificates, world.now, privateKeys);
  const others = server === undefined ? world.servers.problems : [];
  const problems = [...others, ...pinProblems, ...dates, ...status.problems];
  const rotations = all.flatMap(({ server: { name }, sealed }) => {
    const open = openRotation(sealed);
    return open === undefined ? [] : [{ server: name, ...open }];
  });
  if (world.isJson) world.print(JSON.stringify({ sealed: status.rows, rotations, problems }, null, 2));
  else {
    world.print(
      table(
        header(privateKeys.length > 0),
        status.rows.map((row) => cells(row, privateKeys.length > 0)),
      ),
    );
    for (const { server: name, since = 'an unknown day' } of rotations) {
      world.print(`A rotation of ${name} is open since ${since}.\n  next  ${remainingSteps({ name })}`);
    }
    if (problems.length > 0) world.say(describeProblems(problems));
  }
  const isWrong =
    problems.some(({ level }) => level === 'error') || status.rows.some(({ isOpened }) => isOpened === false);
  return isWrong ? 1 : 0;
}

/** One file that cannot be read must not hide the others. */
function readGently(root: string, server: SealedOwner) {
  try {
    return readSealedFile(root, server);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { sealed: new Map(), problems: [error] };
  }
}

function header(isOpening: boolean): string[] {
  return ['server', 'key', 'scope', 'certificate', 'age', ...(isOpening ? ['opens'] : []), 'wrong'];
}

function cells({ server, key, scope, certificate, ageDays, isOpened, codes }: StatusRow, isOpening: boolean): string[] {
  const age = ageDays === undefined ? '' : ageDays <= 0 ? 'today' : `${ageDays} d`;
  const opens = isOpened === undefined ? '' : isOpened ? 'yes' : 'no';
  return [server, key, scope, certificate, age, ...(isOpening ? [opens] : []), codes.join(', ') || '-'];
}
