import { createHmac } from 'node:crypto';
import { isSameCheck, keyedCheck } from './same-value';

const fields = {
  certSha256: 'ab'.repeat(32),
  scope: 'strict',
  namespace: 'ns',
  name: 'n',
  key: 'K',
  plaintext: Buffer.from('v'),
} as const;
const key = Buffer.alloc(32, 1);

test('the same fields give the same check, and a change of any gives another', () => {
  const first = keyedCheck(key, fields);
  expect(first).toMatch(/^[0-9a-f]{32}$/);
  expect(isSameCheck(first, keyedCheck(key, { ...fields }))).toBe(true);
  const others = [
    keyedCheck(Buffer.alloc(32, 2), fields),
    keyedCheck(key, { ...fields, certSha256: 'cd'.repeat(32) }),
    keyedCheck(key, { ...fields, scope: 'namespace-wide' }),
    keyedCheck(key, { ...fields, namespace: 'ns2' }),
    keyedCheck(key, { ...fields, name: 'n2' }),
    keyedCheck(key, { ...fields, key: 'K2' }),
    keyedCheck(key, { ...fields, plaintext: Buffer.from('w') }),
    // What moves from one field to the next is told apart by the lengths.
    keyedCheck(key, { ...fields, namespace: 'nsn', name: '' }),
  ];
  expect(new Set([first, ...others]).size).toBe(others.length + 1);
});

test('the check is what the description says, so that another program can make it', () => {
  const long = (text: string) => Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 0, 0, text.length]), Buffer.from(text)]);
  const message = Buffer.concat([fields.certSha256, 'strict', 'ns', 'n', 'K', 'v'].map(long));
  expect(keyedCheck(key, fields)).toBe(createHmac('sha256', key).update(message).digest('hex').slice(0, 32));
});
