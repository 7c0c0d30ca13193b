import { createDecipheriv, createPrivateKey, privateDecrypt } from 'node:crypto';
import fc from 'fast-check';
import { splitEnvelope } from '../../model/envelope';
import { labelOf, scopeFromAnnotations, scopeOf, scopes } from '../../model/scope';
import { open } from '../../testing/open-sealed';
import { readCertificate } from './certificate';
import { encrypt, nonce, oaep, seal } from './seal';
import ciphertexts from './vectors/ciphertexts.json';
import invalid from './vectors/invalid.json';
import keys from './vectors/keys.throwaway.json';
import labels from './vectors/labels.json';
import manifests from './vectors/manifests.json';

test.each(ciphertexts.vectors)('$id opens only with its own key and label', (vector) => {
  const { ciphertext, keyId, label, namespace, name } = vector;
  expect(labelOf({ scope: scopeOf(vector.scope), namespace, name })).toBe(label);
  expect(open(ciphertext, allPrivateKeys, label)).toEqual({
    ok: true,
    plaintext: Buffer.from(vector.plaintextBase64, 'base64'),
  });
  const otherKeys = keys.keys.filter(({ id }) => id !== keyId).map(({ id }) => privateKey(id));
  expect(open(ciphertext, otherKeys, label)).toEqual({ ok: false, why: 'wrong-key-or-scope' });
  expect(open(ciphertext, allPrivateKeys, `${label}x`)).toEqual({ ok: false, why: 'wrong-key-or-scope' });
});

test.each(ciphertexts.vectors.filter(({ aesPartHex }) => aesPartHex !== undefined))(
  '$id has the AES part that its session key produces',
  ({ plaintextBase64, sessionKeyHex, aesPartHex, ciphertext, totalLength, rsaCiphertextLength }) => {
    const aesPart = encrypt(Buffer.from(plaintextBase64, 'base64'), Buffer.from(sessionKeyHex, 'hex'));
    expect(aesPart.toString('hex')).toBe(aesPartHex);
    expect(splitEnvelope(ciphertext)).toMatchObject({ aesPart });
    expect(Buffer.from(ciphertext, 'base64')).toHaveLength(totalLength);
    expect(totalLength).toBe(2 + rsaCiphertextLength + aesPart.length);
  },
);

test.each(invalid.vectors)(
  '$id fails to open with the expected reason',
  ({ ciphertext, keyId, label, expect: why }) => {
    expect(open(ciphertext, [privateKey(keyId)], label)).toEqual({ ok: false, why });
  },
);

test("computes kubeseal's labels and rejects a scope without the names it needs", () => {
  expect(labels.vectors.length).toBeGreaterThan(5);
  for (const { scope, namespace, name, label, labelHex } of labels.vectors) {
    expect(labelOf({ scope: scopeOf(scope), namespace, name })).toBe(label);
    expect(Buffer.from(label).toString('hex')).toBe(labelHex);
  }
  expect(labels.mustRefuse.length).toBeGreaterThan(3);
  for (const { scope, namespace, name } of labels.mustRefuse) {
    expect(() => labelOf({ scope: scopeOf(scope), namespace, name })).toThrow(/Cannot seal/);
  }
  for (const { annotations, scope } of labels.annotations) {
    expect(scopeFromAnnotations({ ...annotations })).toBe(scope);
  }
});

test.each(manifests.cases.filter(({ id }) => id !== 'deprecated-data-field'))(
  'the object "$id" opens as it does in the controller',
  ({ manifest, expectSecret, expectError }) => {
    const { metadata, spec } = manifest;
    const annotations = Object.fromEntries(Object.entries(metadata.annotations ?? {}));
    const label = labelOf({
      scope: scopeFromAnnotations(annotations),
      namespace: metadata.namespace,
      name: metadata.name,
    });
    const opened = Object.entries(spec.encryptedData ?? {}).map(
      ([key, ciphertext]) => [key, open(ciphertext, [privateKey(manifests.keyId)], label)] as const,
    );
    expect(opened.length).toBeGreaterThan(0);
    const failed = opened.flatMap(([, result]) => (result.ok ? [] : [result.why]));
    if (expectError !== undefined) expect(failed).toContain(expectError);
    else {
      const data = opened.map(([key, result]) => [key, result.ok ? result.plaintext.toString('base64') : undefined]);
      expect(Object.fromEntries(data)).toEqual(expectSecret?.data);
    }
  },
);

test('a random value in a random scope opens to the same bytes, and only with its own label', () => {
  const { publicKey } = readCertificate(pem('other-cluster'), 'x');
  const key = [privateKey('other-cluster')];
  const value = fc.uint8Array({ maxLength: 64 * 1024, size: 'max' });
  const place = fc.record({
    scope: fc.constantFrom(...scopes),
    namespace: fc.stringMatching(/^[a-z]{1,9}$/),
    name: fc.constant('n'),
  });
  fc.assert(
    fc.property(value, place, (plaintext, destination) => {
      const label = labelOf(destination);
      const ciphertext = seal(plaintext, { publicKey }, label);
      expect(open(ciphertext, key, label)).toEqual({ ok: true, plaintext: Buffer.from(plaintext) });
      expect(open(ciphertext, key, `${label}-other`).ok).toBe(false);
    }),
    { numRuns: 60 },
  );
});

test('uses a new session key each time it seals the same value', () => {
  const certificate = readCertificate(pem('other-cluster'), 'x');
  const all = Array.from({ length: 100 }, () => seal(Buffer.from('same'), certificate, 'a/b'));
  expect(new Set(all).size).toBe(100);
  const sessionKeys = all.map((text) => {
    const envelope = splitEnvelope(text);
    if (typeof envelope === 'string') throw new Error(envelope);
    return privateDecrypt({ ...oaep('a/b'), key: privateKey('other-cluster') }, envelope.wrappedKey).toString('hex');
  });
  expect(new Set(sessionKeys).size).toBe(100);
});

test('leaves the plaintext unchanged and out of the ciphertext', () => {
  const plaintext = Buffer.from('a value that can be recognized');
  const sealed = seal(plaintext, readCertificate(pem('current'), 'x'), 'a/b');
  expect(plaintext.toString()).toBe('a value that can be recognized');
  expect(Buffer.from(sealed, 'base64').includes('recognized')).toBe(false);
  expect(sealed.startsWith('Ag')).toBe(true);
});

test('plain AES-GCM with a zero nonce decrypts the AES part', () => {
  const sessionKey = Buffer.alloc(32, 7);
  const aesPart = encrypt(Buffer.from('x'), sessionKey);
  const reader = createDecipheriv('aes-256-gcm', sessionKey, nonce).setAuthTag(aesPart.subarray(-16));
  expect(Buffer.concat([reader.update(aesPart.subarray(0, -16)), reader.final()]).toString()).toBe('x');
  expect(nonce.equals(Buffer.alloc(12))).toBe(true);
});

function pem(id: string): string {
  return keys.keys.find((key) => key.id === id)?.certPem ?? '';
}

function privateKey(id: string) {
  return createPrivateKey(keys.keys.find((key) => key.id === id)?.privateKeyPkcs8Pem ?? '');
}

const allPrivateKeys = keys.keys.map(({ id }) => privateKey(id));
