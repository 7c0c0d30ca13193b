import { allowlistFrom } from './allowlist';

const covers = (entry: string, url: string, address = '10.10.3.4') =>
  allowlistFrom([entry]).covers(new URL(url), address);

test('an exact URL covers only its scheme, host and port', () => {
  expect(covers('https://host:8080', 'https://host:8080/base')).toBe(true);
  expect(covers('https://host', 'https://host:443')).toBe(true);
  expect(covers('https://host:8080', 'http://host:8080')).toBe(false);
  expect(covers('https://host:8080', 'https://host:8081')).toBe(false);
});

test('a wildcard covers subdomains but not the domain itself', () => {
  expect(covers('*.corp.internal', 'https://a.b.corp.internal')).toBe(true);
  expect(covers('*.corp.internal', 'https://corp.internal')).toBe(false);
  expect(covers('*.corp.internal', 'https://evilcorp.internal')).toBe(false);
});

test('a range covers the resolved address, also as an IPv4-mapped one', () => {
  expect(covers('10.10.0.0/16', 'https://any.example.com')).toBe(true);
  expect(covers('10.10.0.0/16', 'https://any.example.com', '::ffff:10.10.3.4')).toBe(true);
  expect(covers('10.10.0.0/16', 'https://any.example.com', '10.11.0.1')).toBe(false);
  expect(covers('fd00::/8', 'https://any.example.com', 'fd12::1')).toBe(true);
  expect(covers('10.10.0.0/16', 'https://any.example.com', '')).toBe(false);
});

test.each([
  ['10.0.0.1', 'write it as a range: 10.0.0.1/32'],
  ['fd00::1', 'write it as a range: fd00::1/128'],
  ['host.corp.internal', 'exact URL'],
  ['https://host/path', 'exact URL'],
  ['*', 'exact URL'],
  ['10.0.0.0/33', 'exact URL'],
])('rejects the entry %s, which would stop an engine', (entry, fix) => {
  expect(() => allowlistFrom([entry])).toThrow(
    expect.objectContaining({ code: 'ENGINE-ALLOWLIST', fix: expect.stringContaining(fix) }),
  );
});
