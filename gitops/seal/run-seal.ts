import { Problem, stopOnErrors } from '../../model/problem';
import type { Sealed, SealedOwner, SealedValue } from '../../model/sealed';
import type { Server } from '../../model/spec';
import { contract } from '../../worker/contract';
import { readCheckKey } from './check-key';
import { checkSealed, checkSpelling } from './check-sealed';
import { handOut, outletFor } from './new-value';
import type { PinnedCertificate } from './pinned';
import { byteCount, checkPlaintext, checkWorkerSecret } from './plaintext';
import { readPlaintext } from './read-plaintext';
import type { RequestOf } from './request';
import { checkNotRotating } from './rotation';
import { bytesOfOthers, checkCompanions, sealValue, withValue } from './seal-value';
import { answer, certificatesOf, type SealWorld, serverOf, today } from './seal-world';
import { changeSealedFile, readSealedFile } from './store';

/** Seals one value. Everything that can be refused is, before the value is asked for. */
export async function runSeal(request: RequestOf<'seal'>, world: SealWorld): Promise<number> {
  const { key, scope, source } = request;
  const server = serverOf(request.server, world);
  const certificates = certificatesOf(world);
  const { sealed: before } = readSealedFile(world.root, server);
  const sealing = { server, key, scope, certificate: certificates.pinned, today: today(world) };
  checkSpelling(server, key);
  checkNotRotating(server, key, before);
  checkCompanions(sealing, before, certificates.known);
  const outlet = source.kind === 'generated' ? outletFor(request.plaintextOut, world) : undefined;
  const checkKey = readCheckKey(request.checkKeyFile, world.environment);
  const secret = await readPlaintext(source, key, request.isTrimmed, world);
  try {
    const bytes = secret.reveal();
    const { isEmptyAllowed } = request;
    const about = checkPlaintext({
      server: server.name,
      key,
      bytes,
      otherBytes: bytesOfOthers(before, key),
      isEmptyAllowed,
    });
    stopOnErrors(about);
    const ofWorker = checkWorkerSecret({ server: server.name, key, bytes });
    stopOnErrors(ofWorker);
    const value = sealValue({ ...sealing, secret, checkKey });
    let after: Sealed = before;
    let replaced: SealedValue | undefined;
    const write = () =>
      changeSealedFile(world.root, server, [key], (sealed) => {
        checkNotRotating(server, key, sealed);
        checkCompanions(sealing, sealed, certificates.known);
        replaced = sealed.get(key);
        after = withValue(sealed, key, value);
        return after;
      });
    await (outlet === undefined ? write() : handOut(secret, outlet, world, write));
    const isKept = after.get(key) !== value;
    const warnings = [...certificates.warnings, ...about, ...ofWorker, ...leftToDo(server, after, certificates.known)];
    const replaces = isKept ? undefined : replaced?.sealedOn;
    const told = { server: server.name, key, isKept, replaces, ...placeOf(value), file: server.sealedFile };
    answer(world, told, sentence(key, value, isKept, replaces, bytes.length, certificates.pinned, server), warnings);
    return 0;
  } finally {
    secret.wipe();
    checkKey?.fill(0);
  }
}

/** Removes one sealed value. @throws Problem SEAL-MISSING when there is none */
export async function runDrop({ server: name, key }: RequestOf<'drop'>, world: SealWorld): Promise<number> {
  const server = serverOf(name, world);
  const { sealed, problems } = readSealedFile(world.root, server);
  const file = server.sealedFile;
  if (!sealed.has(key) && !problems.some(({ path }) => path === key)) {
    const fix = `choose one of: ${[...sealed.keys()].join(', ') || 'none is sealed'}`;
    throw new Problem('SEAL-MISSING', `Cannot drop ${key} of "${server.name}": it has no sealed value`, {
      file,
      path: key,
      fix,
    });
  }
  await changeSealedFile(
    world.root,
    server,
    [key],
    (values) => new Map([...values].filter(([other]) => other !== key)),
  );
  answer(world, { server: server.name, key, file }, `✓ ${key} is dropped from ${file}\n  next  npm run synth`);
  return 0;
}

/** What is still wrong with a server's values after one of them was sealed: not this command's failure, but worth knowing. */
export function leftToDo(server: Server, sealed: Sealed, known: readonly PinnedCertificate[]): Problem[] {
  return checkSealed(server, sealed, known).map((problem) => problem.as('warning'));
}

/** What a program may know of a sealed value; its text is in the file. */
export function placeOf({ scope, namespace, name, certSha256, sealedOn }: SealedValue) {
  return { scope, namespace, name, certSha256, sealedOn };
}

function sentence(
  key: string,
  { scope, namespace, name }: SealedValue,
  isKept: boolean,
  replaces: string | undefined,
  length: number,
  { sha256, isSample }: PinnedCertificate,
  { name: server, sealedFile }: SealedOwner,
): string {
  if (isKept) return `✓ ${key} of ${server} is the value that is sealed already; its ciphertext is kept`;
  return [
    `✓ ${key} of ${server} is sealed: ${byteCount(length)}, ${scope}, for ${namespace}/${name}`,
    `  under ${sha256.slice(0, 16)}…${isSample ? ' (sample)' : ''}, in ${sealedFile}`,
    ...(replaces === undefined ? [] : [`  replaces the value sealed on ${replaces}${afterReplacing(key)}`]),
    '  next  npm run synth',
  ].join('\n');
}

/** Of all secrets, somebody else than the worker has the worker secret alone. */
function afterReplacing(key: string): string {
  if (key !== contract.env.secret) return '';
  return '; the engine still has the old one: --rotate changes it without an outage';
}
