import { createHash } from 'node:crypto';
import type { Server } from '../model/spec';
import { seriesOf } from './series';

/** The Grafana dashboard of a server (schema 39, Grafana 11 and later): first its calls, then its pods. */
export function dashboardFor(server: Server) {
  const { name } = server;
  const of = seriesOf(server);
  return {
    uid: uidOf(name),
    title: `${name}: tool server`,
    tags: ['mcp', server.team],
    schemaVersion: 39,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    templating: {
      list: [
        { name: 'datasource', type: 'datasource', query: 'prometheus' },
        {
          name: 'tool',
          type: 'query',
          datasource,
          query: `label_values(${of('tool_call')}, tool)`,
          refresh: 2,
          includeAll: true,
          allValue: '.*',
          multi: true,
        },
      ],
    },
    panels: panelsOf(server).map(panel),
  };
}

/** Grafana allows at most 40 characters. */
function uidOf(name: string): string {
  const uid = `mcp-${name}`;
  return uid.length <= 40 ? uid : createHash('sha256').update(uid).digest('hex').slice(0, 40);
}

const datasource = { type: 'prometheus', uid: '$datasource' };

interface Panel {
  readonly title: string;
  /** Grafana's id of the unit. */
  readonly unit: string;
  readonly expr: string;
  readonly legend: string;
}

function panelsOf(server: Server): readonly Panel[] {
  const of = seriesOf(server);
  const ofTool = (metric: string, ...matchers: readonly string[]) => of(metric, 'tool=~"$tool"', ...matchers);
  const calls = `sum by (tool) (rate(${ofTool('tool_call')}[$__rate_interval]))`;
  const buckets = `sum by (tool, le) (rate(${ofTool('worker_tool_call_duration_seconds_bucket')}[$__rate_interval]))`;
  return [
    { title: 'Calls', unit: 'reqps', expr: calls, legend: '{{tool}}' },
    {
      title: 'Calls without a result',
      unit: 'reqps',
      expr: `sum by (tool, outcome) (rate(${ofTool('tool_call', 'outcome!="ok"')}[$__rate_interval]))`,
      legend: '{{tool}} {{outcome}}',
    },
    { title: 'Call duration, p95', unit: 's', expr: `histogram_quantile(0.95, ${buckets})`, legend: '{{tool}}' },
    {
      title: 'Calls in flight',
      unit: 'short',
      expr: `sum by (pod) (${of('worker_calls_in_flight')})`,
      legend: '{{pod}}',
    },
    {
      title: 'Responses of the engine paths',
      unit: 'reqps',
      expr: `sum by (route, status) (rate(${of('worker_answers_total')}[$__rate_interval]))`,
      legend: '{{route}} {{status}}',
    },
    {
      title: 'Refused tokens',
      unit: 'reqps',
      expr: `sum by (reason) (rate(${of('worker_refused_tokens_total')}[$__rate_interval]))`,
      legend: '{{reason}}',
    },
    {
      title: 'Calls with the previous secret',
      unit: 'reqps',
      expr: `sum by (pod) (rate(${of('worker_previous_secret_total')}[$__rate_interval]))`,
      legend: '{{pod}}',
    },
    {
      title: 'Event loop lag, p99',
      unit: 's',
      expr: of('nodejs_eventloop_lag_p99_seconds'),
      legend: '{{pod}}',
    },
    { title: 'Memory', unit: 'bytes', expr: of('process_resident_memory_bytes'), legend: '{{pod}}' },
    {
      title: 'CPU',
      unit: 'short',
      expr: `rate(${of('process_cpu_seconds_total')}[$__rate_interval])`,
      legend: '{{pod}}',
    },
    {
      title: 'Uptime',
      unit: 's',
      expr: `time() - ${of('process_start_time_seconds')}`,
      legend: '{{pod}}',
    },
    { title: 'Scraped pods', unit: 'short', expr: `sum(${of('up')})`, legend: 'pods' },
  ];
}

/** Three panels a row, on Grafana's grid of 24 columns. */
function panel({ title, unit, expr, legend }: Panel, index: number) {
  return {
    id: index + 1,
    type: 'timeseries',
    title,
    datasource,
    gridPos: { x: (index % 3) * 8, y: Math.floor(index / 3) * 8, w: 8, h: 8 },
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    targets: [{ refId: 'A', datasource, expr, legendFormat: legend }],
  };
}
