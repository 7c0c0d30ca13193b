import assert from 'node:assert/strict';
import type { Manifest } from '../../charts/render';
import { readCertificate } from '../../gitops/seal/certificate';
import { decide } from '../../gitops/seal/decide';
import { type Scope, type Sealed, scopeAnnotations, scopes } from '../../model/sealed';
import { contract } from '../../worker/contract';
import type { Kubeseal } from './kubeseal';
import type { Proof } from './proof';
import { carriedOver, openedByUs, renderedSecret, sealedByUs, testServer, throwaway, values } from './sample';

/** What kubeseal has to say about our sealed values, and we about its own. */
export function kubesealProofs(kubeseal: Kubeseal): Proof[] {
  return [
    ...scopes.map((scope) => ({
      name: `what we seal, kubeseal opens: ${scope}`,
      run: () => bothOpen(kubeseal, renderedSecret(sealedByUs(scope, throwaway.certPem)), values),
    })),
    ...scopes.map((scope) => ({
      name: `what kubeseal --raw seals, we open and carry over: ${scope}`,
      run: () => carriesOver(kubeseal, scope, rawBy(kubeseal, scope)),
    })),
    ...scopes.map((scope) => ({
      name: `whole objects of kubeseal, we open and carry over: ${scope}`,
      run: () => carriesWholeOver(kubeseal, scope),
    })),
    ...damages.map(([name, change]) => ({
      name: `both refuse: ${name}`,
      run: () => bothRefuse(kubeseal, change(strictObject())),
    })),
    {
      name: 'both open a namespace-wide secret under another name, and refuse it in another namespace',
      run: () => {
        const { object } = renderedSecret(sealedByUs('namespace-wide', throwaway.certPem));
        bothOpen(kubeseal, objectAndText(withMetadata(object, { name: 'renamed' })), values);
        bothRefuse(kubeseal, withMetadata(object, { namespace: 'moved' }));
      },
    },
    {
      name: 'both open a cluster-wide secret under another name in another namespace',
      run: () => {
        const { object } = renderedSecret(sealedByUs('cluster-wide', throwaway.certPem));
        bothOpen(kubeseal, objectAndText(withMetadata(object, { name: 'renamed', namespace: 'moved' })), values);
      },
    },
    {
      name: 'a rotation moves a ciphertext to another key, and kubeseal opens both',
      run: () => opensRotated(kubeseal),
    },
  ];
}

function bothOpen(
  kubeseal: Kubeseal,
  { object, text }: { object: Manifest; text: string },
  wanted: ReadonlyMap<string, Buffer>,
): void {
  const secret = kubeseal.unseal(text);
  assert.deepEqual([...Object.keys(secret.data)].sort(), [...wanted.keys()].sort());
  assert.deepEqual(
    [secret.metadata.name, secret.metadata.namespace],
    [object.metadata.name, object.metadata.namespace],
  );
  const opened = openedByUs(object);
  for (const [key, value] of wanted) {
    assert.equal(secret.data[key] ?? '', value.toString('base64'), `kubeseal opened ${key} to other bytes`);
    assert.deepEqual(opened.get(key), value, `we opened ${key} to other bytes`);
  }
}

function bothRefuse(kubeseal: Kubeseal, object: Manifest): void {
  const failed = [...openedByUs(object).values()].filter((opened) => typeof opened === 'string');
  assert.ok(failed.length > 0, 'we opened it');
  assert.throws(
    () => kubeseal.unseal(JSON.stringify(object)),
    /no key could decrypt|illegal base64|error decrypting|unable to|cannot|failed/i,
  );
}

function rawBy(kubeseal: Kubeseal, scope: Scope): ReadonlyMap<string, string> {
  const destination = { scope, namespace: testServer.namespace, name: testServer.secretName };
  return new Map([...values].map(([key, value]) => [key, kubeseal.sealRaw(value, destination)]));
}

