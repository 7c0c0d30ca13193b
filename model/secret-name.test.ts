import { testSealed, testServer } from '../testing/fixtures';
import { secretNameOf, withoutSecretHash } from './secret-name';

const server = testServer({ secrets: ['API_KEY'] });
const sealed = testSealed(server);
const name = secretNameOf(server, sealed);

test('derives the name only from the sealed keys, values and scopes, whatever their order', () => {
  expect(name).toMatch(/^test-server-worker-secret-[0-9a-f]{10}$/);
  expect(secretNameOf(server, new Map([...sealed].reverse()))).toBe(name);
  expect(secretNameOf(server, testSealed(server, { sealedOn: '2026-02-02', certSha256: '1'.repeat(64) }))).toBe(name);
  expect(secretNameOf(server, testSealed(server, { scope: 'cluster-wide' }))).not.toBe(name);
  expect(secretNameOf(testServer(), sealed)).not.toBe(name);
});

test('ignores sealed values that the server does not declare', () => {
  const stray = testSealed(testServer({ secrets: ['STRAY'] }));
  expect(secretNameOf(server, new Map([...stray, ...sealed]))).toBe(name);
});

test('the name changes when a rotation starts and when it finishes', () => {
  const previous = testSealed({ ...server, secrets: ['ARCADE_WORKER_SECRET_PREVIOUS'] });
  expect(secretNameOf(server, new Map([...sealed, ...previous]))).not.toBe(name);
});

test('the name fits in 253 characters for the longest server name', () => {
  const longest = testServer({ image: 'registry.example.com/a:1.0.0' }, 'a'.repeat(53));
  expect(secretNameOf(longest, testSealed(longest)).length).toBeLessThanOrEqual(253);
});

test('withoutSecretHash removes the hash from the names of Secrets, and from nothing else', () => {
  expect(withoutSecretHash(`name: ${name}\n`)).toBe('name: test-server-worker-secret-…\n');
  expect(withoutSecretHash('name: test-server-worker-secret-0123456789a test-server-worker-secret')).toBe(
    'name: test-server-worker-secret-0123456789a test-server-worker-secret',
  );
});
