import { testPlatform, testServer, testWays } from '../testing/fixtures';
import unconfirmed from '../testing/fixtures/platforms/test-cluster';
import { platformFrom } from './platform';
import type { Problem } from './problem';
import { serversFrom } from './spec';
import { activeWay, waysOf } from './ways';

const { ingress, gateway } = testWays;

/** The problems of a platform with the given `ways`. */
function problemsWith(ways: object): readonly Problem[] {
  const platform = platformFrom('test-cluster', { ...unconfirmed, ways });
  return 'name' in platform ? [] : platform;
}

const annotated = (annotations: object) => ({ ingress: { ...ingress, annotations } });
const joining = (parentRefs: unknown) => ({ gateway: { ...gateway, parentRefs } });
const [parent] = gateway.parentRefs;
const key = 'nginx.org/proxy-read-timeout';
const variable = '$' + '{SECONDS}';

test.each<[string, object, string, string, RegExp]>([
  ['two ways without active', { ingress, gateway }, 'PLATFORM-FIELD', 'ways.active', /is missing/],
  [
    'an active way that is not declared',
    { ingress, active: 'gateway' },
    'PLATFORM-FIELD',
    'ways.active',
    /not declared/,
  ],
  ['an active way without any way', { active: 'ingress' }, 'PLATFORM-FIELD', 'ways.active', /not declared/],
  ['an unknown active way', { ingress, active: 'mesh' }, 'PLATFORM-FIELD', 'ways.active', /"mesh"/],
  ['a Gateway without parentRefs', joining(undefined), 'PLATFORM-FIELD', 'ways.gateway.parentRefs', /list of Gateways/],
  ['a Gateway with empty parentRefs', joining([]), 'PLATFORM-FIELD', 'ways.gateway.parentRefs', /list of Gateways/],
  ['a Gateway twice', joining([parent, parent]), 'PLATFORM-FIELD', 'ways.gateway.parentRefs', /twice/],
  [
    'a Gateway with and without a listener',
    joining([parent, { ...parent, sectionName: 'https' }]),
    'PLATFORM-FIELD',
    'ways.gateway.parentRefs',
    /twice/,
  ],
  ['a Flux variable', annotated({ [key]: variable }), 'SUBSTITUTION', `ways.ingress.annotations.${key}`, /Flux/],
  ['a control character', annotated({ [key]: 'a\u0007' }), 'BAD-VALUE', `ways.ingress.annotations.${key}`, /control/],
  ['an invalid annotation key', annotated({ 'a b': '1' }), 'BAD-VALUE', 'ways.ingress.annotations.a b', /not the key/],
  [
    'annotations that are too large',
    annotated({ a: 'x'.repeat(262_144) }),
    'BAD-VALUE',
    'ways.ingress.annotations',
    /at most/,
  ],
  [
    'an unknown placeholder',
    annotated({ [key]: '{minutes}m' }),
    'PLATFORM-FIELD',
    `ways.ingress.annotations.${key}`,
    /\{minutes\}/,
  ],
  [
    'an annotation for the ingress class',
    annotated({ 'kubernetes.io/ingress.class': 'nginx' }),
    'PLATFORM-FIELD',
    'ways.ingress.annotations.kubernetes.io/ingress.class',
    /elsewhere/,
  ],
  [
    'an annotation for the issuer',
    annotated({ 'cert-manager.io/cluster-issuer': 'public' }),
    'PLATFORM-FIELD',
    'ways.ingress.annotations.cert-manager.io/cluster-issuer',
    /elsewhere/,
  ],
])('rejects %s', (_what, ways, code, path, message) => {
  expect(problemsWith(ways)).toMatchObject([{ code, path, message: expect.stringMatching(message) }]);
});

test.each([
  ['no way in', {}],
  ['an explicit active way', { gateway, active: 'gateway' }],
  ['two listeners of a Gateway', joining(['a', 'b'].map((sectionName) => ({ ...parent, sectionName })))],
  [
    "a controller's own braces",
    annotated({ [key]: 'if (x) { return 1; } {id:[0-9]+} {}', other: '{seconds}s {host} {name}' }),
  ],
  ['an escaped dollar sign', annotated({ [key]: '$$' + '{name}' })],
])('accepts %s', (_what, ways) => {
  expect(problemsWith(ways)).toEqual([]);
});

test('lists the active way first; a platform may have none', () => {
  const kinds = (ways: Parameters<typeof waysOf>[0]['ways']) => waysOf({ ways }).map(({ kind }) => kind);
  expect(kinds({ ingress, gateway, active: 'ingress' })).toEqual(['ingress', 'gateway']);
  expect(kinds({ ingress, gateway, active: 'gateway' })).toEqual(['gateway', 'ingress']);
  expect(kinds({ gateway })).toEqual(['gateway']);
  expect(activeWay({ ways: {} })).toBeUndefined();
});

test('rejects a public server on a platform without a way in, but accepts an internal one', () => {
  const platform = platformFrom('test-cluster', { ...unconfirmed, ways: {} });
  if (!('name' in platform)) throw new Error('the platform is invalid');
  const entry = { team: 'infra', image: 'registry.example.com/test-server:1.0.0' };
  const { problems } = serversFrom({ name: 'test-server', entry }, [platform]);
  expect(problems).toMatchObject([
    { code: 'SERVER-FIELD', path: 'exposure', fix: expect.stringContaining('internal') },
  ]);
  expect(testServer({ exposure: 'internal' }, 'test-server', platform).isPublic).toBe(false);
});

test('the URL of an internal server has the port of its Service', () => {
  const urlOf = (runtime: 'plain' | 'st-app', servicePort?: number) => {
    const { chart } = testPlatform;
    if (chart === undefined) throw new Error('the platform has no chart');
    const platform = { ...testPlatform, chart: { ...chart, servicePort } };
    return testServer({ runtime, exposure: 'internal' }, 'test-server', platform).url;
  };
  expect([urlOf('st-app'), urlOf('st-app', 80), urlOf('plain', 80)]).toEqual([
    'http://test-server.test-server.svc.cluster.local:8000',
    'http://test-server.test-server.svc.cluster.local:80',
    'http://test-server.test-server.svc.cluster.local:8000',
  ]);
});

test("rejects a server named like a way's namespace, and a host that records point to", () => {
  const platform = platformFrom('test-cluster', {
    ...unconfirmed,
    ways: { ingress, gateway: { ...gateway, namespace: 'envoy' }, active: 'ingress' },
  });
  if (!('name' in platform)) throw new Error('the platform is invalid');
  const entry = { team: 'infra', image: 'registry.example.com/test-server:1.0.0' };
  const codes = (name: string, host?: string) =>
    serversFrom({ name, entry: { ...entry, ...(host && { host }) } }, [platform]).problems.map(({ code }) => code);
  expect(['ingress-nginx', 'envoy', 'gateways'].map((name) => codes(name))).toEqual([['NAME'], ['NAME'], ['NAME']]);
  expect(codes('test-server', ingress.address)).toEqual(['DNS-NAME']);
  expect(codes('test-server', gateway.address)).toEqual(['DNS-NAME']);
});
