import { redactedDiff } from './redacted-diff';

const long = 'Ag'.repeat(300);
const other = 'Bh'.repeat(300);

function diff(before: string, after: string): string {
  return redactedDiff({ path: 'a/sealedsecret.yaml', state: 'changed', server: 'a', before, after }, () => new Map());
}

test('marks only the key whose value changed', () => {
  const text = (value: string) => `spec:\n  encryptedData:\n    A: ${long}\n    B: ${value}\n  template: x\n`;
  expect(diff(text(long), text(other))).toBe(
    [
      '--- a/a/sealedsecret.yaml',
      '+++ b/a/sealedsecret.yaml',
      '@@ -1,5 +1,5 @@',
      ' spec:',
      '   encryptedData:',
      '     A: (sealed value)',
      '-    B: (sealed value)',
      '+    B: sealed value changed (B, origin unknown)',
      '   template: x',
    ].join('\n'),
  );
});

test('hides the hash in the name of a Secret next to its values, and shows it in a reference', () => {
  const name = (digits: string) => `name: a-worker-secret-${digits}\n`;
  const secret = (digits: string, value: string) =>
    `metadata:\n  ${name(digits)}spec:\n  encryptedData:\n    A: ${value}\n  template:\n    ${name(digits)}`;
  const changed = diff(secret('0123456789', long), secret('abcdef0123', other)).split('\n');
  expect(changed.filter((line) => /^[-+] /.test(line))).toEqual([
    '-    A: (sealed value)',
    '+    A: sealed value changed (A, origin unknown)',
  ]);
  expect(changed).toContain('   name: a-worker-secret-…');
  expect(diff(name('0123456789'), name('abcdef0123'))).toContain(`+${name('abcdef0123')}`.trim());
});

test.each([
  ['folded', `spec:\n  encryptedData:\n    A: >-\n      ${long.slice(0, 80)}\n      ${long.slice(80)}\n  x: 1\n`],
  ['quoted', `spec:\n  encryptedData:\n    "A": "${long}"\n`],
  ['in flow style', `spec: { encryptedData: { A: ${long} } }\n`],
  ['as a comment', `# ${long}\n`],
  ['plaintext', 'spec:\n  encryptedData:\n    A: hunter2-hunter2\n'],
  ['below a comment', 'spec:\n  encryptedData: # see hunter2\n    A: hunter2\n'],
  ['in a map on one line', 'spec:\n  encryptedData: {"A": "hunter2"}\n'],
  ['after a key and a space', 'spec:\n  encryptedData:\n    "A" : hunter2\n'],
  ['after an explicit key', 'spec:\n  encryptedData:\n    ? A\n    : hunter2\n'],
  ['in a list', 'spec:\n  encryptedData:\n  - hunter2\n'],
  [
    'in the template of an external secret',
    'kind: ExternalSecret\nspec:\n  data: []\n  target:\n    template:\n      data:\n        A: hunter2\n',
  ],
  ['in the data of an invalid external secret', 'kind: ExternalSecret\ndata:\n  A: hunter2\n'],
  [
    'in plain text in the template',
    'spec:\n  template:\n    stringData:\n      A: hunter2\n    data: { B: hunter2 }\n',
  ],
])('hides a value that is %s', (_, text) => {
  const shown = diff(text, 'spec: {}\n');
  expect(shown).not.toContain('AgAgAg');
  expect(shown).not.toContain('hunter2');
});
