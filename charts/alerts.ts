import type { Monitoring } from '../model/monitoring';
import type { Server } from '../model/spec';
import { seriesOf } from './series';

/** An alert as Prometheus takes it. */
export interface Alert {
  /** Never changes: routes and silences name it. */
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<'summary' | 'description' | 'runbook_url', string>>;
}

/** What is worth somebody's attention, with what to do about it in docs/operations.md. */
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
  /** `critical`: nobody is served. `warning`: it can wait until somebody is at a desk. */
  readonly severity: 'critical' | 'warning';
  readonly for: string;
  readonly expr: string;
  /** Follows the server's name. */
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
      summary: 'Prometheus reads no pod',
      description:
        'For ten minutes no pod has answered Prometheus: none is there, none starts, or none can be reached.',
    },
    {
      alert: 'WorkerRestarting',
      severity: 'warning',
      for: '0m',
      expr: `sum by (pod) (changes(${of('process_start_time_seconds')}[30m])) > 2`,
      summary: 'a pod starts again and again',
      description: 'The worker of {{ $labels.pod }} has started {{ $value }} times within half an hour.',
    },
    {
      alert: 'WorkerEventLoopLate',
      severity: 'warning',
      for: '10m',
      expr: `max by (pod) (${of('nodejs_eventloop_lag_p99_seconds')}) > 0.5`,
      summary: 'a tool keeps the event loop',
      description:
        'One turn in a hundred of {{ $labels.pod }} is {{ $value | humanizeDuration }} late, and every call waits for it.',
    },
    {
      alert: 'WorkerTokensRefused',
      severity: 'warning',
      for: '5m',
      // Whoever comes without a token, or with one that has just expired, is on the way to a good one, or a stranger.
      expr: `sum by (reason) (increase(${of('worker_refused_tokens_total', `reason!~"${harmless}"`)}[15m])) > 5`,
      summary: 'callers come with tokens that are refused',
      description: '{{ $value | humanize }} tokens in a quarter of an hour, because: {{ $labels.reason }}.',
    },
    {
      alert: 'WorkerPreviousSecretUsed',
      severity: 'warning',
      for: '1d',
      expr: `sum(increase(${of('worker_previous_secret_total')}[6h])) > 0`,
      summary: 'the engine still uses the previous secret',
      description:
        'A rotation has been under way for a day: finish it, and calls with the previous secret are refused.',
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
      summary: 'a tool takes more than half of its time',
      description: `One call in twenty of {{ $labels.tool }} takes {{ $value | humanizeDuration }} or more; the limit is ${slow * 2} s.`,
    },
  ];
}

/** Reasons of refusals that say nothing of an engine or client that is set up. */
const harmless = 'Not authenticated|mcp_missing|mcp_expired';

/** Outcomes that are no fault of the tool: the caller has to say something else, or to come again. */
const fine = 'ok|TOOL_RUNTIME_BAD_INPUT_VALUE|TOOL_RUNTIME_CONTEXT_REQUIRED|TOOL_RUNTIME_RETRY';
