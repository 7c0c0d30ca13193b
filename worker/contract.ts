/**
 * The contract with the outside: the charts set the variables and open the port, the engine calls the paths, and rolling
 * restarts depend on the times. Both sides import it, so a typo does not compile.
 */
export const contract = {
  /** The port of the tool server, inside the container and on its Service. */
  port: 8000,
  /** The port for metrics and probes. The Service does not expose it. */
  operationsPort: 9090,
  /** The paths on the operations port: liveness, readiness and metrics. */
  operations: { live: '/live', ready: '/ready', metrics: '/metrics' },
  /**
   * The metrics with their labels: alerts, dashboards and autoscalers may use only these. The last ones describe the process
   * (prom-client 15.1).
   */
  metrics: {
    tool_call: ['way', 'tool', 'outcome'],
    worker_answers_total: ['route', 'status'],
    worker_calls_in_flight: [],
    worker_previous_secret_total: [],
    worker_refused_tokens_total: ['reason'],
    worker_tool_call_duration_seconds_bucket: ['way', 'tool', 'le'],
    worker_tool_call_duration_seconds_count: ['way', 'tool'],
    worker_tool_call_duration_seconds_sum: ['way', 'tool'],
    nodejs_eventloop_lag_p99_seconds: [],
    process_cpu_seconds_total: [],
    process_resident_memory_bytes: [],
    process_start_time_seconds: [],
  },
  /** The paths of the routes; the engine fixes `/worker` (arcade-mcp-server 1.26.0; resources since 1.32.1). */
  paths: {
    health: '/worker/health',
    tools: '/worker/tools',
    invoke: '/worker/tools/invoke',
    resourcesList: '/worker/resources/list',
    resourcesRead: '/worker/resources/read',
    mcp: '/mcp',
  },
  /** The longest request body, in bytes: the engine's default limit (arcade-mcp-server 1.26.0). */
  bodyBytes: 4 * 1024 * 1024,
  /** The claims of an engine token. `ver` is a string (arcade-mcp-server 1.26.0). */
  token: { algorithm: 'HS256', audience: 'worker', version: '1' },
  /** The environment variables that the container sets. */
  env: {
    transport: 'ARCADE_SERVER_TRANSPORT',
    host: 'ARCADE_SERVER_HOST',
    port: 'ARCADE_SERVER_PORT',
    secret: 'ARCADE_WORKER_SECRET',
    /** Also accepted, during a rotation. */
    previousSecret: 'ARCADE_WORKER_SECRET_PREVIOUS',
  },
  /**
   * The default time limit of a tool call, in seconds, and the default number of retries; and the maximum of each, which is
   * the engine's (its dashboard, seen 2026-06).
   */
  call: { timeoutSeconds: 30, maxTimeoutSeconds: 300, retries: 0, maxRetries: 10 },
  /** The time limit for a person to answer a question of a tool, in seconds. It does not count towards the limit of the call. */
  askSeconds: 300,
  /**
   * The target of calls in flight per pod when autoscaling on calls. This many bodies of the maximum size take 80 MiB, a third
   * of the default memory limit.
   */
  callsPerPod: 20,
  /** How long the worker keeps serving after SIGTERM, until endpoints are updated, in seconds. */
  drainSeconds: 8,
  /** The time limit for calls in flight after the drain, in seconds. Then the process exits. */
  stopSeconds: 15,
} as const;

/**
 * The name that the engine publishes for a tool: `retry_later` becomes `RetryLater`.
 * The toolkit rule applied twice, which matters only for doubled underscores (arcade-mcp-server 1.26.0).
 */
export function toolNameOf(source: string): string {
  return toolkitNameOf(toolkitNameOf(source));
}

/** The name that the engine publishes for a toolkit: `weather_alerts` becomes `WeatherAlerts` (arcade-mcp-server 1.26.0). */
export function toolkitNameOf(source: string): string {
  const text = source.replaceAll(' ', '_');
  if (text.includes('_')) {
    return text
      .split('_')
      .map((part) => (part === '' ? '_' : capitalised(part)))
      .join('');
  }
  return /^\p{Lu}/u.test(text) ? text : capitalised(text);
}

function capitalised(text: string): string {
  const [first = '', ...rest] = text;
  return first.toUpperCase() + rest.join('').toLowerCase();
}
