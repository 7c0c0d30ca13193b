import type { KeyObject } from 'node:crypto';
import type { Problem } from '../../model/problem';
import { labelOf, type SealedReading, type SealedValue, sealedKeys } from '../../model/sealed';
import { checkSealed, type SealedFor } from './check-sealed';
import { open } from './open';
import type { PinnedCertificate } from './pinned';

/** One line of the status: a sealed value, or one that is missing. */
export interface StatusRow {
  readonly server: string;
  readonly key: string;
  readonly scope: string;
  /** `pinned`, `retired`, `sample` or `unknown`, with the start of the fingerprint; empty without a value. */
  readonly certificate: string;
  /** Whole days since it was sealed; undefined without a value. */
  readonly ageDays: number | undefined;
  /** Whether a private key opens it; undefined when none was given. */
  readonly isOpened: boolean | undefined;
  /** The codes of what is wrong. */
  readonly codes: readonly string[];
}

/** What is to be told about one server. */
export interface StatusOf extends SealedReading {
  readonly server: SealedFor;
}

/**
 * Every sealed value of some servers, and everything that is wrong with them.
 * @param privateKeys opens each value with them too; nothing is shown of what is inside
 */
export function sealedStatus(
  all: readonly StatusOf[],
  certificates: readonly PinnedCertificate[],
  now: Date,
  privateKeys: readonly KeyObject[] = [],
): { rows: StatusRow[]; problems: Problem[] } {
  const found = all.map(({ server, sealed, problems }) => {
    // An entry that could not be read is reported as that, not as missing too.
    const unread = new Set(problems.map(({ path }) => path));
    const more = checkSealed(server, sealed, certificates).filter(
      ({ code, path }) => !(code === 'SEAL-MISSING' && (unread.has(path) || unread.has(undefined))),
    );
    return { server, sealed, problems: [...problems, ...more] };
  });
  const rows = found.flatMap(({ server, sealed, problems }) => {
    const named = problems.flatMap(({ path }) => path ?? []);
    const keys = new Set([...sealedKeys(server, sealed), ...sealed.keys(), ...named]);
    return [...keys].sort().map((key) => {
      const codes = problems.filter(({ path }) => path === key || path === undefined).map(({ code }) => code);
      return statusRow(server, key, sealed.get(key), codes, certificates, now, privateKeys);
    });
  });
  return { rows, problems: found.flatMap(({ problems }) => problems) };
}

function statusRow(
  server: SealedFor,
  key: string,
  value: SealedValue | undefined,
  codes: readonly string[],
  certificates: readonly PinnedCertificate[],
  now: Date,
  privateKeys: readonly KeyObject[],
): StatusRow {
  const isOpened = value === undefined || privateKeys.length === 0 ? undefined : opens(value, privateKeys);
  return {
    server: server.name,
    key,
    scope: value?.scope ?? '',
    certificate: value === undefined ? '' : described(value.certSha256, certificates),
    ageDays: value === undefined ? undefined : Math.floor((now.getTime() - Date.parse(value.sealedOn)) / dayMs),
    isOpened,
    codes: isOpened === false ? [...codes, 'SEAL-OPEN'] : codes,
  };
}

function opens(value: SealedValue, privateKeys: readonly KeyObject[]): boolean {
  const opened = open(value.ciphertext, privateKeys, labelOf(value));
  if (opened.ok) opened.plaintext.fill(0);
  return opened.ok;
}

function described(sha256: string, certificates: readonly PinnedCertificate[]): string {
  const certificate = certificates.find((known) => known.sha256 === sha256);
  const { isSample = false, isRetired = false } = certificate ?? {};
  const word = certificate === undefined ? 'unknown' : isSample ? 'sample' : isRetired ? 'retired' : 'pinned';
  return `${word} ${sha256.slice(0, 8)}`;
}

const dayMs = 24 * 60 * 60 * 1000;
