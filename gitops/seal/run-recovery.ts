import { Problem } from '../../model/problem';
import { labelOf, type SealedOwner, type SealedValue, sealCommand } from '../../model/sealed';
import { open } from './open';
import { byteCount } from './plaintext';
import { checkPlaintextPath, writePlaintext } from './plaintext-out';
import { readPrivateKeys } from './private-keys';
import type { RequestOf } from './request';
import { answer, type SealWorld, serverOf } from './seal-world';
import { Secret } from './secret';
import { readSealedFile } from './store';

/** Opens one value into a new file that only its owner can read: for the day when the cluster is gone. */
export async function runRecovery(request: RequestOf<'recover'>, world: SealWorld): Promise<number> {
  const { key, plaintextOut } = request;
  const server = serverOf(request.server, world);
  const path = checkPlaintextPath(plaintextOut);
  const value = readSealedFile(world.root, server).sealed.get(key);
  if (value === undefined) {
    throw new Problem(
      'SEAL-MISSING',
      `Cannot open ${key} of "${server.name}": it has no sealed value that can be read`,
      {
        file: server.sealedFile,
        path: key,
        fix: 'look at npm run seal -- --status',
      },
    );
  }
  const secret = openValue(server, key, value, request.privateKeyFiles);
  try {
    writePlaintext(path, secret);
    const bytes = secret.reveal().length;
    answer(
      world,
      { server: server.name, key, bytes },
      `✓ ${key} of ${server.name} is opened: ${byteCount(bytes)} in ${plaintextOut}`,
    );
    return 0;
  } finally {
    secret.wipe();
  }
}

/** A sealed value's plaintext. @throws Problem SEAL-OPEN when none of the private keys opens it */
export function openValue(
  server: SealedOwner,
  key: string,
  value: SealedValue,
  privateKeyFiles: readonly string[],
): Secret {
  const opened = open(value.ciphertext, privateKeyFiles.flatMap(readPrivateKeys), labelOf(value));
  if (opened.ok) return new Secret(opened.plaintext);
  const reason = opened.why === 'tampered' ? 'it has been altered' : 'no key fits, or it was sealed for another object';
  throw new Problem('SEAL-OPEN', `Cannot open ${key} of "${server.name}": ${reason}`, {
    file: server.sealedFile,
    path: key,
    fix: `give the key of the certificate ${value.certSha256.slice(0, 16)}…, or seal it again: ${sealCommand(server.name, key)}`,
  });
}
