import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Manifest, render } from '../../charts/render';
import { queriesOf } from '../../gitops/rules/metrics';
import type { Server } from '../../model/spec';
import { recordedName } from '../../testing/exchanges/recorded';
import { mint } from '../../testing/exchanges/token';
import { testSealed, toolServer } from '../../testing/fixtures';
import { freePort } from '../../testing/free-port';
import { workerWith } from '../../testing/processes/our-worker';
import { run } from '../../testing/processes/program';
import { type RunningServer, startServer } from '../../testing/processes/server';
import { contract } from '../../worker/contract';
import { seen } from '../seen';
import { type Prometheus, startPrometheus } from './prometheus';
import { courses, promtoolTest } from './times';

const server = toolServer({ replicas: { min: 1, max: 3, on: 'calls' } });
const job = `${server.namespace}/${server.name}`;
const objects = objectsOf(server);
const folder = mkdtempSync(join(tmpdir(), 'rules-'));
const secrets = { ARCADE_WORKER_SECRET: 'current', ARCADE_WORKER_SECRET_PREVIOUS: 'previous' };
const names = courses.map(({ alert }) => alert);

let worker: RunningServer;
let prometheus: Prometheus;
let start: () => Promise<RunningServer>;

function objectsOf(one: Server): readonly Manifest[] {
  return render(one, testSealed(one)).flatMap((file) => file.objects);
}

/** The rules that the operator passes to Prometheus. */
function rulesOf(one: Server): unknown {
  return objectsOf(one).find(({ kind }) => kind === 'PrometheusRule')?.spec;
}

/** Writes a file for Prometheus, which also reads JSON because JSON is YAML. */
function rulesFile(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

beforeAll(async () => {
  const [port, operations] = [await freePort(), await freePort()];
  start = () =>
    startServer(workerWith('alert-triggers', { ...secrets, WORKER_OPERATIONS_PORT: String(operations) }), port);
  worker = await start();
  // Fires without a `for` duration, and calls a tool slow after one second; the windows are the rendered ones. The test
  // of the times uses the rules unchanged.
  const impatient = JSON.stringify(rulesOf({ ...server, call: { timeoutSeconds: 2, retries: 0, asks: false } }));
  const rules = rulesFile('impatient.yml', impatient.replace(/"for":"\w+"/g, '"for":"0s"'));
  const labels = { namespace: server.namespace, pod: 'test-server-1', container: 'worker' };
  prometheus = await startPrometheus({ job, target: `127.0.0.1:${operations}`, labels, rules });
});
afterAll(() => Promise.all([worker?.kill(), prometheus?.kill()]));

test('promtool accepts the rules, and each alert has a course in times.ts', async () => {
  const printed = await run('promtool', ['check', 'rules', rulesFile('rules.yml', JSON.stringify(rulesOf(server)))]);
  expect(printed).toContain(`${names.length} rules found`);
  expect(names.filter((alert) => !JSON.stringify(rulesOf(server)).includes(`"alert":"${alert}"`))).toEqual([]);
});

test('times: each alert fires when due and not before, and none fires on a quiet day', async () => {
  const rules = rulesFile('rules.yml', JSON.stringify(rulesOf(server)));
  const file = rulesFile('test.yml', JSON.stringify(promtoolTest(job, rules)));
  expect(await run('promtool', ['test', 'rules', file])).toContain('SUCCESS');
});

/** What makes each alert fire. Repeated until it does. */
const causes: Readonly<Record<string, () => Promise<unknown>>> = {
  WorkerTokensRefused: () => Promise.all(Array.from({ length: 5 }, () => listTools('wrong'))),
  WorkerPreviousSecretUsed: () => listTools('previous'),
  WorkerToolFailing: () => Promise.all(Array.from({ length: 5 }, () => call('Boom', {}))),
  WorkerToolSlow: () => Promise.all(Array.from({ length: 20 }, () => call('Wait', { ms: 1500 }))),
  WorkerEventLoopLate: () => call('Block', { ms: 800 }),
  WorkerRestarting: async () => {
    const [first] = await prometheus.query(`process_start_time_seconds{job="${job}"}`);
    await worker.kill();
    worker = await start();
    // Restart again only after Prometheus has scraped this process.
    const deadline = performance.now() + 60_000;
    for (;;) {
      const [now] = await prometheus.query(`process_start_time_seconds{job="${job}"}`);
      if (now !== undefined && now.value[1] !== first?.value[1]) return;
      if (performance.now() > deadline) throw new Error('Prometheus has not scraped the new process');
    }
  },
  WorkerNotScraped: () => worker.kill(),
};

test.each(Object.entries(causes))('%s fires when its cause occurs', async (alert, cause) => {
  const { labels, annotations } = await prometheus.firing(alert, cause);
  expect(labels).toMatchObject({ server: server.name, namespace: server.namespace, team: server.team });
  const page = `docs/operations.md#${alert.toLowerCase()}`;
  expect(annotations).toMatchObject({ summary: expect.stringMatching(/^test-server: /), runbook_url: page });
  expect(annotations.description).not.toMatch(/<no value>|error/);
  seen(annotations.description ?? '');
  if (alert === 'WorkerNotScraped') worker = await start();
});

test('the test above makes every alert fire', () => {
  expect(Object.keys(causes).sort()).toEqual([...names].sort());
});

test('the autoscaler query returns the calls in flight as one number', async () => {
  const [scaled] = objects.filter(({ kind }) => kind === 'ScaledObject').flatMap(queriesOf);
  const deadline = performance.now() + 120_000;
  for (;;) {
    await Promise.all(Array.from({ length: 5 }, () => call('Wait', { ms: 4000 })));
    const series = await prometheus.query(scaled?.query ?? '');
    expect(series).toHaveLength(1);
    const inFlight = Number(series[0]?.value[1]);
    if (inFlight > 0) return seen(`${inFlight.toFixed(1)} on average over a minute`);
    if (performance.now() > deadline) throw new Error('no call is in flight');
  }
});

test('every dashboard panel has data', async () => {
  const panels = objects.filter(({ kind }) => kind === 'ConfigMap').flatMap(queriesOf);
  const queries = panels.filter(({ path }) => path.includes('.panels.'));
  expect(queries.length).toBeGreaterThan(10);
  const empty: string[] = [];
  for (const { query } of queries) {
    const found = await prometheus.query(query.replaceAll('$__rate_interval', '15m').replaceAll('$tool', '.*'));
    if (found.length === 0) empty.push(query);
  }
  expect(empty).toEqual([]);
});

function listTools(secret: string): Promise<unknown> {
  const token = mint({ secret, alg: 'HS256', claims: { aud: 'worker', ver: '1' } });
  return request(contract.paths.tools, { headers: { authorization: `Bearer ${token}` } });
}

function call(tool: string, inputs: object): Promise<unknown> {
  const token = mint({ secret: 'current', alg: 'HS256', claims: { aud: 'worker', ver: '1' } });
  const body = JSON.stringify({ tool: { name: tool, toolkit: recordedName }, inputs });
  return request(contract.paths.invoke, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body });
}

async function request(path: string, init: RequestInit): Promise<string> {
  return (await fetch(`${worker.url}${path}`, init)).text();
}
