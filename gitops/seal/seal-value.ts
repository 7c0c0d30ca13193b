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

/** A value to seal. */
export interface Sealing {
  readonly server: Pick<Server, 'namespace'>;
  readonly secret: Secret;
  readonly scope: Scope;
  readonly certificate: Pick<Certificate, 'publicKey' | 'sha256'>;
  /** The UTC date, as YYYY-MM-DD. */
  readonly today: string;
}

/** Seals a value for the SealedSecret of its server. */
export function sealValue({ server, secret, scope, certificate, today }: Sealing): SealedValue {
  const destination = { scope, namespace: server.namespace };
  const ciphertext = seal(secret.reveal(), certificate, labelOf(destination));
  return { ciphertext, ...destination, certSha256: certificate.sha256, sealedOn: today };
}

/** A new value, with everything needed to write it. */
export interface NewValue extends Pick<Sealing, 'secret' | 'scope'> {
  readonly server: Server;
  readonly key: string;
  readonly certificates: ReturnType<typeof certificatesOf>;
  /** The file as it was read when the change was decided. */
  readonly file: SealedFile;
  /** The existing values to keep. */
  readonly kept: Sealed;
  /** Where a generated value is handed out. @default - the user supplied the value */
  readonly outlet: Outlet | undefined;
}

/**
 * Seals a value, writes it together with the kept ones, and hands it out if it was generated. Wipes the plaintext.
 * @returns the sealed value without its ciphertext, for `--json`; and the server's remaining problems as warnings
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
    const remaining = checkSealed(server, after, certificates.known).map((problem): Problem => problem.as('warning'));
    const { ciphertext: _, ...place } = value;
    return { place, warnings: [...certificates.warnings, ...remaining] };
  } finally {
    secret.wipe();
  }
}

/** The total plaintext size of sealed values, in bytes, derived from the length of their ciphertext. */
export function plaintextBytesOf(sealed: Sealed): number {
  return [...sealed.values()].reduce((bytes, { ciphertext }) => {
    const envelope = splitEnvelope(ciphertext);
    return bytes + (typeof envelope === 'string' ? 0 : envelope.aesPart.length - envelopeBytes.tag);
  }, 0);
}
