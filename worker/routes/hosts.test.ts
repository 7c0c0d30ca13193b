import { type HostSources, hostCheck, hostRules, originCheck, plainAddress } from './hosts';

const nothing = { boundTo: '0.0.0.0', allowedHosts: [], allowedOrigins: [] };

function isHost(host: string | undefined, sources: Partial<HostSources>) {
  return hostCheck(hostRules({ ...nothing, ...sources }))(host);
}

function isOrigin(origin: string, sources: Partial<HostSources>) {
  return originCheck(hostRules({ ...nothing, ...sources }))(origin);
}

const onLoopback = { boundTo: '127.0.0.1' };
const inPublic = { canonicalUrl: 'https://mcp.example.com/mcp' };

test.each<[string | undefined, Partial<HostSources>, boolean]>([
  ['localhost:8000', onLoopback, true],
  ['127.0.0.1', onLoopback, true],
  ['[::1]:8000', { boundTo: '::1' }, true],
  ['LOCALHOST', onLoopback, true],
  ['evil.example.com', onLoopback, false],
  ['localhost.evil.example.com', onLoopback, false],
  ['', onLoopback, false],
  [undefined, onLoopback, false],
  ['mcp.example.com', inPublic, true],
  ['mcp.example.com:443', inPublic, true],
  ['localhost', inPublic, false],
  ['other.example.com', { ...inPublic, allowedHosts: ['other.example.com:8000'] }, true],
  ['whatever', {}, true],
  [undefined, {}, true],
])('the host %p with %p: %p', (host, sources, passes) => expect(isHost(host, sources)).toBe(passes));

test.each<[string, Partial<HostSources>, boolean]>([
  ['http://localhost:6274', onLoopback, true],
  ['https://mcp.example.com', inPublic, true],
  ['https://app.example.com', { ...inPublic, allowedOrigins: ['app.example.com'] }, true],
  ['https://app.example.com', { allowedOrigins: ['https://app.example.com'] }, true],
  ['https://app.example.com', inPublic, false],
  ['https://anyone.example.com', {}, false],
  ['null', { ...onLoopback, allowedOrigins: ['null'] }, false],
  ['', onLoopback, false],
])('the origin %p with %p: %p', (origin, sources, passes) => expect(isOrigin(origin, sources)).toBe(passes));

test('a cached pass does not let another host pass', () => {
  const check = hostCheck(hostRules({ ...nothing, ...onLoopback }));
  expect([check('localhost'), check('localhost'), check('evil.example.com'), check(undefined)]).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['203.0.113.7:5001', '203.0.113.7'],
  ['[2001:db8::7]:443', '2001:db8:0:0::/64'],
  ['[2001:DB8::7]', '2001:db8:0:0::/64'],
  ['[::1]:443', '0:0:0:0::/64'],
  ['2001:db8::7', '2001:db8:0:0::/64'],
  ['2001:0db8:0:0:ffff::8', '2001:db8:0:0::/64'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8::2:3:4:5:6', '2001:db8:0:2::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['[::ffff:203.0.113.7]:5001', '203.0.113.7'],
  ['::ffff:cb00:7107', '203.0.113.7'],
  ['unknown', 'unknown'],
  ['', ''],
])('normalises the address %p to %p', (raw, address) => expect(plainAddress(raw)).toBe(address));
