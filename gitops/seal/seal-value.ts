import { envelopeBytes, splitEnvelope } from '../../model/envelope';
import { Problem } from '../../model/problem';
import { labelOf, type Scope, type Sealed, type SealedValue, sealCommand, sealedKeys } from '../../model/sealed';
import type { SealedFor } from './check-sealed';
import type { PinnedCertificate } from './pinned';
import { isSameCheck, keyedCheck } from './same-value';
import { seal } from './seal';
import type { Secret } from './secret';

/** One value on its way to the sealed file. */
export interface Sealing {
  readonly server: SealedFor;
  readonly key: string;
  readonly secret: Secret;
  readonly scope: Scope;
  readonly certificate: PinnedCertificate;
  /** The day, UTC, as YYYY-MM-DD. */
  readonly today: string;
  /** Lets the same value be recognised later. @default - no check is stored, and every seal makes a new ciphertext */
  readonly checkKey?: Buffer | undefined;
}

/** Seals one value for the object of its server. */
export function sealValue({ server, key, secret, scope, certificate, today, checkKey }: Sealing): SealedValue {
  const destination = { scope, namespace: server.namespace, name: server.secretName };
  const certSha256 = certificate.sha256;
  const plaintext = secret.reveal();
  const check = checkKey && keyedCheck(checkKey, { ...destination, certSha256, key, plaintext });
  return {
    ciphertext: seal(plaintext, certificate, labelOf(destination)),
    ...destination,
    certSha256,
    sealedOn: today,
    ...(check === undefined ? {} : { check }),
  };
}

/** The values with one more; the very same object when the check says that it is the same value as before. */
export function withValue(sealed: Sealed, key: string, value: SealedValue): Sealed {
  const before = sealed.get(key)?.check;
  if (before !== undefined && value.check !== undefined && isSameCheck(before, value.check)) return sealed;
  return new Map([...sealed, [key, value]]);
}

/**
 * Refuses a value that could not share an object with the others: another scope, or a certificate of another cluster.
 * @throws Problem SEAL-MIXED
 */
export function checkCompanions(
  { server, key, scope }: Omit<Sealing, 'secret' | 'today'>,
  sealed: Sealed,
  known: readonly { sha256: string }[],
): void {
  for (const other of sealedKeys(server, sealed).filter((name) => name !== key)) {
    const value = sealed.get(other);
    if (value === undefined) continue;
    const isForeign = !known.some(({ sha256 }) => sha256 === value.certSha256);
    if (value.scope === scope && !isForeign) continue;
    const reason = isForeign
      ? `${other} is under a certificate that is not of this cluster`
      : `${key} would be ${scope} and ${other} is ${value.scope}`;
    throw new Problem('SEAL-MIXED', `Cannot put ${key} and ${other} into one object: ${reason}`, {
      file: server.sealedFile,
      path: other,
      fix: `${isForeign ? '' : `use --scope ${value.scope}, or `}drop the other one and seal it again afterwards: ${sealCommand(server.name, other)} --drop`,
    });
  }
}

/** How many bytes of plaintext the other keys of the object hold; told by their length alone. */
export function bytesOfOthers(sealed: Sealed, key: string): number {
  let bytes = 0;
  for (const [other, { ciphertext }] of sealed) {
    const envelope = splitEnvelope(ciphertext);
    if (other !== key && typeof envelope !== 'string') bytes += envelope.aesPart.length - envelopeBytes.tag;
  }
  return bytes;
}
