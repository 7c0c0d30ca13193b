import { type SealFlags, sealRequest } from './request';

test.each<[string[], SealFlags, string]>([
  [['s', 'K', 'hunter2'], {}, 'SECRET-ARGV'],
  [['s', 'K=hunter2'], {}, 'SECRET-ARGV'],
  [['s=hunter2'], {}, 'SECRET-ARGV'],
  [['s', 'hunter2 with spaces'], {}, 'NAME'],
  [['s', '..'], {}, 'NAME'],
  [['s', 'K'.repeat(254)], {}, 'NAME'],
  [['s', 'K'], { scope: 'hunter2' }, 'SEAL-SCOPE'],
  [['s', 'K'], { scope: '' }, 'SEAL-SCOPE'],
  [[], {}, 'USAGE'],
  [['s'], {}, 'USAGE'],
  [['s', 'K'], { 'from-file': 'f', 'from-env': 'E' }, 'USAGE'],
  [['s', 'K'], { 'from-file': 'f', generate: true }, 'USAGE'],
  [['s', 'K'], { 'plaintext-out': 'p' }, 'USAGE'],
  [['s', 'K'], { rotate: true, finish: true }, 'USAGE'],
  [['s', 'K'], { rotate: true, scope: 'strict' }, 'USAGE'],
  [['s', 'K'], { drop: true, generate: true }, 'USAGE'],
  [['s', 'K'], { 'verify-with': ['k'] }, 'USAGE'],
  [['s', 'K'], { 'allow-http': true }, 'USAGE'],
  [['s', 'K'], { status: true }, 'USAGE'],
  [['s'], { 'fetch-cert': 'https://x' }, 'USAGE'],
])('%j with %j is refused as %s, and not repeated', (names, flags, code) => {
  const refused = expect.objectContaining({ code });
  expect(() => sealRequest(flags, names)).toThrow(refused);
  try {
    sealRequest(flags, names);
  } catch (error) {
    expect(JSON.stringify(error) + String(error)).not.toContain('hunter2');
  }
});

test('without a word the value comes from standard input, strict, as it is', () => {
  expect(sealRequest({}, ['s', 'K'])).toEqual({
    kind: 'seal',
    server: 's',
    key: 'K',
    source: { kind: 'stdin' },
    scope: 'strict',
    isEmptyAllowed: false,
    isTrimmed: false,
  });
});

test('the source of a rotation is that of the current value', () => {
  expect(sealRequest({ rotate: true, generate: true }, ['s', 'K'])).toMatchObject({
    kind: 'rotate',
    source: undefined,
  });
  expect(sealRequest({ rotate: true, 'from-file': '-' }, ['s', 'K'])).toMatchObject({ source: { kind: 'stdin' } });
});
