import fc from 'fast-check';
import { internalReason } from './public-address';

test.each([
  '93.184.216.34',
  '1.1.1.1',
  '172.15.255.255',
  '172.32.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '2606:4700:4700::1111',
  '::ffff:93.184.216.34',
  '64:ff9b::5db8:d822',
  '2002:5db8:d822::1',
])('%s is public', (address) => {
  expect(internalReason(address)).toBeUndefined();
});

test.each([
  ['10.0.192.27', 'private'],
  ['172.16.0.1', 'private'],
  ['192.168.1.1', 'private'],
  ['127.0.0.1', 'a loopback address'],
  ['127.1', 'a loopback address'],
  ['169.254.169.254', 'link-local'],
  ['100.64.0.1', 'shared by a carrier (100.64.0.0/10)'],
  ['0.0.0.0', 'unspecified'],
  ['224.0.0.1', 'multicast'],
  ['255.255.255.255', 'broadcast'],
  ['198.18.0.1', 'reserved'],
  ['203.0.113.7', 'reserved'],
  ['240.0.0.1', 'reserved'],
  ['::', 'unspecified'],
  ['::1', 'a loopback address'],
  ['fe80::1%eth0', 'link-local'],
  ['fd12:3456::1', 'private (unique local)'],
  ['fec0::1', 'private (site-local)'],
  ['ff02::1', 'multicast'],
  ['2001:db8::1', 'reserved'],
  ['64:ff9b:1::1', 'reserved'],
  ['4000::1', 'reserved'],
  ['::ffff:10.0.0.1', '10.0.0.1 in IPv6 form, private'],
  ['::10.0.0.1', '10.0.0.1 in IPv6 form, private'],
  ['::a00:1', '10.0.0.1 in IPv6 form, private'],
  ['::ffff:0:10.0.0.1', '10.0.0.1 in IPv6 form, private'],
  ['64:ff9b::169.254.169.254', '169.254.169.254 in IPv6 form, link-local'],
  ['2002:7f00:1::', '127.0.0.1 in IPv6 form, a loopback address'],
  // Teredo: the server in plain form, the client with all bits inverted (RFC 4380).
  ['2001:0:5db8:d822:0:0:f5ff:fffe', '10.0.0.1 in IPv6 form, private'],
  ['2001:0:a00:1:0:0:a247:27dd', '10.0.0.1 in IPv6 form, private'],
  ['2606:4700::5efe:10.0.0.1', '10.0.0.1 in IPv6 form, private'],
  ['host.example.com', 'not an address'],
])('%s is %s', (address, reason) => {
  expect(internalReason(address)).toBe(reason);
});

test('rejects private IPv4 addresses in every form that embeds them', () => {
  const lowBytes = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255));
  const hex = (a: number, b: number) => ((a << 8) | b).toString(16);
  fc.assert(
    fc.property(lowBytes, ([b, c, d]) => {
      const groups = `${hex(10, b)}:${hex(c, d)}`;
      const forms = [`10.${b}.${c}.${d}`, `::ffff:${groups}`, `64:ff9b::${groups}`, `2002:${groups}::1`, `::${groups}`];
      return forms.every((form) => internalReason(form) !== undefined);
    }),
  );
});
