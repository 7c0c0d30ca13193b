import { joinEnvelope } from '../model/envelope';
import { at } from '../model/json';
import { ownLabels } from '../model/labels';
import type { Ciphertext } from '../model/sealed';
import { externalSecrets, storePlatform, testSealed, testServer } from '../testing/fixtures';
import { contract } from '../worker/contract';
import { labelsOf } from './labels';
import { render } from './render';

// Snapshots of the whole text, as a reviewer reads it. The server is a fixture: adding a real one changes nothing here.
describe.each(['st-app', 'plain'] as const)('the runtime %s', (runtime) => {
  test.each(['public', 'internal'] as const)('renders a server that is %s', (exposure) => {
    const server = testServer({ runtime, exposure, env: { LOG_LEVEL: 'info' } });
    expect(textOf(render(server, testSealed(server)))).toMatchSnapshot();
  });

  test('renders an autoscaler when a range is given', () => {
    const server = testServer({ runtime, replicas: { min: 2, max: 5 } });
    const [, file] = render(server, testSealed(server));
    expect(file?.text).toMatchSnapshot();
  });
});

test.each(['st-app', 'plain'] as const)(
  'with %s a new value creates a new Secret, which the pods reference',
  (runtime) => {
    const server = testServer({ runtime });
    const rendered = (fields: Parameters<typeof testSealed>[1]) => render(server, testSealed(server, fields));
    const original = rendered({});
    expect(rendered({ sealedOn: '2026-02-02', certSha256: '1'.repeat(64) })).toEqual(original);
    // The result of joinEnvelope is well-formed ciphertext, as in the fixture.
    const ciphertext = joinEnvelope({ wrappedKey: Buffer.alloc(256, 1), aesPart: Buffer.alloc(20, 3) }) as Ciphertext;
    const names = [original, rendered({ ciphertext })].map(([, workload, secret]) => {
      const name = secret?.objects[0]?.metadata.name ?? '';
      expect(name).toMatch(/^test-server-worker-secret-[0-9a-f]{10}$/);
      expect(secret?.text.split(`name: ${name}\n`)).toHaveLength(3);
      expect(workload?.text.split(`name: ${name}\n`)).toHaveLength(2);
      return name;
    });
    expect(new Set(names).size).toBe(2);
  },
);

test.each(['st-app', 'plain'] as const)('with %s the pods reference a Secret that comes from a store', (runtime) => {
  const platform = storePlatform({ ...externalSecrets, refresh: '15m' });
  const [namespace, workload, secret, ...others] = render(
    testServer({ runtime, secrets: ['API_KEY'] }, 'test-server', platform),
    new Map(),
  );
  expect([namespace, workload, secret].map((file) => file?.name)).toEqual([
    'namespace.yaml',
    'server.yaml',
    'externalsecret.yaml',
  ]);
  expect(others).toEqual([]);
  expect(secret?.text).toMatchSnapshot();
  expect(workload?.text).toContain(`name: ${secret?.objects[0]?.metadata.name}\n`);
});

test.each(['st-app', 'plain'] as const)(
  'with %s the pods reference an existing Secret, and none is rendered',
  (runtime) => {
    const files = render(testServer({ runtime }, 'test-server', storePlatform({ kind: 'existing' })), new Map());
    expect(files.map(({ name }) => name)).toEqual(['namespace.yaml', 'server.yaml']);
    expect(files[1]?.text).toMatch(/secretRef:\n\s+name: test-server-worker-secret\n/);
  },
);

test('annotates the SealedSecret and its template with the scope', () => {
  const server = testServer();
  const [, , file] = render(server, testSealed(server, { scope: 'cluster-wide' }));
  expect(file?.text.match(/sealedsecrets\.bitnami\.com\/cluster-wide: 'true'/g)).toHaveLength(2);
});

test.each([
  ['plain', 30, '90'],
  ['plain', 61, '91'],
  ['plain', 300, '330'],
  ['st-app', 30, undefined],
  ['st-app', 31, '90'],
  ['st-app', 300, '330'],
] as const)('with %s the ingress waits longer than the slowest tool: %i s, %s', (runtime, timeoutSeconds, seconds) => {
  const server = { ...testServer({ runtime }), call: { timeoutSeconds, retries: 0, asks: false } };
  const [, file] = render(server, testSealed(server));
  const found = ['read', 'send'].map(
    (way) => new RegExp(`proxy-${way}-timeout: "?'?(\\d+)`).exec(file?.text ?? '')?.[1],
  );
  expect(found).toEqual([seconds, seconds]);
});

describe('the kubelet probes a server', () => {
  const toolkit = { name: 'test_server', version: '1.0.0', description: 'A test server.', tools: ['add'] };
  const container = (fields: Parameters<typeof testServer>[0], more: object = {}) => {
    const server = { ...testServer({ runtime: 'plain', ...fields }), ...more };
    const [, file] = render(server, testSealed(server));
    return at(file?.objects[0], 'spec', 'template', 'spec', 'containers', '0');
  };
  const probesOf = (fields: Parameters<typeof testServer>[0], more?: object) =>
    ['livenessProbe', 'readinessProbe'].map((probe) => {
      const probed = container(fields, more);
      return at(probed, probe, 'httpGet') ?? at(probed, probe, 'tcpSocket');
    });

  test('with tools at the operations port of our worker', () => {
    expect(probesOf({}, { toolkit })).toEqual([
      { path: '/live', port: 'metrics' },
      { path: '/ready', port: 'metrics' },
    ]);
    expect(at(container({}, { toolkit }), 'ports')).toEqual([
      { name: 'http', containerPort: 8000 },
      { name: 'metrics', containerPort: 9090 },
    ]);
  });

  test('with an image built elsewhere at the health path of every worker', () => {
    const health = { path: '/worker/health', port: 'http' };
    expect(probesOf({})).toEqual([health, health]);
    expect(at(container({}), 'ports')).toEqual([{ name: 'http', containerPort: 8000 }]);
  });

  test('by TCP or not at all when declared so', () => {
    expect(probesOf({ probes: 'tcp' }, { toolkit })).toEqual([{ port: 'http' }, { port: 'http' }]);
    expect(probesOf({ probes: 'off' }, { toolkit })).toEqual([undefined, undefined]);
  });
});

test('protects exactly the labels that every object has', () => {
  expect(Object.keys(labelsOf(testServer()))).toEqual(ownLabels);
});

test('spreads several replicas over nodes and drains them one at a time', () => {
  const server = testServer({ runtime: 'plain', replicas: 3 });
  const [, file] = render(server, testSealed(server));
  expect(file?.objects.map(({ kind }) => kind)).toContain('PodDisruptionBudget');
  expect(file?.text).toContain('topologySpreadConstraints');
});

test('gives a single replica no disruption budget, which would block every drain of its node', () => {
  const server = testServer({ runtime: 'plain' });
  const [, file] = render(server, testSealed(server));
  expect(file?.objects.map(({ kind }) => kind)).not.toContain('PodDisruptionBudget');
});

test('the grace period is longer than the worker needs to stop', () => {
  const server = testServer({ runtime: 'plain' });
  const [, file] = render(server, testSealed(server));
  const seconds = Number(/terminationGracePeriodSeconds: (\d+)/.exec(file?.text ?? '')?.[1]);
  expect(seconds).toBeGreaterThan(contract.drainSeconds + contract.stopSeconds);
});

function textOf(files: ReturnType<typeof render>): string {
  return files.map(({ name, text }) => `=== ${name}\n${text}`).join('');
}
