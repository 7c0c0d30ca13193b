import type { Dns } from '../model/dns';
import type { Ways } from '../model/ways';
import { testPlatform, testSealed, testServer, testWays, wildcardPlatform } from '../testing/fixtures';
import { dnsAnnotations } from './external-dns';
import { render } from './render';

type ExternalDns = Extract<Dns, { none: 'external-dns' }>;
const serverWith = (
  fields: Partial<ExternalDns>,
  runtime: 'plain' | 'st-app' = 'plain',
  ways: Ways = testPlatform.ways,
) => {
  const dns = { zone: 'example.com', none: 'external-dns', ...fields } as const;
  return testServer({ runtime }, 'test-server', { ...testPlatform, ways, dns });
};

test.each(['plain', 'st-app'] as const)(
  'with %s the ingress has the hostname and the target for external-dns',
  (runtime) => {
    const server = serverWith({ ttl: 300 }, runtime);
    const text = render(server, testSealed(server))
      .map((file) => file.text)
      .join('\n');
    const lines = ['alpha.kubernetes.io', 'kubernetes.io'].flatMap((domain) => [
      `external-dns.${domain}/hostname: test-server.example.com`,
      `external-dns.${domain}/target: ingress.example.com`,
      `external-dns.${domain}/ttl: '300'`,
    ]);
    for (const line of lines) expect(text).toContain(` ${line}\n`);
  },
);

test('a Gateway route has no target, and a declared prefix replaces the default ones', () => {
  const server = serverWith({ annotationPrefix: 'public.example.com/' }, 'plain', { gateway: testWays.gateway });
  expect(dnsAnnotations(server, 'gateway')).toEqual({ 'public.example.com/hostname': 'test-server.example.com' });
});

test('with two ways in, external-dns reads only the object of the active one', () => {
  const server = serverWith({ annotationPrefix: 'a.example.com/' }, 'plain', { ...testWays, active: 'gateway' });
  const [, file] = render(server, testSealed(server));
  const annotated = file?.objects.map(
    ({ kind, metadata: { annotations = {} } }) => [kind, Object.entries(annotations)] as const,
  );
  const of = (wanted: string) =>
    annotated?.find(([kind]) => kind === wanted)?.[1].filter(([key]) => key.startsWith('a.example'));
  expect(of('Ingress')).toEqual([['a.example.com/controller', 'none']]);
  expect(of('HTTPRoute')).toEqual([['a.example.com/hostname', 'test-server.example.com']]);
});

test.each([
  ['a wildcard', wildcardPlatform],
  ['a DNS workspace', testPlatform],
])('with %s nothing is annotated for external-dns', (_, platform) => {
  expect(dnsAnnotations(testServer({}, 'test-server', platform), 'ingress')).toEqual({});
});
