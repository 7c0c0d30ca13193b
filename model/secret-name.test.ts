import { testSealed, testServer } from '../testing/fixtures';
import { secretNameOf, withoutDigits } from './secret-name';

const server = testServer({ secrets: ['API_KEY'] });
const sealed = testSealed(server);
const name = secretNameOf(server, sealed);

test('the name follows from what is sealed: from its keys, values and scope, in whatever order, and from nothing else', () => {
  expect(name).toMatch(/^test-server-worker-secret-[0-9a-f]{10}$/);
  expect(secretNameOf(server, new Map([...sealed].reverse()))).toBe(name);
  expect(secretNameOf(server, testSealed(server, { sealedOn: '2026-02-02', certSha256: '1'.repeat(64) }))).toBe(name);
  expect(secretNameOf(server, testSealed(server, { scope: 'cluster-wide' }))).not.toBe(name);
  expect(secretNameOf(testServer(), sealed)).not.toBe(name);
});

test('a value that is not among the secrets of the server is in no Secret, and in no name', () => {
  const stray = testSealed(testServer({ secrets: ['STRAY'] }));
  expect(secretNameOf(server, new Map([...stray, ...sealed]))).toBe(name);
});

test('the previous value of a rotation belongs to the Secret, so the name changes when it comes and when it goes', () => {
  const previous = testSealed({ ...server, secrets: ['ARCADE_WORKER_SECRET_PREVIOUS'] });
  expect(secretNameOf(server, new Map([...sealed, ...previous]))).not.toBe(name);
});

test('the longest name of a server leaves room for it', () => {
  const longest = testServer({ image: 'registry.example.com/a:1.0.0' }, 'a'.repeat(53));
  expect(secretNameOf(longest, testSealed(longest)).length).toBeLessThanOrEqual(253);
});

test('texts in which nothing but a value has changed are the same without the digits', () => {
  expect(withoutDigits(`name: ${name}\n`)).toBe('name: test-server-worker-secret-…\n');
  expect(withoutDigits('name: test-server-worker-secret-0123456789a test-server-worker-secret')).toBe(
    'name: test-server-worker-secret-0123456789a test-server-worker-secret',
  );
});
