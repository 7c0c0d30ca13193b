import { envelopeBytes, splitEnvelope } from '../../model/envelope';
import type { Problem } from '../../model/problem';
import { labelOf, type Scope } from '../../model/scope';
import type { Sealed, SealedValue } from '../../model/sealed';
import type { Server } from '../../model/spec';
import { type Certificate, day } from './certificate';
import { checkSealed } from './check-sealed';
import { handOut, type Outlet } from './plaintext-out';
import { seal } from './seal';
import type { certificatesOf, SealWorld } from './seal-world';
import { type SealedFile, writeSealedFile } from './sealed-file';
import type { Secret } from './secret';

/** One value on its way to the sealed file. */
export interface Sealing {
  readonly server: Pick<Server, 'namespace'>;
  readonly secret: Secret;
  readonly scope: Scope;
  readonly certificate: Pick<Certificate, 'publicKey' | 'sha256'>;
  /** The day, UTC, as YYYY-MM-DD. */
  readonly today: string;
}

/** Seals one value for the object of its server. */
export function sealValue({ server, secret, scope, certificate, today }: Sealing): SealedValue {
  const destination = { scope, namespace: server.namespace };
  const ciphertext = seal(secret.reveal(), certificate, labelOf(destination));
  return { ciphertext, ...destination, certSha256: certificate.sha256, sealedOn: today };
}

/** A new value, and what is beside it. */
export interface NewValue extends Pick<Sealing, 'secret' | 'scope'> {
  readonly server: Server;
  readonly key: string;
  readonly certificates: ReturnType<typeof certificatesOf>;
  /** The file that the change was decided on. */
  readonly file: SealedFile;
  /** The values of it that stay. */
  readonly kept: Sealed;
  /** Where a person finds the value. Undefined when a person gave it. */
  readonly outlet: Outlet | undefined;
}

/**
 * Seals a value, writes it beside those that stay, and hands it out if it was generated. The plaintext is gone afterwards.
 * @returns what a program may know of the sealed value; and as warnings what is still wrong with the values of the server
 * @throws Problem SEAL-WRITE or SECRET-OUTPUT
 */
export function writeValue(fresh: NewValue, world: SealWorld) {
  const { server, key, secret, certificates, outlet } = fresh;
  try {
    const value = sealValue({ ...fresh, certificate: certificates.pinned, today: day(world.now) });
    const after = new Map([...fresh.kept, [key, value]]);
    const write = () => writeSealedFile(world.root, server, fresh.file, after);
    if (outlet === undefined) write();
    else handOut(secret, outlet, world, write);
    const leftToDo = checkSealed(server, after, certificates.known).map((problem): Problem => problem.as('warning'));
    const { ciphertext: _, ...place } = value;
    return { place, warnings: [...certificates.warnings, ...leftToDo] };
  } finally {
    secret.wipe();
  }
}

/** How many bytes of plaintext some sealed values hold together; their length is all that can be known of them. */
export function plaintextBytesOf(sealed: Sealed): number {
  return [...sealed.values()].reduce((bytes, { ciphertext }) => {
    const envelope = splitEnvelope(ciphertext);
    return bytes + (typeof envelope === 'string' ? 0 : envelope.aesPart.length - envelopeBytes.tag);
  }, 0);
}
