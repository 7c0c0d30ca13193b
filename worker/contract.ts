/**
 * What the outside may rely on: the charts set the variables and open the port, the engine calls the paths, and a
 * rolling restart is planned around the times. Both sides read it from here, so a misspelt name does not compile.
 */
export const contract = {
  /** The port of the tool server, inside the container and on its Service. */
  port: 8000,
  /** The port of metrics and probes of the process itself. The Service does not expose it. */
  operationsPort: 9090,
  /** What is asked there: whether the process lives, whether it should get calls, and what it has counted. */
  operations: { live: '/live', ready: '/ready', metrics: '/metrics' },
  /**
   * What can be read there, each series with its labels: alerts, dashboards and autoscalers name these and no others. The last
   * are of the process (prom-client 15.1).
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
  /** The paths the engine calls; the prefix is fixed (arcade-mcp-server 1.26.0; those of resources 1.32.1). */
  paths: {
    health: '/worker/health',
    tools: '/worker/tools',
    invoke: '/worker/tools/invoke',
    resourcesList: '/worker/resources/list',
    resourcesRead: '/worker/resources/read',
    mcp: '/mcp',
  },
  /** The longest body, in bytes: the engine's own limit on requests by default (arcade-mcp-server 1.26.0). */
  bodyBytes: 4 * 1024 * 1024,
  /** The claims of a token of the engine. `ver` is text (arcade-mcp-server 1.26.0). */
  token: { algorithm: 'HS256', audience: 'worker', version: '1' },
  /** The names of the environment variables that the container sets. */
  env: {
    transport: 'ARCADE_SERVER_TRANSPORT',
    host: 'ARCADE_SERVER_HOST',
    port: 'ARCADE_SERVER_PORT',
    secret: 'ARCADE_WORKER_SECRET',
    /** Accepted beside the secret while a rotation is under way. */
    previousSecret: 'ARCADE_WORKER_SECRET_PREVIOUS',
  },
  /**
   * How long one call of a tool may take, in seconds, and how often a caller may try it again, when the tool does not say
   * otherwise; and the most that it may say, which is the most that an engine takes (its dashboard, seen 2026-06).
   */
  call: { timeoutSeconds: 30, maxTimeoutSeconds: 300, retries: 0, maxRetries: 10 },
  /** How long a person may take to answer one question of a tool, in seconds. The call's own time stops meanwhile. */
  askSeconds: 300,
  /**
   * How many calls in flight one pod of an autoscaler on calls is for: as many bodies of the longest kind take 80 MiB, a
   * third of the memory that pods may use unless the server says otherwise.
   */
  callsPerPod: 20,
  /** How long the worker goes on serving after SIGTERM, until endpoints have noticed, in seconds. */
  drainSeconds: 8,
  /** After the drain, how long calls in flight get before the process exits all the same, in seconds. */
  stopSeconds: 15,
} as const;

/**
 * The name the engine publishes for a tool: `retry_later` becomes `RetryLater`.
 * The rule of the toolkit runs twice, which shows only for doubled underscores (arcade-mcp-server 1.26.0).
 */
export function toolNameOf(source: string): string {
  return toolkitNameOf(toolkitNameOf(source));
}

/** The name the engine publishes for a toolkit: `weather_alerts` becomes `WeatherAlerts` (arcade-mcp-server 1.26.0). */
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
