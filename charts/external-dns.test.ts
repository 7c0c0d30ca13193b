import type { Dns } from '../model/dns';
import { testPlatform, testSealed, testServer, wildcardPlatform } from '../testing/fixtures';
import { dnsAnnotations } from './external-dns';
import { render } from './render';

type ExternalDns = Extract<Dns, { none: 'external-dns' }>;
const serverWith = (fields: Partial<ExternalDns>, runtime: 'plain' | 'st-app' = 'plain') => {
  const dns = { zone: 'example.com', none: 'external-dns', ...fields } as const;
  return testServer({ runtime }, 'made-up', { ...testPlatform, dns });
};

test.each(['plain', 'st-app'] as const)(
  'with %s the ingress tells external-dns its name and where it leads',
  (runtime) => {
    const server = serverWith({ ttl: 300 }, runtime);
    const text = render(server, testSealed(server))
      .map((file) => file.text)
      .join('\n');
    const lines = ['alpha.kubernetes.io', 'kubernetes.io'].flatMap((domain) => [
      `external-dns.${domain}/hostname: made-up.example.com`,
      `external-dns.${domain}/target: ingress.example.com`,
      `external-dns.${domain}/ttl: '300'`,
    ]);
    for (const line of lines) expect(text).toContain(` ${line}\n`);
  },
);

test('a route of a Gateway gets no target, and an instance with a prefix of its own gets that alone', () => {
  const server = serverWith({ annotationPrefix: 'public.example.com/' });
  expect(dnsAnnotations(server, 'gateway', 'gateway.example.com')).toEqual({
    'public.example.com/hostname': 'made-up.example.com',
  });
});

test.each([
  ['a wildcard', wildcardPlatform],
  ['records of ours', testPlatform],
])('with %s nothing is written for external-dns', (_, platform) => {
  expect(dnsAnnotations(testServer({}, 'made-up', platform), 'ingress', 'ingress.example.com')).toEqual({});
});
