import { format, inspect } from 'node:util';
import { Secret } from './secret';

test('no conversion to text reveals a secret', () => {
  const secret = new Secret(Buffer.from('hunter2'));
  const shown = [
    String(secret),
    `${secret}`,
    JSON.stringify({ secret }),
    inspect({ secret }, { depth: 9, showHidden: true }),
    format('%s %o %O %j %d', secret, secret, secret, secret, secret),
    Object.values(secret).join(),
    JSON.stringify(Object.getOwnPropertyDescriptors(secret)),
    JSON.stringify({ ...secret }),
  ];
  for (const text of shown) {
    expect(text).not.toContain('hunter2');
    expect(text).not.toContain(Buffer.from('hunter2').toString('hex').slice(0, 6));
    expect(text).not.toContain('104,117');
  }
});

test('wipe overwrites the given bytes, not a copy', () => {
  const bytes = Buffer.from('hunter2');
  const secret = new Secret(bytes);
  expect(secret.reveal()).toBe(bytes);
  secret.wipe();
  expect(bytes.equals(Buffer.alloc(7))).toBe(true);
});
