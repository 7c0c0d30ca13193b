import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { serversFrom } from '../model/spec';
import { monitoredPlatform, testPlatform, testSealed, testServer, toolServer } from '../testing/fixtures';
import { alertsFor } from './alerts';
import { render } from './render';

test('renders the objects for Prometheus and Grafana, and admits Prometheus', () => {
  const [, file] = render(toolServer(), testSealed(toolServer()));
  const objects = file?.objects.filter(({ kind }) =>
    ['NetworkPolicy', 'PodMonitor', 'PrometheusRule', 'ConfigMap'].includes(kind),
  );
  expect(objects).toHaveLength(4);
  expect(objects).toMatchSnapshot();
});

test.each([
  ['an image that is built elsewhere', testServer({ runtime: 'plain' }, 'test-server', monitoredPlatform)],
  ['a release of the chart', toolServer({ runtime: 'st-app' })],
])('%s renders the same as on a platform without monitoring', (_, server) => {
  const without = { ...server, platform: testPlatform };
  expect(render(server, testSealed(server))).toEqual(render(without, testSealed(without)));
});

test('renders an autoscaler on calls only for KEDA', () => {
  const server = toolServer({ replicas: { min: 2, max: 5, on: 'calls' } });
  const [, file] = render(server, testSealed(server));
  expect(file?.objects.map(({ kind }) => kind)).not.toContain('HorizontalPodAutoscaler');
  const deployment = file?.objects.find(({ kind }) => kind === 'Deployment');
  expect(deployment?.spec).not.toHaveProperty('replicas');
  expect(file?.objects.find(({ kind }) => kind === 'ScaledObject')).toMatchSnapshot();
});

test('scales on CPU by default', () => {
  const [explicit, byDefault] = [{ min: 2, max: 5, on: 'cpu' } as const, { min: 2, max: 5 }].map((replicas) => {
    const server = toolServer({ replicas });
    return render(server, testSealed(server))[1]?.objects.find(({ kind }) => kind === 'HorizontalPodAutoscaler');
  });
  expect(explicit).toBeDefined();
  expect(byDefault).toEqual(explicit);
});

const calls = { min: 1, max: 3, on: 'calls' };
const own = { team: 'infra', image: '1.0.0', description: 'd', version: '1.0.0', runtime: 'plain', replicas: calls };
test.each([
  ['on a platform without monitoring', testPlatform, { entry: own, tools: ['add'] }, /declare it in platforms/],
  ['with the chart', monitoredPlatform, { entry: { ...own, runtime: 'st-app' }, tools: ['add'] }, /on: 'cpu'/],
  [
    'for an image that is built elsewhere',
    monitoredPlatform,
    { entry: { team: 'infra', image: 'r.example.com/a:1.0.0', runtime: 'plain', replicas: calls } },
    /on: 'cpu'/,
  ],
])('rejects an autoscaler on calls %s, with the fix', (_, platform, declaration, fix) => {
  const { servers, problems } = serversFrom({ name: 'test-server', ...declaration }, [platform]);
  expect(servers).toEqual([]);
  expect(problems).toMatchObject([{ code: 'UNMAPPED-FIELD', path: 'replicas.on', fix: expect.stringMatching(fix) }]);
});

test('each alert links to its runbook in docs/operations.md', () => {
  const page = readFileSync(join(__dirname, '../docs/operations.md'), 'utf8');
  const anchors = [...page.matchAll(/^## (.+)$/gm)].map(([, heading = '']) => `#${heading.toLowerCase()}`);
  const alerts = alertsFor(toolServer(), { runbooks: 'https://git.example.com/docs/operations.md' });
  const links = alerts.map(({ annotations }) => annotations.runbook_url);
  expect(links).toEqual(anchors.map(() => expect.stringMatching(/^https:.*md#worker\w+$/)));
  expect(links.map((link) => new URL(link).hash).sort()).toEqual(anchors.sort());
});
