import { Problem, stopOnErrors } from '../../model/problem';
import { type SealedOwner, type SealedValue, sealCommand } from '../../model/sealed';
import type { Server } from '../../model/spec';
import { contract } from '../../worker/contract';
import { readCheckKey } from './check-key';
import { checkSealed } from './check-sealed';
import { handOut, outletFor } from './new-value';
import { checkPlaintext } from './plaintext';
import { generate, readPlaintext } from './read-plaintext';
import type { RequestOf } from './request';
import { checkRotatable, currentValue, finishRotation, rotationSteps, startRotation } from './rotation';
import { openValue } from './run-recovery';
import { leftToDo, placeOf } from './run-seal';
import { isSameCheck, keyedCheck } from './same-value';
import { sealValue } from './seal-value';
import { answer, certificatesOf, type SealWorld, serverOf, today } from './seal-world';
import type { Secret } from './secret';
import { changeSealedFile, readSealedFile } from './store';

const { previousSecret } = contract.env;

/** Starts a rotation: a new value beside the current one, and the steps that end it. */
export async function runRotation(request: RequestOf<'rotate'>, world: SealWorld): Promise<number> {
  const { key } = request;
  checkRotatable(key);
  const server = serverOf(request.server, world);
  const certificates = certificatesOf(world);
  const reading = readSealedFile(world.root, server);
  stopOnErrors(reading.problems);
  const current = currentValue(server, reading.sealed);
  // A current value that the cluster cannot open would turn into an outage at the end.
  stopOnErrors(checkSealed(server, reading.sealed, certificates.known).filter(({ path }) => path === key));
  const outlet = outletFor(request.plaintextOut, world);
  const checkKey = readCheckKey(request.checkKeyFile, world.environment);
  const old = await currentPlaintext(request, server, current, checkKey, world);
  const fresh = generate();
  try {
    const sealing = { server, scope: current.scope, certificate: certificates.pinned, today: today(world), checkKey };
    const value = sealValue({ ...sealing, key, secret: fresh });
    const resealed = old && sealValue({ ...sealing, key: previousSecret, secret: old });
    let after = reading.sealed;
    await handOut(fresh, outlet, world, () =>
      changeSealedFile(world.root, server, [key, previousSecret], (sealed) => {
        if (sealed.get(key)?.ciphertext !== current.ciphertext) throw changedMeanwhile(server, key);
        after = startRotation(server, sealed, value, resealed);
        return after;
      }),
    );
    const warnings = [...certificates.warnings, ...leftToDo(server, after, certificates.known)];
    const told = {
      server: server.name,
      key,
      previous: previousSecret,
      ...placeOf(value),
      file: server.sealedFile,
    };
    const how = resealed === undefined ? 'moved as it was' : 'sealed anew';
    const done = `✓ ${key} of ${server.name} is a new value; the one before is ${previousSecret}, ${how}`;
    answer(world, told, `${done}\n\n${rotationSteps(server, outlet.words)}`, warnings);
    return 0;
  } finally {
    for (const secret of [fresh, old]) secret?.wipe();
    checkKey?.fill(0);
  }
}

/** Ends a rotation: the worker accepts the new value alone from the next delivery on. */
export async function runFinish({ server: name, key }: RequestOf<'finish'>, world: SealWorld): Promise<number> {
  checkRotatable(key);
  const server = serverOf(name, world);
  const file = server.sealedFile;
  await changeSealedFile(world.root, server, [previousSecret], (sealed) => finishRotation(server, sealed));
  const done = [
    `✓ ${previousSecret} of ${server.name} is dropped from ${file}`,
    '  Once this is delivered, the worker refuses the old value: by now the engine must have the new one, and npm run verify',
    `  must have passed with it. If not, take it back and do that first: git restore ${file}`,
    '  next  npm run synth, commit, npm run deliver',
  ].join('\n');
  answer(world, { server: server.name, key, file }, done);
  return 0;
}

/** The current value's plaintext, when there is a way to it: from the operator, or with a private key. */
async function currentPlaintext(
  { key, source, isTrimmed, privateKeyFiles }: RequestOf<'rotate'>,
  server: Server,
  current: SealedValue,
  checkKey: Buffer | undefined,
  world: SealWorld,
): Promise<Secret | undefined> {
  const opened = privateKeyFiles.length === 0 ? undefined : openValue(server, key, current, privateKeyFiles);
  if (source === undefined) return opened;
  const given = await readPlaintext(source, key, isTrimmed, world);
  const bytes = given.reveal();
  const check = checkKey && keyedCheck(checkKey, { ...current, key, plaintext: bytes });
  const isOther =
    (opened !== undefined && !opened.reveal().equals(bytes)) ||
    (check !== undefined && current.check !== undefined && !isSameCheck(check, current.check));
  opened?.wipe();
  if (isOther) {
    given.wipe();
    const message = `Cannot rotate the secret of "${server.name}": the value given is not the one that is sealed`;
    const fix = `give the current value, or none: it can be moved as it is (${sealCommand(server.name, key)} --rotate)`;
    throw new Problem('SEAL-ROTATION', message, { file: server.sealedFile, path: key, fix });
  }
  stopOnErrors(checkPlaintext({ server: server.name, key, bytes, otherBytes: 0, isEmptyAllowed: false }));
  return given;
}

function changedMeanwhile(server: SealedOwner, key: string): Problem {
  return new Problem(
    'SEAL-BUSY',
    `Cannot rotate the secret of "${server.name}": another command has changed it meanwhile`,
    {
      file: server.sealedFile,
      path: key,
      fix: 'look at npm run seal -- --status, then run it again',
    },
  );
}
