import { createPrivateKey, randomBytes } from 'node:crypto';
import { type Manifest, render } from '../../charts/render';
import { readCertificate } from '../../gitops/seal/certificate';
import { sealValue } from '../../gitops/seal/seal-value';
import { Secret } from '../../gitops/seal/secret';
import keys from '../../gitops/seal/vectors/keys.throwaway.json';
import { labelOf, type Scope, scopeFromAnnotations } from '../../model/scope';
import { readSealed, type Sealed, sealedText } from '../../model/sealed';
import { serverList } from '../../model/servers';
import { testPlatform as platform } from '../../testing/fixtures';
import { open } from '../../testing/open-sealed';

/** The kinds of values that a secret can hold. */
export const values: ReadonlyMap<string, Buffer> = new Map([
  ['TEXT', Buffer.from('a value, grün\n')],
  ['BINARY', Buffer.from(Array.from({ length: 256 }, (_, at) => at))],
  ['EMPTY', Buffer.alloc(0)],
  ['LARGE', randomBytes(64 * 1024)],
]);

const [server] = serverList(
  [
    {
      name: 'test-server',
      entry: { team: 'infra', image: 'example.com/test-server:1.0.0', secrets: [...values.keys()] },
    },
  ],
  [platform],
).servers;
if (server === undefined) throw new Error('the test server is not valid');

/** The server whose secret is sealed. */
export const testServer = server;

const [pair] = keys.keys;
if (pair === undefined) throw new Error('the vectors hold no key');

/** A throwaway key of 4096 bits with its certificate. */
export const throwaway = { certPem: pair.certPem, privateKeyPem: pair.privateKeyPkcs8Pem };

/** All values, sealed by us in one scope, after a way through the text of a sealed file. */
export function sealedByUs(scope: Scope, certPem: string): Sealed {
  const certificate = { ...readCertificate(certPem, 'cert.pem'), file: 'cert.pem', isSample: false, isRetired: false };
  const sealing = { server: testServer, scope, certificate, today: '2026-11-23' };
  const sealed = new Map(
    [...values].map(([key, value]) => [key, sealValue({ ...sealing, secret: new Secret(value) })]),
  );
  return throughFile(sealed);
}

/** Somebody else's ciphertexts as entries of a sealed file. */
export function carriedOver(scope: Scope, certPem: string, ciphertexts: ReadonlyMap<string, string>): Sealed {
  const entry = {
    scope,
    namespace: testServer.namespace,
    certSha256: readCertificate(certPem, 'cert.pem').sha256,
    sealedOn: '2026-11-23',
  };
  const entries = [...ciphertexts].map(([key, ciphertext]) => [key, { ...entry, ciphertext }]);
  const { sealed, problems } = readSealed(JSON.stringify(Object.fromEntries(entries)), 'sealed.json', testServer);
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('\n'));
  return throughFile(sealed);
}

/** The SealedSecret as `npm run synth` renders it: object and text. */
export function renderedSecret(sealed: Sealed): { object: Manifest; text: string } {
  const file = render(testServer, sealed).find(({ name }) => name === 'sealedsecret.yaml');
  const [object] = file?.objects ?? [];
  if (file === undefined || object === undefined) throw new Error('no SealedSecret was rendered');
  return { object, text: file.text };
}

/** What each key of a SealedSecret opens to, the way the controller goes about it; the reason where it does not. */
export function openedByUs(object: Pick<Manifest, 'metadata'> & { spec?: unknown }): Map<string, Buffer | string> {
  const { name, namespace = '', annotations = {} } = object.metadata;
  const label = labelOf({ scope: scopeFromAnnotations(annotations), namespace, name });
  // The caller has the object from the renderer or from kubeseal, whose form the schema has checked.
  const { encryptedData } = object.spec as { encryptedData: Record<string, string> };
  const privateKeys = [createPrivateKey(throwaway.privateKeyPem)];
  return new Map(
    Object.entries(encryptedData).map(([key, ciphertext]) => {
      const opened = open(ciphertext, privateKeys, label);
      return [key, opened.ok ? opened.plaintext : opened.why];
    }),
  );
}

/** The object with other metadata. */
export function withMetadata(object: Manifest, changes: Partial<Manifest['metadata']>): Manifest {
  return { ...object, metadata: { ...object.metadata, ...changes } };
}

/** The object with the sealed bytes of TEXT changed. */
export function withBytes(object: Manifest, change: (bytes: Buffer) => Buffer): Manifest {
  // The object comes from our own renderer, whose form the schema has checked.
  const spec = object.spec as { encryptedData: Record<string, string> };
  const changed = change(Buffer.from(spec.encryptedData.TEXT ?? '', 'base64')).toString('base64');
  return { ...object, spec: { ...spec, encryptedData: { ...spec.encryptedData, TEXT: changed } } };
}

/** The bytes with one bit changed. */
export function flip(bytes: Buffer, at: number): Buffer {
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes;
}

function throughFile(sealed: Sealed): Sealed {
  const reading = readSealed(sealedText(sealed), 'sealed.json', testServer);
  if (reading.problems.length > 0) throw new Error(reading.problems.map(({ message }) => message).join('\n'));
  return reading.sealed;
}
