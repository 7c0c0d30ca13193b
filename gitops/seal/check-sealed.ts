import { envelopeBytes, splitEnvelope } from '../../model/envelope';
import { Problem, type ProblemCode, type ProblemLevel } from '../../model/problem';
import { defaultScope, strictReason } from '../../model/scope';
import {
  firstSealCommand,
  isRotated,
  type Sealable,
  type Sealed,
  type SealedOwner,
  type SealedValue,
  sealCommand,
  sealedKeys,
} from '../../model/sealed';
import type { Server } from '../../model/spec';
import { contract } from '../../worker/contract';
import { sampleSha256 } from './certificate';
import type { KnownCertificate, PinnedCertificate } from './pinned';

const { secret, previousSecret } = contract.env;

/** The part of a server that the check needs. */
export type SealedFor = SealedOwner & Pick<Server, 'namespace' | 'secrets'>;

/** A certificate of another platform, and the platform's name. */
export type OtherCertificate = Pick<PinnedCertificate, 'sha256' | 'isSample'> & { readonly platform: string };

/**
 * Checks sealed values as far as possible without the private key. Finds the most common failure in a cluster, "no key could
 * decrypt secret", before the commit.
 * @param known the accepted certificates, pinned and retired
 * @param others the certificates of other platforms, to name the platform that a foreign value was sealed for
 */
export function checkSealed(
  server: SealedFor,
  sealed: Sealed,
  known: readonly KnownCertificate[],
  others: readonly OtherCertificate[] = [],
): Problem[] {
  const keys = sealedKeys(server, sealed);
  const problems = keys.flatMap((key) => {
    const value = sealed.get(key);
    if (value !== undefined) return checkValue(server, key, value, sealed, known, others);
    const message = `Cannot render the secret of "${server.name}": ${key} has no sealed value`;
    const { name, flag } = server.platform;
    const instead = flag === '' ? '' : `; or list the platforms it runs on, without "${name}", under platforms`;
    return [sealProblem('SEAL-MISSING', server, key, message, `${firstSealCommand(server, key)}${instead}`)];
  });
  const unused = [...sealed.keys()].filter((key) => !keys.includes(key));
  return [...problems, ...checkScopes(server, keys, sealed), ...unused.map((key) => unusedProblem(server, key))];
}

/** How to seal a value again. It cannot be read from what is sealed; of a worker secret, the engine has the same value. */
function againCommand(server: Sealable, key: string, sealed: Sealed): string {
  const first = endRotation(server, [key], sealed);
  const again = `${first}seal it again with the same value (--from-file <path>): ${sealCommand(server, key)}`;
  if (key !== secret) return again;
  return `${again}; if it is lost, use --generate instead, and give the engine the new one`;
}

/** What must come before one of these keys can be sealed again, with a semicolon; empty if nothing must. */
function endRotation(server: Sealable, keys: readonly string[], sealed: Sealed): string {
  if (!keys.some((key) => isRotated(key, sealed))) return '';
  const abandon = `${sealCommand(server, secret, 'abandon')} if the engine uses the previous value`;
  const drop = `${sealCommand(server, previousSecret, 'drop')} if it uses the new one`;
  return `first end the rotation: ${abandon}, ${drop}; then `;
}

/** A problem with one sealed value. */
export function sealProblem(
  code: ProblemCode,
  { sealedFile: file }: SealedOwner,
  path: string,
  message: string,
  fix: string,
  level: ProblemLevel = 'error',
): Problem {
  return new Problem(code, message, { file, path, fix, level });
}

