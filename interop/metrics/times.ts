/** The series of a server over time, one value a minute, and when one alert fires. */
export interface Course {
  readonly alert: string;
  /** Series in promtool's notation, without the labels of the target: `'0+5x30'` increases by 5, thirty times. */
  readonly series: Readonly<Record<string, string>>;
  /** A time at which it must not fire yet. */
  readonly notYet: string;
  /** A time at which it must fire. */
  readonly firing: string;
}

/** What makes each alert fire, with the rendered windows and `for` durations. */
export const courses: readonly Course[] = [
  { alert: 'WorkerNotScraped', series: { up: '1 0x30' }, notYet: '9m', firing: '12m' },
  {
    alert: 'WorkerRestarting',
    series: { process_start_time_seconds: '100 100 200 200 300 300 400x20' },
    notYet: '5m',
    firing: '7m',
  },
  { alert: 'WorkerEventLoopLate', series: { nodejs_eventloop_lag_p99_seconds: '0.9x30' }, notYet: '9m', firing: '11m' },
  {
    alert: 'WorkerTokensRefused',
    series: { 'worker_refused_tokens_total{reason="Signature verification failed"}': '0+5x30' },
    notYet: '4m',
    firing: '9m',
  },
  {
    alert: 'WorkerPreviousSecretUsed',
    series: { worker_previous_secret_total: '0+1x1600' },
    notYet: '23h',
    firing: '25h',
  },
  {
    alert: 'WorkerToolFailing',
    series: {
      'tool_call{way="mcp",tool="A",outcome="ok"}': '0+2x40',
      'tool_call{way="mcp",tool="A",outcome="TOOL_RUNTIME_FATAL"}': '0+1x40',
    },
    notYet: '4m',
    firing: '15m',
  },
  {
    alert: 'WorkerToolSlow',
    series: {
      'worker_tool_call_duration_seconds_bucket{way="mcp",tool="A",le="0.5"}': '0+1x40',
      'worker_tool_call_duration_seconds_bucket{way="mcp",tool="A",le="30"}': '0+5x40',
      'worker_tool_call_duration_seconds_bucket{way="mcp",tool="A",le="+Inf"}': '0+5x40',
    },
    notYet: '9m',
    firing: '15m',
  },
];

/** Two days of a healthy server, with the usual noise from unauthenticated callers, models and rollouts. */
export const quiet: Course['series'] = {
  up: '1x2880',
  'process_start_time_seconds{pod="b"}': '100x10 200x2870',
  nodejs_eventloop_lag_p99_seconds: '0.02x2880',
  'worker_refused_tokens_total{reason="Not authenticated"}': '0+50x2880',
  'worker_refused_tokens_total{reason="mcp_missing"}': '0+50x2880',
  worker_previous_secret_total: '0+1x60 60x2819',
  'tool_call{way="mcp",tool="A",outcome="ok"}': '0+9x2880',
  'tool_call{way="mcp",tool="A",outcome="TOOL_RUNTIME_FATAL"}': '0+1x2880',
  'tool_call{way="mcp",tool="A",outcome="TOOL_RUNTIME_BAD_INPUT_VALUE"}': '0+9x2880',
  'worker_tool_call_duration_seconds_bucket{way="mcp",tool="A",le="0.5"}': '0+9x2880',
  'worker_tool_call_duration_seconds_bucket{way="mcp",tool="A",le="+Inf"}': '0+9x2880',
};

/** A test file for promtool. @param job the `job` label of every series @param rules the file of rules */
export function promtoolTest(job: string, rules: string): object {
  const query = (alert: string) => `count(ALERTS{alertname="${alert}",alertstate="firing"})`;
  const at = (alert: string, time: string, isFiring: boolean) => ({
    expr: query(alert),
    eval_time: time,
    exp_samples: isFiring ? [{ labels: '{}', value: 1 }] : [],
  });
  const inputs = (series: Course['series']) =>
    Object.entries(series).map(([name, values]) => ({ series: labelled(name, job), values }));
  const tests = courses.map(({ alert, series, notYet, firing }) => ({
    name: alert,
    interval: '1m',
    input_series: inputs(series),
    promql_expr_test: [at(alert, notYet, false), at(alert, firing, true)],
  }));
  const none = ['1h', '12h', '47h'].map((time) => ({
    expr: 'count(ALERTS{alertstate="firing"})',
    eval_time: time,
    exp_samples: [],
  }));
  const calm = { name: 'quiet', interval: '1m', input_series: inputs(quiet), promql_expr_test: none };
  return { rule_files: [rules], evaluation_interval: '1m', tests: [...tests, calm] };
}

function labelled(series: string, job: string): string {
  const [, name = series, labels = ''] = /^(\w+)(?:\{(.*)\})?$/.exec(series) ?? [];
  const own = labels.includes('pod=') ? [labels] : ['pod="a"', labels];
  return `${name}{${[`job="${job}"`, ...own].filter(Boolean).join(',')}}`;
}
