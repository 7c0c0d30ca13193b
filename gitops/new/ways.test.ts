import { acmeFacts as given } from '../../testing/fixtures';
import { problemsOf } from '../../testing/problems';
import { emptyRepository } from '../../testing/repository-copy';
import { allFacts, newPlatform } from './platform';

const root = emptyRepository();
const now = new Date('2027-01-01');

test('accepts a Gateway instead of an ingress, or in addition to it', async () => {
  const { 'ingress-address': _, ...others } = given;
  const gateway = { gateway: 'infra/public', 'gateway-address': 'gateway.acme.example' };
  const waysOf = async (facts: object) => newPlatform(root, 'acme', await allFacts(facts), { now }).platform.ways;
  const stated = {
    parentRefs: [{ name: 'public', namespace: 'infra' }],
    address: 'gateway.acme.example',
    namespace: 'infra',
  };
  expect(await waysOf({ ...others, ...gateway })).toEqual({ gateway: stated });
  expect(await waysOf({ ...others, ...gateway, 'gateway-namespace': 'envoy' })).toEqual({
    gateway: { ...stated, namespace: 'envoy' },
  });
  expect(await waysOf({ ...others, ...gateway, gateway: 'infra/public/https' })).toMatchObject({
    gateway: { parentRefs: [{ name: 'public', namespace: 'infra', sectionName: 'https' }], namespace: 'infra' },
  });
  expect(await waysOf({ ...given, ...gateway })).toMatchObject({
    gateway: stated,
    ingress: { className: 'nginx' },
    active: 'ingress',
  });
  const fixesOf = async (facts: object) => {
    const all = await allFacts({ ...others, ...facts });
    return problemsOf(() => newPlatform(root, 'acme', all, { now })).map(({ fix }) => /^--[a-z-]+|.*/.exec(fix)?.[0]);
  };
  expect(await fixesOf({ gateway: 'infra/public' })).toEqual(['--gateway-address']);
  expect(await fixesOf({ 'gateway-address': 'gateway.acme.example' })).toEqual(['--gateway', '--gateway-namespace']);
  expect(await fixesOf({ ...gateway, gateway: 'public' })).toEqual(['--gateway']);
  expect(await fixesOf({ ...gateway, gateway: 'infra/Public' })).toEqual(['--gateway']);
  expect(await fixesOf({ ...gateway, 'ingress-class': 'nginx' })).toEqual(['--ingress-address']);
});

test.each([
  ['nginx', 'ingress-nginx', undefined],
  ['traefik', 'traefik', expect.objectContaining({ 'traefik.ingress.kubernetes.io/router.tls': 'true' })],
  ['haproxy', 'haproxy-controller', expect.objectContaining({ 'haproxy.org/timeout-server': '{seconds}s' })],
  ['other', 'ingress-nginx', undefined],
])('the ingress class %s gets the settings of its controller', async (className, namespace, annotations) => {
  const facts = await allFacts({ ...given, 'ingress-class': className });
  const { files, platform } = newPlatform(root, 'acme', facts, { now });
  expect(platform.ways.ingress).toEqual({
    ...{ className, namespace, address: 'ingress.acme.example' },
    ...(annotations && { annotations }),
  });
  expect(files.get('platforms/acme.ts')?.includes('annotations:')).toBe(annotations !== undefined);
});
