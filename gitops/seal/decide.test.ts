import { Problem } from '../../model/problem';
import type { Sealed } from '../../model/sealed';
import { testSealed, testServer } from '../../testing/fixtures';
import { problemsOf } from '../../testing/problems';
import { decide } from './decide';

const server = testServer({ secrets: ['API_KEY'] });
const known = [{ sha256: '0'.repeat(64), modulus: Buffer.alloc(256, 2), isSample: false }];
const sealed = testSealed(server);
const [secret, previous] = ['ARCADE_WORKER_SECRET', 'ARCADE_WORKER_SECRET_PREVIOUS'];
const rotating: Sealed = new Map([...sealed, ...testSealed({ ...server, secrets: [previous] })]);

test('keeps every value except the one that changes', () => {
  const keysAfter = (kind: 'drop' | 'finish' | 'rotate', key: string, values = sealed) =>
    [...decide(server, reading(values), { kind, key }, known).keys()].sort();
  expect([...sealed.keys()].sort()).toEqual(['API_KEY', secret]);
  expect([...decide(server, reading(), { kind: 'set', key: secret, scope: 'namespace-wide' }, known).keys()]).toEqual([
    'API_KEY',
  ]);
  expect(keysAfter('drop', 'API_KEY')).toEqual([secret]);
  expect(keysAfter('rotate', secret)).toEqual(['API_KEY', previous]);
  expect(keysAfter('finish', secret, rotating)).toEqual(['API_KEY', secret]);
});

test('a rotation keeps the current ciphertext unchanged under the previous key', () => {
  const kept = decide(server, reading(), { kind: 'rotate', key: secret }, known);
  expect(kept.get(previous)).toBe(sealed.get(secret));
});

test('reports every reason against a change together', () => {
  const broken = new Problem('SEAL-FORM', 'broken', { path: 'OTHER', fix: 'seal it again' });
  const foreign = testSealed(server, { certSha256: 'f'.repeat(64) });
  const change = { kind: 'set', key: 'API_KYE', scope: 'strict' } as const;
  const problems = problemsOf(() => decide(server, { sealed: foreign, problems: [broken] }, change, known));
  expect(problems.map(({ code, path }) => [code, path])).toEqual([
    ['SEAL-FORM', 'OTHER'],
    ['SEAL-UNUSED', 'secrets'],
    ['SEAL-SCOPE', 'API_KYE'],
  ]);
});

test('a broken entry blocks every change except to that entry', () => {
  const broken = { sealed, problems: [new Problem('SEAL-FORM', 'broken', { path: 'TOKEN', fix: 'seal it again' })] };
  const codesOf = (kind: 'set' | 'drop' | 'rotate', key: string) =>
    problemsOf(() => decide(server, broken, { kind, key, scope: 'namespace-wide' }, known)).map(({ code }) => code);
  expect(codesOf('set', 'TOKEN')).toEqual([]);
  expect(codesOf('drop', 'TOKEN')).toEqual([]);
  expect(codesOf('set', 'API_KEY')).toEqual(['SEAL-FORM']);
  expect(codesOf('drop', 'API_KEY')).toEqual(['SEAL-FORM']);
  expect(codesOf('rotate', secret)).toEqual(['SEAL-FORM']);
});

function reading(values = sealed) {
  return { sealed: values, problems: [] };
}
