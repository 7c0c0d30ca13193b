import { envelopeBytes, splitEnvelope } from '../../model/envelope';
import { Problem } from '../../model/problem';
import {
  type Destination,
  type Sealed,
  type SealedOwner,
  type SealedValue,
  sealCommand,
  sealedKeys,
} from '../../model/sealed';
import type { Certificate } from './certificate';

/** What the check wants to know of a server. */
export interface SealedFor extends SealedOwner {
  readonly namespace: string;
  readonly secretName: string;
  readonly secrets: readonly string[];
}

/** A certificate that sealed values may be under: the pinned one or one that was. */
export interface KnownCertificate extends Pick<Certificate, 'sha256' | 'modulus'> {
  /** Whether it is the one that ships for the first run, whose private key nobody has. */
  readonly isSample: boolean;
}

/**
 * Everything that can be known of sealed values without a private key, so that the commonest failure in a cluster, "no key
 * could decrypt secret", is found before the commit.
 * @param certificates the pinned one and the retired ones
 */
export function checkSealed(server: SealedFor, sealed: Sealed, certificates: readonly KnownCertificate[]): Problem[] {
  const keys = sealedKeys(server, sealed);
  const problems = keys.flatMap((key) => {
    const value = sealed.get(key);
    return value === undefined ? [missing(server, key)] : checkValue(server, key, value, certificates);
  });
  const unused = [...sealed.keys()].filter((key) => !keys.includes(key)).map((key) => unusedProblem(server, key));
  return [...problems, ...checkScopes(server, keys, sealed), ...unused];
}

function checkValue(
  server: SealedFor,
  key: string,
  value: SealedValue,
  certificates: readonly KnownCertificate[],
): Problem[] {
  const where = { file: server.sealedFile, path: key };
  const fix = `seal it again: ${sealCommand(server.name, key)}`;
  const problems: Problem[] = [];
  const wanted = { scope: value.scope, namespace: server.namespace, name: server.secretName };
  if (value.namespace !== wanted.namespace || value.name !== wanted.name) {
    const message = `Cannot use the sealed value "${key}": it was sealed for ${described(value)} and the object is ${described(wanted)}`;
    problems.push(new Problem('SEAL-LABEL', message, { ...where, fix }));
  }
  const certificate = certificates.find(({ sha256 }) => sha256 === value.certSha256);
  if (certificate === undefined) {
    const known = certificates.map(({ sha256 }) => sha256.slice(0, 16)).join(', ');
    const message = `Cannot use the sealed value "${key}": its certificate ${value.certSha256.slice(0, 16)}… is not one of this cluster (${known})`;
    problems.push(
      new Problem('CERT-PIN', message, { ...where, fix: `${fix}; or name its certificate under retiredCertificates` }),
    );
  } else {
    const reason = formProblem(value.ciphertext, certificate.modulus);
    if (reason !== undefined) {
      problems.push(new Problem('SEAL-FORM', `Cannot use the sealed value "${key}": ${reason}`, { ...where, fix }));
    }
    if (certificate.isSample) problems.push(sample(key, where));
  }
  return problems;
}

function formProblem(ciphertext: string, modulus: Buffer): string | undefined {
  const envelope = splitEnvelope(ciphertext);
  if (typeof envelope === 'string') return `it is ${envelope.replace('-', ' ')}`;
  const { wrappedKey, aesPart } = envelope;
  if (wrappedKey.length !== modulus.length) {
    return `its key part has ${wrappedKey.length} bytes and the certificate's modulus ${modulus.length}`;
  }
  if (wrappedKey.compare(modulus) >= 0) return 'its key part is not smaller than the modulus of the certificate';
  return aesPart.length < envelopeBytes.tag ? 'it is too short' : undefined;
}

function missing(server: SealedFor, key: string): Problem {
  return new Problem('SEAL-MISSING', `Cannot render the secret of "${server.name}": ${key} has no sealed value`, {
    file: server.sealedFile,
    path: key,
    fix: sealCommand(server.name, key),
  });
}

function unusedProblem(server: SealedFor, key: string): Problem {
  return new Problem('SEAL-UNUSED', `The sealed value "${key}" is not among the secrets of "${server.name}"`, {
    file: server.sealedFile,
    path: key,
    fix: `name it under secrets in servers/${server.name}/server.ts, or drop it: ${sealCommand(server.name, key, 'drop')}`,
    level: 'warning',
  });
}

function sample(key: string, where: { file: string; path: string }): Problem {
  const message = `The sealed value "${key}" is under the sample certificate: no cluster can open it`;
  const fix = 'pin the certificate of the cluster (npm run seal -- fetch-cert <url>), then seal the value again';
  return new Problem('SEAL-SAMPLE', message, { ...where, fix, level: 'delivery' });
}

function checkScopes(server: SealedFor, keys: readonly string[], sealed: Sealed): Problem[] {
  const byScope = new Map<string, string[]>();
  for (const key of keys) {
    const scope = sealed.get(key)?.scope;
    if (scope !== undefined) byScope.set(scope, [...(byScope.get(scope) ?? []), key]);
  }
  if (byScope.size < 2) return [];
  const listed = [...byScope].map(([scope, names]) => `${scope}: ${names.join(', ')}`).join('; ');
  return [
    new Problem(
      'SEAL-MIXED',
      `Cannot put the sealed values of "${server.name}" into one object: scopes differ (${listed})`,
      {
        file: server.sealedFile,
        fix: 'seal all keys again in one scope',
      },
    ),
  ];
}

function described({ scope, namespace, name }: Destination): string {
  return `"${namespace}/${name}" (${scope})`;
}