function carriesOver(kubeseal: Kubeseal, scope: Scope, ciphertexts: ReadonlyMap<string, string>): void {
  const rendered = renderedSecret(carriedOver(scope, throwaway.certPem, ciphertexts));
  for (const ciphertext of ciphertexts.values())
    assert.ok(rendered.text.includes(ciphertext), 'a ciphertext was changed on the way');
  bothOpen(kubeseal, rendered, values);
}

function carriesWholeOver(kubeseal: Kubeseal, scope: Scope): void {
  const { metadata, spec } = kubeseal.sealObject(values, {
    scope,
    namespace: testServer.namespace,
    name: testServer.secretName,
  });
  assert.deepEqual(metadata.annotations ?? {}, scopeAnnotations(scope), 'kubeseal annotates the scope in another way');
  carriesOver(kubeseal, scope, new Map(Object.entries(spec.encryptedData)));
}

function opensRotated(kubeseal: Kubeseal): void {
  const { secret, previousSecret } = contract.env;
  const sealed = sealedByUs('strict', throwaway.certPem);
  const [text, binary] = [sealed.get('TEXT'), sealed.get('BINARY')];
  assert.ok(text !== undefined && binary !== undefined);
  const known = { ...readCertificate(throwaway.certPem, 'cert.pem'), isSample: false };
  const before = { sealed: new Map([[secret, text]]), problems: [] };
  const kept = decide(testServer, before, { kind: 'rotate', key: secret }, [known]);
  const rotated: Sealed = new Map([...kept, [secret, binary]]);
  const wanted = new Map([
    [previousSecret, values.get('TEXT') ?? Buffer.alloc(0)],
    [secret, values.get('BINARY') ?? Buffer.alloc(0)],
  ]);
  bothOpen(kubeseal, renderedSecret(rotated), wanted);
}

const damages: readonly [name: string, change: (object: Manifest) => Manifest][] = [
  ['a renamed object', (object) => withMetadata(object, { name: 'renamed' })],
  ['an object moved to another namespace', (object) => withMetadata(object, { namespace: 'moved' })],
  [
    'strict values annotated as namespace-wide',
    (object) => withMetadata(object, { annotations: { ...scopeAnnotations('namespace-wide') } }),
  ],
  [
    'strict values annotated as cluster-wide',
    (object) => withMetadata(object, { annotations: { ...scopeAnnotations('cluster-wide') } }),
  ],
  ['a changed length', (object) => withBytes(object, (bytes) => flip(bytes, 1))],
  ['a changed wrapped key', (object) => withBytes(object, (bytes) => flip(bytes, 100))],
  ['a changed value', (object) => withBytes(object, (bytes) => flip(bytes, 515))],
  ['a changed tag', (object) => withBytes(object, (bytes) => flip(bytes, bytes.length - 1))],
  ['a value cut in half', (object) => withBytes(object, (bytes) => bytes.subarray(0, bytes.length / 2))],
];

function strictObject(): Manifest {
  return renderedSecret(sealedByUs('strict', throwaway.certPem)).object;
}

function withMetadata(object: Manifest, changes: Partial<Manifest['metadata']>): Manifest {
  return { ...object, metadata: { ...object.metadata, ...changes } };
}

/** The object with the sealed bytes of TEXT changed. */
export function withBytes(object: Manifest, change: (bytes: Buffer) => Buffer): Manifest {
  // The object comes from our own renderer, whose form the schema has checked.
  const spec = object.spec as { encryptedData: Record<string, string> };
  const changed = change(Buffer.from(spec.encryptedData.TEXT ?? '', 'base64')).toString('base64');
  return { ...object, spec: { ...spec, encryptedData: { ...spec.encryptedData, TEXT: changed } } };
}

export function flip(bytes: Buffer, at: number): Buffer {
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes;
}

function objectAndText(object: Manifest) {
  return { object, text: JSON.stringify(object) };
}
