import type { Monitoring } from '../model/monitoring';
import type { Server } from '../model/spec';
import { seriesOf } from './series';

/** An alerting rule of Prometheus. */
export interface Alert {
  /** Never changes, because routes and silences refer to it. */
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<'summary' | 'description' | 'runbook_url', string>>;
}

/** The alerts of a server, each with its runbook in docs/operations.md. */
export function alertsFor(
  server: Server,
  { runbooks = 'docs/operations.md' }: Pick<Monitoring, 'runbooks'>,
): readonly Alert[] {
  const { name, namespace, team } = server;
  return conditionsOf(server).map(({ alert, severity, for: duration, expr, summary, description }) => ({
    alert,
    expr,
    for: duration,
    labels: { severity, server: name, namespace, team },
    annotations: { summary: `${name}: ${summary}`, description, runbook_url: `${runbooks}#${alert.toLowerCase()}` },
  }));
}

interface Condition {
  readonly alert: string;
  /** `critical`: the server is down. `warning`: it can wait for working hours. */
  readonly severity: 'critical' | 'warning';
  readonly for: string;
  readonly expr: string;
  /** Comes after the server's name. */
  readonly summary: string;
  readonly description: string;
}

function conditionsOf(server: Server): readonly Condition[] {
  const of = seriesOf(server);
  const slow = server.call.timeoutSeconds / 2;
  const calls = `sum by (tool) (increase(${of('tool_call')}[15m]))`;
  return [
    {
      alert: 'WorkerNotScraped',
      severity: 'critical',
      for: '10m',
      expr: `absent(${of('up')} == 1)`,
      summary: 'Prometheus scrapes no pod',
      description: 'For ten minutes Prometheus has scraped no pod: none exists, none starts, or none can be reached.',
    },
    {
      alert: 'WorkerRestarting',
      severity: 'warning',
      for: '0m',
      expr: `sum by (pod) (changes(${of('process_start_time_seconds')}[30m])) > 2`,
      summary: 'a pod keeps restarting',
      description: 'The worker of {{ $labels.pod }} has restarted {{ $value }} times in 30 minutes.',
    },
    {
      alert: 'WorkerEventLoopLate',
      severity: 'warning',
      for: '10m',
      expr: `max by (pod) (${of('nodejs_eventloop_lag_p99_seconds')}) > 0.5`,
      summary: 'a tool blocks the event loop',
      description:
        'The event loop of {{ $labels.pod }} lags by {{ $value | humanizeDuration }} (p99), which delays every call.',
    },
    {
      alert: 'WorkerTokensRefused',
      severity: 'warning',
      for: '5m',
      // Missing and expired tokens are normal: the client is about to get a new one, or is unknown.
      expr: `sum by (reason) (increase(${of('worker_refused_tokens_total', `reason!~"${harmless}"`)}[15m])) > 5`,
      summary: 'the worker refuses tokens',
      description: '{{ $value | humanize }} refused tokens in 15 minutes. Reason: {{ $labels.reason }}.',
    },
    {
      alert: 'WorkerPreviousSecretUsed',
      severity: 'warning',
      for: '1d',
      expr: `sum(increase(${of('worker_previous_secret_total')}[6h])) > 0`,
      summary: 'the engine still uses the previous secret',
      description:
        'A rotation has been in progress for a day. Once it is finished, calls with the previous secret are refused.',
    },
    {
      alert: 'WorkerToolFailing',
      severity: 'warning',
      for: '5m',
      expr: `sum by (tool) (increase(${of('tool_call', `outcome!~"${fine}"`)}[15m])) / ${calls} > 0.2 and ${calls} >= 5`,
      summary: 'a tool fails',
      description: '{{ $value | humanizePercentage }} of the calls of {{ $labels.tool }} fail.',
    },
    {
      alert: 'WorkerToolSlow',
      severity: 'warning',
      for: '10m',
      expr: `histogram_quantile(0.95, sum by (tool, le) (rate(${of('worker_tool_call_duration_seconds_bucket')}[15m]))) > ${slow}`,
      summary: 'a tool takes more than half of its time limit',
      description: `Calls of {{ $labels.tool }} take {{ $value | humanizeDuration }} (p95); the limit is ${slow * 2} s.`,
    },
  ];
}

/** Reasons that do not point to a misconfigured engine or client. */
const harmless = 'Not authenticated|mcp_missing|mcp_expired';

/** Outcomes that are not the tool's fault: the caller must change the request or retry. */
const fine = 'ok|TOOL_RUNTIME_BAD_INPUT_VALUE|TOOL_RUNTIME_CONTEXT_REQUIRED|TOOL_RUNTIME_RETRY';
