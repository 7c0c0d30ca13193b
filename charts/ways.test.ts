import { at } from '../model/json';
import type { ServerEntry } from '../model/server-entry';
import type { Ways } from '../model/ways';
import { platformWith, testSealed, testServer, testWays } from '../testing/fixtures';
import { problemsOf } from '../testing/problems';
import { type Manifest, render } from './render';

describe.each(['st-app', 'plain'] as const)('a Gateway in front of the runtime %s', (runtime) => {
  const rendered = (ways: Ways, fields: Partial<ServerEntry> = {}) => {
    const server = testServer({ runtime, ...fields }, 'test-server', platformWith(ways));
    const [, file] = render(server, testSealed(server));
    return file?.objects ?? [];
  };
  const { ingress, gateway } = testWays;
  const parent = { name: 'public', namespace: 'gateways' };

  test('gets an HTTPRoute instead of an Ingress', () => {
    const objects = rendered({ gateway });
    expect(objects.find(({ kind }) => kind === 'HTTPRoute')).toMatchObject({
      apiVersion: 'gateway.networking.k8s.io/v1',
      metadata: { name: 'test-server', namespace: 'test-server' },
      spec: {
        parentRefs: [{ name: 'public', namespace: 'gateways' }],
        hostnames: ['test-server.example.com'],
        rules: [
          { backendRefs: [{ name: 'test-server', port: 8000 }], timeouts: { request: '90s', backendRequest: '90s' } },
        ],
      },
    });
    expect(objects.map(({ kind }) => kind)).not.toContain('Ingress');
    const release = objects.find(({ kind }) => kind === 'HelmRelease');
    if (runtime === 'st-app') expect(release?.spec).toMatchObject({ values: { ingress: { enabled: false } } });
  });

  test('leaves the Ingress unchanged when both are declared', () => {
    const withoutRoute = rendered({ ingress, gateway, active: 'ingress' }).filter(({ kind }) => kind !== 'HTTPRoute');
    const kinds = new Set(['NetworkPolicy']);
    const plain = (objects: readonly Manifest[]) => objects.filter(({ kind }) => !kinds.has(kind));
    expect(plain(withoutRoute)).toEqual(plain(rendered({ ingress })));
    expect(rendered({ ingress, gateway, active: 'ingress' })).toEqual(
      rendered({ ingress, gateway, active: 'gateway' }),
    );
  });

  test('uses the declared port of the chart’s Service and the declared listener', () => {
    const platform = platformWith({ gateway: { ...gateway, parentRefs: [{ ...parent, sectionName: 'https' }] } });
    const { chart } = platform;
    if (chart === undefined) throw new Error('the platform has no chart');
    const server = testServer({ runtime }, 'test-server', { ...platform, chart: { ...chart, servicePort: 80 } });
    const [, file] = render(server, testSealed(server));
    expect(file?.objects.find(({ kind }) => kind === 'HTTPRoute')?.spec).toMatchObject({
      parentRefs: [{ ...parent, sectionName: 'https' }],
      rules: [{ backendRefs: [{ port: runtime === 'st-app' ? 80 : 8000 }] }],
    });
  });

  test.each([
    [false, '330s'],
    [true, '630s'],
  ])('waits longer than the slowest tool, and for the user when a tool asks: %s', (asks, expected) => {
    const server = testServer({ runtime }, 'test-server', platformWith({ gateway }));
    const slow = { ...server, call: { timeoutSeconds: 300, retries: 0, asks } };
    const [, file] = render(slow, testSealed(slow));
    expect(file?.text).toContain(`request: ${expected}`);
  });

  test('renders the route and the network policy', () => {
    const server = testServer({ runtime }, 'test-server', platformWith({ ...testWays, active: 'gateway' }));
    const [, file] = render(server, testSealed(server));
    expect(file?.text.split('---\n').filter((text) => /kind: (HTTPRoute|NetworkPolicy)/.test(text))).toMatchSnapshot();
  });

  test('gets no route for an internal server', () => {
    expect(rendered({ gateway }, { exposure: 'internal' }).map(({ kind }) => kind)).not.toContain('HTTPRoute');
  });
});

describe.each(['st-app', 'plain'] as const)('annotations of the platform, with %s', (runtime) => {
  const annotationsOf = (fields: Partial<Ways['ingress'] & object>, timeoutSeconds = 30) => {
    const platform = platformWith({ ingress: { ...testWays.ingress, ...fields } });
    const server = {
      ...testServer({ runtime }, 'test-server', platform),
      call: { timeoutSeconds, retries: 0, asks: false },
    };
    const [, file] = render(server, testSealed(server));
    const objects = file?.objects ?? [];
    const ingress = objects.find(({ kind }) => kind === 'Ingress');
    const release = objects.find(({ kind }) => kind === 'HelmRelease');
    const annotations = ingress?.metadata.annotations ?? at(release, 'spec', 'values', 'ingress', 'annotations');
    return { annotations, tls: at(ingress, 'spec', 'tls') };
  };

  test('replace those of ingress-nginx, with placeholders filled in', () => {
    const annotations = {
      'haproxy.org/timeout-server': '{seconds}s',
      'example.com/who': '{name} at {host}',
      'example.com/snippet': 'if (x) { y }',
    };
    expect(annotationsOf({ annotations }, 120).annotations).toEqual({
      'haproxy.org/timeout-server': '150s',
      'example.com/who': 'test-server at test-server.example.com',
      'example.com/snippet': 'if (x) { y }',
    });
  });

  test('may be empty', () => {
    expect(annotationsOf({ annotations: {} }, 120).annotations).toBeUndefined();
  });

  test('survive the variable substitution of Flux', () => {
    const literal = '$' + '{name}';
    const { annotations } = annotationsOf({ annotations: { 'example.com/template': `$${literal}` } });
    expect(annotations).toMatchObject({ 'example.com/template': literal });
  });

  test('name the issuer of a separate certificate, which the chart does not support', () => {
    const clusterIssuer = 'public-issuer';
    if (runtime === 'st-app') {
      expect(problemsOf(() => annotationsOf({ clusterIssuer }))).toMatchObject([
        { code: 'UNMAPPED-FIELD', path: 'ways.ingress.clusterIssuer', file: 'platforms/test-cluster.ts' },
      ]);
      return;
    }
    const { annotations, tls } = annotationsOf({ clusterIssuer });
    expect(annotations).toMatchObject({
      'cert-manager.io/cluster-issuer': 'public-issuer',
      'nginx.ingress.kubernetes.io/proxy-read-timeout': '90',
    });
    expect(tls).toEqual([{ hosts: ['test-server.example.com'], secretName: 'test-server-tls' }]);
  });
});
