type Environment = Readonly<Record<string, string | undefined>>;

/** Whether the standard variables name an exporter or an endpoint and do not disable the SDK (OpenTelemetry 1.x). */
export function isTracingEnabled(environment: Environment): boolean {
  if (environment.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return false;
  if (environment.OTEL_TRACES_EXPORTER === 'none') return false;
  return ['OTEL_TRACES_EXPORTER', ...endpoints].some((name) => Boolean(environment[name]));
}

/**
 * Warns about standard settings that this worker does not support, because spans would otherwise be lost silently.
 * One sentence each, without values.
 */
export function tracingWarnings(environment: Environment): readonly string[] {
  if (!isTracingEnabled(environment)) return [];
  const { OTEL_TRACES_EXPORTER: exporter = '', OTEL_PROPAGATORS: propagators = '' } = environment;
  const warnings: string[] = [];
  if (!['', 'otlp', 'console'].includes(exporter)) {
    warnings.push('OTEL_TRACES_EXPORTER must be otlp, console or none; falling back to otlp');
  }
  for (const name of protocols) {
    // A collector accepts JSON at the same address as protobuf (OTLP 1.x); gRPC has a separate port.
    if (['', 'http/protobuf', 'http/json'].includes(environment[name] ?? '')) continue;
    warnings.push(
      `${name} must be http/json or http/protobuf; spans are sent over HTTP, to port 4318, not gRPC's 4317`,
    );
  }
  for (const name of endpoints) {
    const address = environment[name];
    if (!address || /^https?:\/\/[^/]/i.test(address)) continue;
    warnings.push(`${name} must be a URL that begins with http:// or https://; spans will be lost`);
  }
  if (propagators !== '' && !propagators.split(',').some((name) => name.trim() === 'tracecontext')) {
    warnings.push('OTEL_PROPAGATORS must include tracecontext; only traceparent is read from callers');
  }
  return warnings;
}

const endpoints = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
const protocols = ['OTEL_EXPORTER_OTLP_PROTOCOL', 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'];