function checkValue(
  server: SealedFor,
  key: string,
  value: SealedValue,
  sealed: Sealed,
  known: readonly KnownCertificate[],
  others: readonly OtherCertificate[],
): Problem[] {
  const fix = againCommand(server, key, sealed);
  const refused = (code: ProblemCode, reason: string, how = fix) =>
    sealProblem(code, server, key, `Cannot use the sealed value "${key}": ${reason}`, how);
  const problems: Problem[] = [];
  if (value.scope === 'strict') problems.push(refused('SEAL-SCOPE', `its scope is strict, and ${strictReason}`));
  if (value.namespace !== server.namespace) {
    const found = `it was sealed for the namespace "${value.namespace}", but the object is in "${server.namespace}"`;
    problems.push(refused('SEAL-LABEL', found));
  }
  const certificate = known.find(({ sha256 }) => sha256 === value.certSha256);
  if (certificate === undefined) {
    const listed = known.map(({ sha256 }) => sha256.slice(0, 16)).join(', ');
    const whose = ownerOf(value.certSha256, server, others);
    const reason = `its certificate ${value.certSha256.slice(0, 16)}… ${whose ?? 'is not a certificate of this cluster'} (${listed})`;
    const retired = whose === undefined ? '; or list its certificate under retiredCertificates' : '';
    return [...problems, refused('CERT-PIN', reason, `${fix}${retired}`)];
  }
  const { modulus } = certificate;
  const reason = modulus && formProblem(value.ciphertext, modulus);
  if (reason !== undefined) problems.push(refused('SEAL-FORM', reason));
  if (certificate.isSample) problems.push(sampleProblem(server, key, sealed));
  return problems;
}

/** Whose certificate it is, as part of a sentence. Undefined if that is unknown: it may be one that the cluster had before. */
function ownerOf(found: string, { platform }: SealedFor, others: readonly OtherCertificate[]): string | undefined {
  const foreign = others.find(({ sha256 }) => sha256 === found);
  // Every platform has the sample until it pins its own.
  if (found === sampleSha256 || foreign?.isSample) return `is the sample certificate, not one of "${platform.name}"`;
  return foreign && `belongs to "${foreign.platform}", not to "${platform.name}"`;
}

function formProblem(ciphertext: string, modulus: Buffer): string | undefined {
  const envelope = splitEnvelope(ciphertext);
  if (typeof envelope === 'string') return `it is ${envelope.replace('-', ' ')}`;
  const { wrappedKey, aesPart } = envelope;
  if (wrappedKey.length !== modulus.length) {
    return `its key part has ${wrappedKey.length} bytes, the certificate's modulus ${modulus.length}`;
  }
  if (wrappedKey.compare(modulus) >= 0) return 'its key part is not smaller than the modulus of the certificate';
  return aesPart.length < envelopeBytes.tag ? 'it is too short' : undefined;
}

function unusedProblem(server: SealedFor, key: string): Problem {
  const message = `The sealed value "${key}" is not among the secrets of "${server.name}"`;
  const drop = sealCommand(server, key, 'drop');
  const fix = `list it under secrets in servers/${server.name}/server.ts, or drop it: ${drop}`;
  return sealProblem('SEAL-UNUSED', server, key, message, fix, 'warning');
}

function sampleProblem(server: SealedFor, key: string, sealed: Sealed): Problem {
  const message = `The sealed value "${key}" is sealed under the sample certificate: no cluster can open it`;
  const fetch = `npm run seal -- fetch-cert <url or file>${server.platform.flag}`;
  // No pod has read a value that no cluster can decrypt: a worker secret may as well be a new one, without a rotation.
  const drop = isRotated(key, sealed) ? sealCommand(server, previousSecret, 'drop') : undefined;
  const seal = key === previousSecret ? undefined : firstSealCommand(server, key);
  const fix = [`pin the cluster's own: ${fetch}`, drop, seal].filter(Boolean).join('; then ');
  return sealProblem('SEAL-SAMPLE', server, key, message, fix, 'delivery');
}

function checkScopes(server: SealedFor, keys: readonly string[], sealed: Sealed): Problem[] {
  const scopeOf = (key: string) => sealed.get(key)?.scope;
  // A strict value already has its own problem.
  const found = [...new Set(keys.flatMap((key) => scopeOf(key) ?? []))].filter((scope) => scope !== 'strict');
  if (found.length < 2) return [];
  const listed = found.map((scope) => `${scope}: ${keys.filter((key) => scopeOf(key) === scope).join(', ')}`);
  const { name, sealedFile: file } = server;
  const message = `Cannot put the sealed values of "${name}" into one object: scopes differ (${listed.join('; ')})`;
  const again = keys.filter((key) => sealed.has(key) && scopeOf(key) !== defaultScope);
  const commands = again.map((key) => sealCommand(server, key)).join('; ');
  return [
    new Problem('SEAL-MIXED', message, {
      file,
      fix: `${endRotation(server, again, sealed)}seal again every value that is not ${defaultScope}: ${commands}`,
    }),
  ];
}
