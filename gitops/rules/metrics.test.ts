import { type Manifest, render } from '../../charts/render';
import { recordedName } from '../../testing/exchanges/recorded';
import { testSealed, toolServer } from '../../testing/fixtures';
import { freePort } from '../../testing/free-port';
import { workerWith } from '../../testing/processes/our-worker';
import { startServer } from '../../testing/processes/server';
import { contract } from '../../worker/contract';
import { metricsExported, queriesOf, seriesIn } from './metrics';

const server = toolServer({ replicas: { min: 1, max: 3, on: 'calls' } });
const objects = render(server, testSealed(server)).flatMap((file) => file.objects);
const queries = objects.flatMap(queriesOf);

test('a real worker exports every metric and label that alerts, dashboards and autoscalers query', async () => {
  const operations = await freePort();
  const secrets = { ARCADE_WORKER_SECRET: 'current', ARCADE_WORKER_SECRET_PREVIOUS: 'previous' };
  const recipe = workerWith('fixtures', { ...secrets, WORKER_OPERATIONS_PORT: String(operations) });
  const worker = await startServer(recipe);
  try {
    await fetch(`${worker.url}${contract.paths.tools}`);
    const params = { name: `${recordedName}_Echo`, arguments: { message: 'hi' } };
    const headers = { 'content-type': 'application/json', accept: 'application/json' };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
    await fetch(`${worker.url}${contract.paths.mcp}`, { method: 'POST', headers, body });
    const text = await (await fetch(`http://127.0.0.1:${operations}${contract.operations.metrics}`)).text();
    const exported = new Map<string, Set<string>>();
    for (const [, name = '', labels = ''] of text.matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)) {
      const names = [...labels.matchAll(/(\w+)="/g)].map(([, label = '']) => label);
      exported.set(name, new Set([...(exported.get(name) ?? []), ...names]));
    }
    const byPrometheus = ['job', 'namespace', 'pod', 'container', 'endpoint', 'instance'];
    const missing = queries.flatMap(({ path, query }) =>
      seriesIn(query)
        .filter(({ metric }) => metric !== 'up')
        .flatMap(({ metric, labels }) => {
          const found = exported.get(metric);
          if (found === undefined) return [`${path}: ${metric}`];
          return labels
            .filter((label) => !found.has(label) && !byPrometheus.includes(label))
            .map((label) => `${path}: ${metric} by ${label}`);
        }),
    );
    expect(queries.length).toBeGreaterThan(15);
    expect(missing).toEqual([]);
    for (const [metric, labels] of Object.entries(contract.metrics)) {
      const found = exported.get(metric);
      expect([metric, [...(found ?? ['none'])].sort()]).toEqual([metric, [...labels].sort()]);
    }
  } finally {
    await worker.kill();
  }
});

test('accepts the queries of the rendered objects', () => {
  expect(objects.flatMap((object) => metricsExported(object))).toEqual([]);
});

test.each([
  ['sum by (reason) (increase(worker_refused_token_total{job="a"}[5m]))', 'worker_refused_tokens_total'],
  ['rate(worker_refused_tokens_total{why="a"}[5m])', '"why"'],
  ['sum by (tol) (rate(tool_call[5m])) > 0.5 and vector(1)', 'write "tool"'],
  ['sum by (le) (rate(worker_tool_call_duration_seconds_sum[5m]))', '"le"'],
  ['kube_pod_container_status_restarts_total', 'kube_pod_container_status_restarts_total'],
  ['worker_tool_call_duration_seconds', 'worker_tool_call_duration_seconds_'],
])('rejects %s in a rule, a dashboard and an autoscaler', (query, name) => {
  const kinds: readonly Manifest[] = [
    { ...base('PrometheusRule'), spec: { groups: [{ name: 'a', rules: [{ alert: 'A', expr: query }] }] } },
    { ...base('ConfigMap'), data: { 'a.json': JSON.stringify({ panels: [{ targets: [{ expr: query }] }] }) } },
    { ...base('ScaledObject'), spec: { triggers: [{ type: 'prometheus', metadata: { query } }] } },
  ];
  for (const object of kinds) {
    const [finding, ...others] = metricsExported(object);
    expect([finding?.code, others]).toEqual(['POLICY', []]);
    expect(`${finding?.path} ${finding?.found}; ${finding?.fix}`).toContain(name);
  }
});

test('finds the metrics and labels in any query', () => {
  expect(seriesIn('label_values(tool_call{job="a,b"}, tool)')).toEqual([
    { metric: 'tool_call', labels: ['job', 'tool'] },
  ]);
  expect(seriesIn('a{x="} b{"} / on (y) group_left () c offset 5m > bool 1e3')).toEqual([
    { metric: 'a', labels: ['x', 'y'] },
    { metric: 'c', labels: ['y'] },
  ]);
  expect(seriesIn('absent(up{job="a"} == 1) or time() - inf')).toEqual([{ metric: 'up', labels: ['job'] }]);
});

function base(kind: string) {
  return { apiVersion: 'v1', kind, metadata: { name: 'a' } };
}
