import { testPlatform } from '../testing/fixtures';
import { readSealed, type SealedValue, sealedText } from './sealed';

const owner = { name: 's', platform: testPlatform };

const ciphertext = Buffer.concat([Buffer.from([2, 0]), Buffer.alloc(512 + 16, 5)]).toString('base64');
const entry = {
  ciphertext,
  scope: 'namespace-wide',
  namespace: 'test-server',
  certSha256: 'ab'.repeat(32),
  sealedOn: '2026-11-23',
};

test('reading and writing a sealed file is byte-identical and sorts by key and field', () => {
  const text = sealedText(read({ B: entry, A: entry }).sealed);
  expect(Object.keys(JSON.parse(text))).toEqual(['A', 'B']);
  expect(Object.keys(JSON.parse(text).B)).toEqual(['certSha256', 'ciphertext', 'namespace', 'scope', 'sealedOn']);
  expect(sealedText(readSealed(text, 'f', owner).sealed)).toBe(text);
  expect(text.endsWith('}\n')).toBe(true);
});

test('drops the name and the check that earlier versions wrote', () => {
  const { sealed, problems } = read({ A: { ...entry, name: 'test-server-worker-secret', check: '0f'.repeat(16) } });
  expect(problems).toEqual([]);
  expect(sealed.get('A')).toEqual(entry);
});

test.each([
  ['plaintext where ciphertext belongs', { ciphertext: 'hunter2-hunter2' }, 'SEAL-FORM'],
  ['plaintext in base64', { ciphertext: Buffer.from('hunter2'.repeat(90)).toString('base64') }, 'SEAL-FORM'],
  ['ciphertext without padding', { ciphertext: ciphertext.replace(/=+$/, '') }, 'SEAL-FORM'],
  ['ciphertext cut short', { ciphertext: ciphertext.slice(0, 400) }, 'SEAL-FORM'],
  ['an unknown scope', { scope: 'hunter2' }, 'SEAL-SCOPE'],
  ['an invalid date', { sealedOn: '2026-13-01' }, 'SEAL-FORM'],
  ['an unknown field', { value: 'hunter2' }, 'SEAL-FORM'],
  ['an unknown field named like a value', { hunter2: true }, 'SEAL-FORM'],
  ['a fingerprint with colons', { certSha256: 'AB:CD' }, 'SEAL-FORM'],
  ['a value where earlier versions wrote a check', { check: 'hunter2' }, 'SEAL-FORM'],
])('reports an entry with %s without its text, and still reads the others', (_, change, code) => {
  const { sealed, problems } = read({ GOOD: entry, BAD: { ...entry, ...change } });
  expect([...sealed.keys()]).toEqual(['GOOD']);
  expect(problems).toMatchObject([
    { code, path: 'BAD', file: 'f', fix: expect.stringContaining('npm run seal -- set s BAD') },
  ]);
  expect(JSON.stringify(problems)).not.toContain('hunter2');
});

test.each([
  ['truncated', sealedText(new Map([['A', entry as SealedValue]])).slice(0, 300)],
  ['plaintext', 'hunter2'],
  ['empty', ''],
  ['a list', '["hunter2"]'],
  ['null', 'null'],
  ['saved with a byte order mark', '\ufeff{}'],
  ['UTF-16', Buffer.from('\ufeff{}\r\n', 'utf16le').toString()],
  ['unmerged', '<<<<<<< HEAD\n{}\n'],
  ['naming a key twice', `{"A":${JSON.stringify(entry)},"A":${JSON.stringify(entry)}}`],
])('reports a file that is %s as a whole, without its text', (_, text) => {
  const { sealed, problems } = readSealed(text, 'f', owner);
  expect(sealed.size).toBe(0);
  expect(problems).toMatchObject([{ code: 'SEAL-FORM', file: 'f' }]);
  expect(JSON.stringify(problems)).not.toContain('hunter2');
});

test.each([
  ['a byte order mark', '\ufeff{}\n', 'the file is UTF-8 with a byte order mark (BOM)'],
  ['UTF-16', Buffer.from('\ufeff{}\r\n', 'utf16le').toString(), 'the file is UTF-16'],
])('names %s and says how to fix it', (_, text, reason) => {
  expect(readSealed(text, 'f', owner).problems).toMatchObject([
    { message: expect.stringContaining(reason), fix: expect.stringContaining('save it as UTF-8') },
  ]);
});

test.each(['..', '', 'a b', 'ü', 'x'.repeat(254), 'hunter2='])('rejects the key "%s"', (key) => {
  const { sealed, problems } = read({ [key]: entry });
  expect(sealed.size).toBe(0);
  expect(problems).toMatchObject([{ code: 'SEAL-FORM' }]);
  expect(JSON.stringify(problems)).not.toContain('hunter2');
});

test('accepts keys such as __proto__ and constructor', () => {
  const text = `{"__proto__":${JSON.stringify(entry)},"constructor":${JSON.stringify(entry)}}`;
  const { sealed, problems } = readSealed(text, 'f', owner);
  expect(problems).toEqual([]);
  expect([...sealed.keys()]).toEqual(['__proto__', 'constructor']);
  expect(sealedText(sealed)).toContain('"__proto__"');
});

function read(entries: object) {
  return readSealed(JSON.stringify(entries), 'f', owner);
}
